import type { Random } from '../ports/random.ts';

/** Without characters that look alike (0 O, 1 I L, 2 Z, 5 S, 8 B, U V) in the fonts of phones. */
export const IDENTIFICATION_ALPHABET = '34679ACDEFGHJKMNPQRTWXY';
const LENGTH = 8;

/**
 * 署名対象識別コード: eight characters in two groups, for example `7QKD-WX3N`, the same on our page and in the app, short
 * enough to be compared by eye. Every character is equally likely.
 */
export function makeIdentificationCode(random: Random): string {
  const count = IDENTIFICATION_ALPHABET.length;
  const fair = 256 - (256 % count);
  let code = '';
  while (code.length < LENGTH) {
    for (const octet of random.octets(LENGTH)) {
      if (octet < fair && code.length < LENGTH) code += IDENTIFICATION_ALPHABET.charAt(octet % count);
    }
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
