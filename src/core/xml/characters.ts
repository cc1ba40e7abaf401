/** Name start characters above ASCII, XML 1.0 fifth edition production [4]. */
const NAME_START_RANGES: readonly (readonly [number, number])[] = [
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0x2ff],
  [0x370, 0x37d],
  [0x37f, 0x1fff],
  [0x200c, 0x200d],
  [0x2070, 0x218f],
  [0x2c00, 0x2fef],
  [0x3001, 0xd7ff],
  [0xf900, 0xfdcf],
  [0xfdf0, 0xfffd],
  [0x10000, 0xeffff],
];

function inRanges(codePoint: number, ranges: readonly (readonly [number, number])[]): boolean {
  return ranges.some(([first, last]) => codePoint >= first && codePoint <= last);
}

/** Production [4] without the colon (Namespaces in XML, NCName). */
function isNameStart(codePoint: number): boolean {
  if (codePoint >= 0x3001 && codePoint <= 0xd7ff) return true; // kana, kanji, hangul: the usual case by far
  if (codePoint < 0x80)
    return (codePoint | 0x20) >= 0x61 && (codePoint | 0x20) <= 0x7a ? true : codePoint === 0x5f;
  return inRanges(codePoint, NAME_START_RANGES);
}

/** Production [4a] without the colon. */
function isNameCharacter(codePoint: number): boolean {
  if (isNameStart(codePoint)) return true;
  if (codePoint < 0x80)
    return codePoint === 0x2d || codePoint === 0x2e || (codePoint >= 0x30 && codePoint <= 0x39);
  return (
    codePoint === 0xb7 ||
    inRanges(codePoint, [
      [0x300, 0x36f],
      [0x203f, 0x2040],
    ])
  );
}

/** Whether well-formed UTF-8 from `from` to `to` is an NCName of the fifth edition. */
export function isNcNameUtf8(octets: Uint8Array, from: number, to: number): boolean {
  for (let p = from; p < to; p += lengthOfCharacter(octets[p] as number)) {
    const codePoint = codePointAt(octets, p);
    if (!(p === from ? isNameStart(codePoint) : isNameCharacter(codePoint))) return false;
  }
  return to > from;
}

/** Octets of the character in well-formed UTF-8 that begins with this one. */
export function lengthOfCharacter(lead: number): number {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Code point of the character in well-formed UTF-8 that begins at this offset. */
export function codePointAt(octets: Uint8Array, at: number): number {
  const lead = octets[at] as number;
  const length = lengthOfCharacter(lead);
  let codePoint = length === 1 ? lead : lead & (0xff >> (length + 1));
  for (let p = at + 1; p < at + length; p += 1) codePoint = (codePoint << 6) | ((octets[p] as number) & 0x3f);
  return codePoint;
}

/** Whether a text is an NCName of the fifth edition. */
export function isNcName(text: string): boolean {
  let first = true;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    if (!(first ? isNameStart(codePoint) : isNameCharacter(codePoint))) return false;
    first = false;
  }
  return !first;
}

/** Production [2] Char. */
export function isCharacter(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x09 || codePoint === 0x0a || codePoint === 0x0d;
  if (codePoint <= 0xd7ff) return true;
  return (codePoint >= 0xe000 && codePoint <= 0xfffd) || (codePoint >= 0x10000 && codePoint <= 0x10ffff);
}
