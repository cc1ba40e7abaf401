/**
 * The octets that the grammar of XML names. Modules take out what they use at their top: the engine compiles a
 * module's own constants into the code, while an imported name is looked up and checked each time.
 */
export const OCTET = {
  TAB: 0x09,
  LF: 0x0a,
  CR: 0x0d,
  ESC: 0x1b,
  SPACE: 0x20,
  BANG: 0x21,
  QUOT: 0x22,
  HASH: 0x23,
  AMP: 0x26,
  APOS: 0x27,
  HYPHEN: 0x2d,
  SLASH: 0x2f,
  COLON: 0x3a,
  SEMICOLON: 0x3b,
  LT: 0x3c,
  EQUALS: 0x3d,
  GT: 0x3e,
  QUESTION: 0x3f,
  RIGHT_BRACKET: 0x5d,
  LOWER_X: 0x78,
  /** First octet of U+F000 to U+FFFF, where the noncharacters U+FFFE and U+FFFF live. */
  HIGH_PLANE_LEAD: 0xef,
} as const;
const { AMP, APOS, CR, GT, HIGH_PLANE_LEAD, HYPHEN, LF, LT, QUESTION, QUOT, RIGHT_BRACKET, SPACE, TAB } =
  OCTET;

/** Kinds of octets, as bits: at which a run of the given kind must be looked at more closely. */
export const KIND = { TEXT_STOP: 1, VALUE_STOP: 2, COMMENT_STOP: 4, PI_STOP: 8, CDATA_STOP: 16 } as const;
const { TEXT_STOP, VALUE_STOP, COMMENT_STOP, PI_STOP, CDATA_STOP } = KIND;
/** The kind of what can stand in a Name. */
const NAME = 32;
const ANY_STOP = TEXT_STOP | VALUE_STOP | COMMENT_STOP | PI_STOP | CDATA_STOP;

/** One table, never exported: so the engine knows where it lies, and every look-up is two instructions. */
const KINDS = new Uint8Array(256);
for (let octet = 0; octet < 0x20; octet += 1)
  if (octet !== TAB && octet !== LF && octet !== CR) KINDS[octet] = ANY_STOP;
for (const [kind, octets] of [
  [ANY_STOP, [HIGH_PLANE_LEAD, CR]],
  [TEXT_STOP, [LT, AMP, GT]],
  [VALUE_STOP, [LT, AMP, QUOT, APOS, TAB, LF]],
  [COMMENT_STOP, [HYPHEN]],
  [PI_STOP, [QUESTION]],
  [CDATA_STOP, [RIGHT_BRACKET]],
] as const) {
  for (const octet of octets) KINDS[octet] = (KINDS[octet] as number) | kind;
}
for (let octet = 0; octet < 256; octet += 1) {
  const named = octet >= 0x80 || /[A-Za-z0-9_:.-]/.test(String.fromCharCode(octet));
  if (named) KINDS[octet] = (KINDS[octet] as number) | NAME;
}

/** Whether an octet can stand in a Name; what is not ASCII is checked by code point once per distinct name. */
export function isNameOctet(octet: number): boolean {
  return ((KINDS[octet] as number) & NAME) !== 0;
}

/** Whether an octet is one of the kinds given as bits. */
export function isOfKind(octet: number, kinds: number): boolean {
  return ((KINDS[octet] as number) & kinds) !== 0;
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

/**
 * Offset of the first octet at or after `from` that is of the kind, or `end`. Four octets a step: each step has a
 * price of its own.
 */
export function skipPlain(octets: Uint8Array, from: number, end: number, kind: number): number {
  const near = Math.min(end, from + SHORT_RUN) - 3;
  let p = from;
  while (p < near) {
    if (((KINDS[octets[p] as number] as number) & kind) !== 0) return p;
    if (((KINDS[octets[p + 1] as number] as number) & kind) !== 0) return p + 1;
    if (((KINDS[octets[p + 2] as number] as number) & kind) !== 0) return p + 2;
    if (((KINDS[octets[p + 3] as number] as number) & kind) !== 0) return p + 3;
    p += 4;
  }
  return skipLong(octets, p, end, kind);
}

/** Eight octets a step, which is half as fast again on long text and slower on short. */
function skipLong(octets: Uint8Array, from: number, end: number, kind: number): number {
  const last = end - 7;
  let p = from;
  while (
    p < last &&
    (((KINDS[octets[p] as number] as number) |
      (KINDS[octets[p + 1] as number] as number) |
      (KINDS[octets[p + 2] as number] as number) |
      (KINDS[octets[p + 3] as number] as number) |
      (KINDS[octets[p + 4] as number] as number) |
      (KINDS[octets[p + 5] as number] as number) |
      (KINDS[octets[p + 6] as number] as number) |
      (KINDS[octets[p + 7] as number] as number)) &
      kind) ===
      0
  )
    p += 8;
  while (p < end && ((KINDS[octets[p] as number] as number) & kind) === 0) p += 1;
  return p;
}

/** Whether `length` octets from `a` on in one array are those from `b` on in another. */
export function sameOctets(
  first: Uint8Array,
  a: number,
  second: Uint8Array,
  b: number,
  length: number,
): boolean {
  let i = 0;
  for (; i + 3 <= length; i += 3) {
    if (
      first[a + i] !== second[b + i] ||
      first[a + i + 1] !== second[b + i + 1] ||
      first[a + i + 2] !== second[b + i + 2]
    )
      return false;
  }
  for (; i < length; i += 1) if (first[a + i] !== second[b + i]) return false;
  return true;
}

/** Whether these octets are exactly the ASCII text at this place. */
export function startsWith(octets: Uint8Array, at: number, ascii: string): boolean {
  for (let i = 0; i < ascii.length; i += 1) if (octets[at + i] !== ascii.charCodeAt(i)) return false;
  return true;
}
