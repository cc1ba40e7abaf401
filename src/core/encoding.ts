import { JitsuinError } from './errors.ts';

/** Octets → base64 (RFC 4648 section 4) with padding, without line breaks. */
export function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
}

/**
 * Base64 (RFC 4648 section 4) → octets. Strict: padding required, no white space, unused bits zero. Octets have one
 * spelling only, so a text that encoding them gives back needs no other check of its alphabet.
 * @throws JitsuinError `base64.invalid`
 */
export function fromBase64(text: string, at?: string): Uint8Array {
  const octets = canonicalBase64(text);
  if (octets !== undefined) return octets;
  throw new JitsuinError(
    'base64.invalid',
    'Not canonical base64 (RFC 4648 section 4).',
    at === undefined ? {} : { at },
  );
}

/** The same, undefined for any other spelling. */
export function canonicalBase64(text: string): Uint8Array | undefined {
  const octets = Buffer.from(text, 'base64');
  if (octets.toString('base64') !== text) return undefined;
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Octets → base64url (RFC 4648 section 5) without padding. */
export function toBase64Url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64url');
}

/** Base64url (RFC 4648 section 5, unpadded) → octets, strict. @throws JitsuinError `base64.invalid` */
export function fromBase64Url(text: string, at?: string): Uint8Array {
  const octets = Buffer.from(text, 'base64url');
  if (octets.toString('base64url') !== text) {
    throw new JitsuinError(
      'base64.invalid',
      'Not canonical base64url (RFC 4648 section 5).',
      at === undefined ? {} : { at },
    );
  }
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}

/**
 * The parts of a compact serialization (RFC 7515 section 7.1, RFC 7516 section 7.1), each in the one spelling that
 * its octets have. Libraries decode base64url leniently (white space, padding, unused bits), so that one token
 * would have many texts.
 * @param count 3 for a JWS, 5 for a JWE
 * @throws JitsuinError `base64.invalid` for another number of parts or any other spelling
 */
export function compactParts(text: string, count: 3 | 5, at?: string): readonly string[] {
  const parts = text.split('.', count + 1);
  if (parts.length !== count) {
    throw new JitsuinError(
      'base64.invalid',
      `A compact serialization has ${count} parts here.`,
      at === undefined ? {} : { at },
    );
  }
  for (const part of parts) fromBase64Url(part, at);
  return parts;
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** String → UTF-8 octets. */
export function toUtf8(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

/** UTF-8 octets → string, fatal on any ill-formed sequence; a BOM is kept. @throws JitsuinError `xml.encoding` */
export function fromUtf8(octets: Uint8Array): string {
  try {
    return utf8Decoder.decode(octets);
  } catch (cause) {
    throw new JitsuinError('xml.encoding', 'Not well-formed UTF-8.', { cause });
  }
}

/** Octets → lower-case hexadecimal. */
export function toHex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex');
}
