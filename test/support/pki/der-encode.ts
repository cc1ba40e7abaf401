import { contextConstructed, contextPrimitive, TAG } from '../../../src/verifier/x509/der.ts';
import { encodeDer, encodeOid } from '../../../src/verifier/x509/der-writer.ts';

export { contextConstructed, contextPrimitive, encodeDer, encodeOid, TAG };

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

export const sequence = (...parts: readonly Uint8Array[]) => encodeDer(TAG.sequence, ...parts);
export const octetString = (content: Uint8Array) => encodeDer(TAG.octetString, content);
export const bitString = (content: Uint8Array) => encodeDer(TAG.bitString, Uint8Array.of(0), content);
export const boolean = (value: boolean) => encodeDer(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
export const nullElement = () => encodeDer(TAG.null);
export const utf8 = (text: string) => encodeDer(TAG.utf8String, ascii(text));
export const printable = (text: string) => encodeDer(TAG.printableString, ascii(text));
export const ia5 = (text: string) => encodeDer(TAG.ia5String, ascii(text));
export const bmp = (text: string) => encodeDer(TAG.bmpString, Buffer.from(text, 'utf16le').swap16());

/** INTEGER of a number, or of content octets as they are. */
export function integer(value: number | bigint | Uint8Array): Uint8Array {
  return encodeDer(TAG.integer, value instanceof Uint8Array ? value : integerContent(BigInt(value)));
}

/** Minimal two's complement of a non-negative number. */
export function integerContent(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (octets[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets;
}

export const enumerated = (value: number) => encodeDer(TAG.enumerated, Uint8Array.of(value));

/** UTCTime to 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). */
export function time(instant: number): Uint8Array {
  const text = new Date(instant).toISOString().replace(/[-:T]|\.\d+/g, '');
  const utc = Number(text.slice(0, 4)) < 2050;
  return encodeDer(utc ? TAG.utcTime : TAG.generalizedTime, ascii(utc ? text.slice(2) : text));
}

export function generalizedTime(instant: number): Uint8Array {
  return encodeDer(TAG.generalizedTime, ascii(new Date(instant).toISOString().replace(/[-:T]|\.\d+/g, '')));
}

/** Named bit list by bit numbers, without trailing zero bits. */
export function namedBitContent(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return Uint8Array.of(0);
  const last = Math.max(...bits);
  const octets = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return Uint8Array.of(7 - (last & 7), ...octets);
}

const ATTRIBUTE_TYPES: Readonly<Record<string, string>> = {
  C: '2.5.4.6',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  E: '1.2.840.113549.1.9.1',
};

/** `C=JP` with the string type that JPKI uses: PrintableString for C, IA5String for E, UTF8String otherwise. */
export type NameSpec = readonly string[];

/** DER Name from `['C=JP', 'O=JPKI', …]`, one attribute an RDN. */
export function name(...spec: NameSpec): Uint8Array {
  return sequence(...spec.map(rdn));
}

export function rdn(attribute: string): Uint8Array {
  const [type = '', ...rest] = attribute.split('=');
  const value = rest.join('=');
  const encode = type === 'C' ? printable : type === 'E' ? ia5 : utf8;
  return encodeDer(TAG.set, sequence(encodeOid(ATTRIBUTE_TYPES[type] ?? type), encode(value)));
}

/** GeneralName CHOICE members. */
export const generalName = {
  otherName: (oid: string, value: Uint8Array) =>
    encodeDer(contextConstructed(0), encodeOid(oid), encodeDer(contextConstructed(0), value)),
  email: (text: string) => encodeDer(contextPrimitive(1), ascii(text)),
  dns: (text: string) => encodeDer(contextPrimitive(2), ascii(text)),
  directory: (der: Uint8Array) => encodeDer(contextConstructed(4), der),
  uri: (text: string) => encodeDer(contextPrimitive(6), ascii(text)),
  ip: (...octets: readonly number[]) => encodeDer(contextPrimitive(7), Uint8Array.from(octets)),
};
