import type { EpochMillis } from '../../core/brand.ts';
import { type DerReader, TAG } from './der.ts';

/** BOOLEAN: FF or 00 only (X.690 section 11.1). */
export function booleanValue(element: DerReader): boolean {
  const octet = element.octet(0);
  if (element.length !== 1 || (octet !== 0x00 && octet !== 0xff)) throw element.invalid('BOOLEAN');
  return octet === 0xff;
}

/** Content octets of an INTEGER in minimal two's complement (X.690 section 8.3.2). */
export function integerOctets(element: DerReader): Uint8Array {
  const first = element.octet(0);
  if (element.length === 0) throw element.invalid('empty INTEGER');
  if (element.length > 1) {
    const second = element.octet(1);
    const padded = (first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80);
    if (padded) throw element.invalid('INTEGER not minimal');
  }
  return element.content;
}

/** Content octets of an INTEGER that is not negative: INTEGER (0..MAX). */
export function unsignedOctets(element: DerReader): Uint8Array {
  const octets = integerOctets(element);
  if ((octets[0] ?? 0) >= 0x80) throw element.invalid('negative INTEGER');
  return octets;
}

/** INTEGER or ENUMERATED from 0 to 2³¹-1. */
export function smallInteger(element: DerReader): number {
  const octets = unsignedOctets(element);
  if (octets.length > 5 || (octets.length === 5 && octets[0] !== 0))
    throw element.invalid('INTEGER too large');
  let value = 0;
  for (const octet of octets) value = value * 256 + octet;
  if (value > 0x7fffffff) throw element.invalid('INTEGER too large');
  return value;
}

/** NULL has no content (X.690 section 8.8). */
export function nullValue(element: DerReader): void {
  if (element.tag !== TAG.null || element.length !== 0) throw element.invalid('NULL');
}

/** OBJECT IDENTIFIER in dotted form (X.690 section 8.19). */
export function oidValue(element: DerReader): string {
  const { length } = element;
  if (length === 0 || element.octet(length - 1) >= 0x80) throw element.invalid('OBJECT IDENTIFIER');
  let dotted = '';
  let arc = 0;
  let arcStart = 0;
  for (let index = 0; index < length; index++) {
    const octet = element.octet(index);
    if (index === arcStart && octet === 0x80) throw element.invalid('OBJECT IDENTIFIER arc not minimal');
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    const text = arc <= Number.MAX_SAFE_INTEGER ? undefined : bigArc(element, arcStart, index);
    dotted = arcStart === 0 ? firstArcs(arc, text) : `${dotted}.${text ?? arc}`;
    arc = 0;
    arcStart = index + 1;
  }
  return dotted;
}

function firstArcs(arc: number, big: string | undefined): string {
  if (big !== undefined) return `2.${BigInt(big) - 80n}`;
  const root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
  return `${root}.${arc - root * 40}`;
}

function bigArc(element: DerReader, from: number, to: number): string {
  if (to - from > 32) throw element.invalid('OBJECT IDENTIFIER arc too long');
  let arc = 0n;
  for (let index = from; index <= to; index++) arc = arc * 128n + BigInt(element.octet(index) & 0x7f);
  return arc.toString();
}

/** BIT STRING of whole octets (signatures, keys). */
export function wholeOctetBits(element: DerReader): Uint8Array {
  if (element.length < 1 || element.octet(0) !== 0) throw element.invalid('BIT STRING of whole octets');
  return element.content.subarray(1);
}

/**
 * BIT STRING with a named bit list: bit n of the result is named bit n (n < 31). Unused bits are zero and
 * trailing zero bits are not encoded (X.690 sections 11.2.1 and 11.2.2).
 */
export function namedBits(element: DerReader): number {
  const unused = element.octet(0);
  const count = element.length - 1;
  if (count < 0 || unused > 7 || (count === 0 && unused !== 0)) throw element.invalid('BIT STRING');
  if (count === 0) return 0;
  if (count > 3) throw element.invalid('named bit list too long');
  const lastUsedBit = (element.octet(count) >> unused) & 1;
  const unusedMask = (1 << unused) - 1;
  if (lastUsedBit === 0 || (element.octet(count) & unusedMask) !== 0)
    throw element.invalid('named bit list not DER');
  let bits = 0;
  for (let bit = 0; bit < count * 8; bit++) {
    if ((element.octet(1 + (bit >> 3)) >> (7 - (bit & 7))) & 1) bits |= 1 << bit;
  }
  return bits;
}

/**
 * UTCTime YYMMDDHHMMSSZ or GeneralizedTime YYYYMMDDHHMMSSZ, without fractions and offsets (RFC 5280 section 4.1.2.5).
 * Years 50 to 99 of UTCTime are 1950 to 1999.
 */
export function timeValue(element: DerReader): EpochMillis {
  if (element.tag === TAG.utcTime && element.length === 13) {
    const year = twoDigits(element, 0);
    return instant(element, year >= 50 ? 1900 + year : 2000 + year, 2);
  }
  if (element.tag === TAG.generalizedTime && element.length === 15) {
    return instant(element, twoDigits(element, 0) * 100 + twoDigits(element, 2), 4);
  }
  throw element.invalid('time');
}

function twoDigits(element: DerReader, index: number): number {
  const tens = element.octet(index) - 0x30;
  const ones = element.octet(index + 1) - 0x30;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw element.invalid('time');
  return tens * 10 + ones;
}

function instant(element: DerReader, year: number, from: number): EpochMillis {
  const month = twoDigits(element, from);
  const day = twoDigits(element, from + 2);
  const hour = twoDigits(element, from + 4);
  const minute = twoDigits(element, from + 6);
  const second = twoDigits(element, from + 8);
  const zulu = element.octet(from + 10) === 0x5a;
  if (!zulu || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59)
    throw element.invalid('time');
  if (day < 1 || day > daysInMonth(year, month)) throw element.invalid('time');
  const millis = Date.UTC(year, month - 1, day, hour, minute, second);
  return (year >= 100 ? millis : shiftYear(millis, year)) as EpochMillis;
}

/** Date.UTC reads years 0 to 99 as 1900 to 1999, so the year is set apart. */
function shiftYear(millis: number, year: number): number {
  const date = new Date(millis);
  date.setUTCFullYear(year, date.getUTCMonth(), date.getUTCDate());
  return date.getTime();
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
