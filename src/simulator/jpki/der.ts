import * as asn1js from 'asn1js';

/** A value that asn1js encodes as DER. */
export type Der = asn1js.BaseBlock;

export function sequence(...value: Der[]): Der {
  return new asn1js.Sequence({ value });
}

/** SET OF, its members in DER order (X.690 section 11.6). */
export function setOf(...members: Der[]): Der {
  const value = [...members].sort((a, b) => Buffer.compare(encode(a), encode(b)));
  return new asn1js.Set({ value });
}

export function oid(value: string): Der {
  return new asn1js.ObjectIdentifier({ value });
}

export function integer(value: bigint | number): Der {
  return asn1js.Integer.fromBigInt(BigInt(value));
}

export function enumerated(value: number): Der {
  return new asn1js.Enumerated({ value });
}

export function boolean(value: boolean): Der {
  return new asn1js.Boolean({ value });
}

export function nil(): Der {
  return new asn1js.Null();
}

export function octetString(valueHex: Uint8Array): Der {
  return new asn1js.OctetString({ valueHex: copy(valueHex) });
}

export function bitString(valueHex: Uint8Array, unusedBits = 0): Der {
  return new asn1js.BitString({ valueHex: copy(valueHex), unusedBits });
}

export function utf8String(value: string): Der {
  return new asn1js.Utf8String({ value });
}

export function printableString(value: string): Der {
  return new asn1js.PrintableString({ value });
}

export function ia5String(value: string): Der {
  return new asn1js.IA5String({ value });
}

export function generalizedTime(epochMillis: number): Der {
  return new asn1js.GeneralizedTime({ valueDate: new Date(Math.floor(epochMillis / 1000) * 1000) });
}

/** UTCTime before 2050, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
export function time(epochMillis: number): Der {
  const valueDate = new Date(Math.floor(epochMillis / 1000) * 1000);
  return valueDate.getUTCFullYear() < 2050
    ? new asn1js.UTCTime({ valueDate })
    : new asn1js.GeneralizedTime({ valueDate });
}

/** `[tag]` around whole values: EXPLICIT, or IMPLICIT of a constructed type whose members are given. */
export function context(tagNumber: number, ...value: Der[]): Der {
  return new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber }, value });
}

/** `[tag] IMPLICIT` of a primitive type with these content octets. */
export function contextPrimitive(tagNumber: number, content: Uint8Array = new Uint8Array()): Der {
  return new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber }, valueHex: copy(content) });
}

export function encode(value: Der): Buffer {
  return Buffer.from(value.toBER());
}

/** Already encoded octets as a value to put into another. */
export function decode(octets: Uint8Array): Der {
  const parsed = asn1js.fromBER(copy(octets));
  if (parsed.offset === -1) throw new TypeError(`Not DER: ${parsed.result.error}`);
  return parsed.result;
}

// A Buffer may be a window into a shared pool; asn1js wants the octets alone.
function copy(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets);
}
