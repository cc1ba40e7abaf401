/** The octets that the grammar of XML names. */
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const ESC = 0x1b;
export const SPACE = 0x20;
export const BANG = 0x21;
export const QUOT = 0x22;
export const HASH = 0x23;
export const AMP = 0x26;
export const APOS = 0x27;
export const HYPHEN = 0x2d;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const LT = 0x3c;
export const EQUALS = 0x3d;
export const GT = 0x3e;
export const QUESTION = 0x3f;
export const LEFT_BRACKET = 0x5b;
export const RIGHT_BRACKET = 0x5d;
export const LOWER_X = 0x78;
/** First octet of U+F000 to U+FFFF, where the noncharacters U+FFFE and U+FFFF live. */
export const HIGH_PLANE_LEAD = 0xef;

const CONTROLS = [...Array(0x20).keys()].filter((octet) => octet !== TAB && octet !== LF && octet !== CR);
const ALWAYS = [...CONTROLS, HIGH_PLANE_LEAD];

/** A table with 1 for every octet at which a run of the given kind must be looked at more closely. */
function stops(...octets: number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const octet of [...ALWAYS, ...octets]) table[octet] = 1;
  return table;
}

export const TEXT_STOPS = stops(LT, AMP, GT, CR);
export const VALUE_STOPS = stops(LT, AMP, QUOT, APOS, TAB, LF, CR);
export const COMMENT_STOPS = stops(HYPHEN, CR);
export const PI_STOPS = stops(QUESTION, CR);
export const CDATA_STOPS = stops(RIGHT_BRACKET, CR);

/** 1 for octets that can stand in a Name; what is not ASCII is checked by code point once per distinct name. */
export const NAME_OCTETS = new Uint8Array(256);
for (let octet = 0; octet < 256; octet += 1) {
  NAME_OCTETS[octet] = octet >= 0x80 || /[A-Za-z0-9_:.-]/.test(String.fromCharCode(octet)) ? 1 : 0;
}

export function isWhiteSpace(octet: number | undefined): boolean {
  return octet === SPACE || octet === LF || octet === TAB || octet === CR;
}

/** Offset of the first octet at or after `from` that is not white space. */
export function skipWhiteSpace(octets: Uint8Array, from: number, end: number): number {
  let p = from;
  while (p < end && isWhiteSpace(octets[p])) p += 1;
  return p;
}

const SHORT_RUN = 24;

/** Offset of the first octet at or after `from` for which the table says to stop, or `end`. */
export function skipPlain(octets: Uint8Array, from: number, end: number, table: Uint8Array): number {
  const near = Math.min(end, from + SHORT_RUN);
  for (let p = from; p < near; p += 1) if (table[octets[p] as number] !== 0) return p;
  return skipLong(octets, near, end, table);
}

/** Eight octets a step, which is half as fast again on long text and slower on short. */
function skipLong(octets: Uint8Array, from: number, end: number, table: Uint8Array): number {
  const last = end - 7;
  let p = from;
  while (
    p < last &&
    ((table[octets[p] as number] as number) |
      (table[octets[p + 1] as number] as number) |
      (table[octets[p + 2] as number] as number) |
      (table[octets[p + 3] as number] as number) |
      (table[octets[p + 4] as number] as number) |
      (table[octets[p + 5] as number] as number) |
      (table[octets[p + 6] as number] as number) |
      (table[octets[p + 7] as number] as number)) ===
      0
  )
    p += 8;
  while (p < end && table[octets[p] as number] === 0) p += 1;
  return p;
}

/** Whether these octets are exactly the ASCII text at this place. */
export function startsWith(octets: Uint8Array, at: number, ascii: string): boolean {
  for (let i = 0; i < ascii.length; i += 1) if (octets[at + i] !== ascii.charCodeAt(i)) return false;
  return true;
}
