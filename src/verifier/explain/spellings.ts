import { canonicalBase64, fromUtf8, toBase64, toHex } from '../../core/encoding.ts';

/** Octets that somebody wrote for a hash or a value, with what was done otherwise on the way. */
export interface Spelled {
  readonly octets: Uint8Array;
  /** Empty for the usual spelling. */
  readonly causes: readonly Step[];
}

export interface Step {
  readonly cause: string;
  readonly explanation: string;
}

const DEEPEST = 3;

/**
 * What a text of an element that should be base64 may spell: its octets, and what these spell again where they are
 * text themselves (hexadecimal or base64 once more).
 */
export function spelledBy(text: string): readonly Spelled[] {
  const plain = text.replace(/[\t\n\r ]/g, '');
  const found: Spelled[] = [];
  const octets = canonicalBase64(plain);
  if (octets !== undefined) {
    found.push({ octets, causes: [] });
    for (const inner of spelledInside(octets)) found.push(inner);
  }
  const url = base64UrlOf(plain);
  if (url !== undefined)
    found.push({ octets: url, causes: [{ cause: 'base64url', explanation: 'written in base64url' }] });
  const unpadded = canonicalBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, '='));
  if (octets === undefined && unpadded !== undefined)
    found.push({
      octets: unpadded,
      causes: [{ cause: 'base64-unpadded', explanation: 'written without =' }],
    });
  for (const each of hexOf(plain)) found.push(each);
  return found;
}

/** What octets spell that are text themselves. */
export function spelledInside(octets: Uint8Array, depth = 0): readonly Spelled[] {
  if (depth === DEEPEST || octets.length > 4096) return [];
  const text = asciiOf(octets);
  if (text === undefined) return [];
  const base64 = canonicalBase64(text);
  const once: Spelled[] = [...hexOf(text)];
  if (base64 !== undefined && text !== '')
    once.push({
      octets: base64,
      causes: [{ cause: 'base64-twice', explanation: 'written in base64 once more' }],
    });
  return once.flatMap((each) => [
    each,
    ...spelledInside(each.octets, depth + 1).map((inner) => ({
      octets: inner.octets,
      causes: [...each.causes, ...inner.causes],
    })),
  ]);
}

function hexOf(text: string): readonly Spelled[] {
  if (text === '' || !/^(?:[0-9a-f]{2})+$/i.test(text)) return [];
  const octets = new Uint8Array(Buffer.from(text, 'hex'));
  return [{ octets, causes: [{ cause: 'hexadecimal', explanation: 'written in hexadecimal' }] }];
}

function base64UrlOf(text: string): Uint8Array | undefined {
  if (!/[-_]/.test(text)) return undefined;
  const octets = Buffer.from(text, 'base64url');
  return octets.toString('base64url') === text.replace(/=+$/, '') ? new Uint8Array(octets) : undefined;
}

function asciiOf(octets: Uint8Array): string | undefined {
  return octets.every((octet) => octet > 0x20 && octet < 0x7f) ? fromUtf8(octets) : undefined;
}

/** What stands for a hash where a step between hash and card hashes it once more. */
export function hashedAgain(
  digest: Uint8Array,
  digestInfo: Uint8Array,
): readonly (Step & { octets: Uint8Array })[] {
  const text = (value: string) => new Uint8Array(Buffer.from(value));
  return [
    step('hashed-twice', 'hashed once more (mode digest instead of digest-info does that)', digest),
    step('digest-info-hashed', 'as DigestInfo hashed once more', digestInfo),
    step('hexadecimal-hashed', 'as hexadecimal text hashed once more', text(toHex(digest))),
    step(
      'hexadecimal-upper-hashed',
      'as upper-case hexadecimal text hashed once more',
      text(toHex(digest).toUpperCase()),
    ),
    step('base64-hashed', 'as base64 text hashed once more', text(toBase64(digest))),
    step('data-hashed', 'as the base64 text of DigestInfo hashed once more', text(toBase64(digestInfo))),
    step(
      'digest-info-hexadecimal-hashed',
      'as the hexadecimal text of DigestInfo hashed once more',
      text(toHex(digestInfo)),
    ),
  ];
}

function step(cause: string, explanation: string, octets: Uint8Array): Step & { octets: Uint8Array } {
  return { cause, explanation, octets };
}
