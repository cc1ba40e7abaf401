/** Columns of a terminal that every text of ours keeps to. */
const WIDTH = 120;
/** What takes two columns: East Asian wide and full-width characters that our texts have. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u;
/** Words, blanks, and single wide characters with what may not begin (、。) or end (（) a line. */
const UNITS = new RegExp(
  `\\s+|[（「『［]*(?:${WIDE.source}|[^\\s${WIDE.source.slice(1, -1)}]+)[、。，．：；）」』］？！ー々っゃゅょッャュョ…]*`,
  'gu',
);

/** Columns that a text takes on a terminal. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

/** A text in lines of at most 120 columns, the later ones indented. `taken`: what of the first line is taken. */
export function wrapped(text: string, indent: string, taken = 0): string {
  let column = taken;
  let lines = '';
  let blank = '';
  for (const [unit] of text.matchAll(UNITS)) {
    if (unit.trim() === '') {
      blank = ' ';
      continue;
    }
    const columns = columnsOf(unit);
    const first = lines === '';
    if (!first && column + blank.length + columns > WIDTH) {
      lines += `\n${indent}${unit}`;
      column = indent.length + columns;
    } else {
      lines += first ? unit : `${blank}${unit}`;
      column += columns + (first ? 0 : blank.length);
    }
    blank = '';
  }
  return lines;
}

/** Paragraphs, and items of a list, in lines of our width, however the source breaks them. */
export function paragraphs(text: string): string {
  const parts = text.split(/\n(?=\n|- )/);
  return parts
    .map((part) => (part.startsWith('\n') ? `\n${filled(part.slice(1))}` : filled(part)))
    .join('\n');
}

function filled(part: string): string {
  return wrapped(part, part.startsWith('- ') ? '  ' : '');
}
