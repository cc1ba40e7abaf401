/**
 * Characters that JIS tables and Microsoft's CP932 give different Unicode characters for: a trip through the one table
 * and back through the other changes them (JIS X 0221 against Microsoft's mapping).
 */
const PAIRS = [
  ['\u301c', '\uff5e'],
  ['\u2212', '\uff0d'],
  ['\u2016', '\u2225'],
  ['\u2014', '\u2015'],
  ['\u00a2', '\uffe0'],
  ['\u00a3', '\uffe1'],
  ['\u00ac', '\uffe2'],
  ['\u00a6', '\uffe4'],
  ['\u00a5', '\uffe5'],
  ['\u00a5', '\\'],
  ['\u203e', '~'],
] as const;

/** The pairs of which the text holds a member, as maps from what stands there to the other, both ways. */
export function twinsIn(text: string): readonly (readonly [string, string])[] {
  return PAIRS.flatMap(([one, other]) => [
    ...(text.includes(one) ? [[one, other] as const] : []),
    ...(text.includes(other) ? [[other, one] as const] : []),
  ]);
}

/** Replaces single characters in one pass; a character that stands twice on the left takes the first. */
export function replaced(text: string, twins: readonly (readonly [string, string])[]): string {
  const map = new Map([...twins].reverse());
  return text.replace(/[^\0-\x5b\x5d-\x7d]/gu, (character) => map.get(character) ?? character);
}

/** Full-width letters and digits as ASCII, and ASCII as full-width; not the characters of markup. */
export function toHalfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e\u3000]/g, (character) => {
    const ascii = character === '\u3000' ? ' ' : String.fromCharCode(character.charCodeAt(0) - 0xfee0);
    return '<>&"\''.includes(ascii) ? character : ascii;
  });
}

type JapaneseEncoding = 'shift_jis' | 'euc-jp';

const tables = new Map<JapaneseEncoding, ReadonlyMap<string, readonly number[]>>();

/** The text in an encoding of Japan, by the platform's own table read backwards; undefined where it has no place. */
export function encoded(text: string, encoding: JapaneseEncoding): Uint8Array | undefined {
  const table = tableOf(encoding);
  const octets: number[] = [];
  for (const character of text) {
    const found = character < '\x80' ? [character.charCodeAt(0)] : table.get(character);
    if (found === undefined) return undefined;
    for (const octet of found) octets.push(octet);
  }
  return Uint8Array.from(octets);
}

/** The text without what CP932 has not: replaced by what a lossy encoder writes. */
export function lossy(text: string, instead: string): string {
  const table = tableOf('shift_jis');
  return text.replace(/[^\0-\x7f]/gu, (character) => (table.has(character) ? character : instead));
}

function tableOf(encoding: JapaneseEncoding): ReadonlyMap<string, readonly number[]> {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table = new Map<string, readonly number[]>();
  const decoder = new TextDecoder(encoding);
  const learn = (...octets: readonly number[]) => {
    const text = decoder.decode(Uint8Array.from(octets));
    if ([...text].length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, octets);
  };
  for (let first = 0x80; first <= 0xff; first += 1) {
    learn(first);
    for (let second = 0x40; second <= 0xff; second += 1) learn(first, second);
  }
  tables.set(encoding, table);
  return table;
}
