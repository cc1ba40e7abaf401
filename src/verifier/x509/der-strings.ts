import { isUtf8 } from 'node:buffer';

import { type DerReader, TAG } from './der.ts';

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** A character string of any type that RFC 5280 allows in names, as text. NUL is refused everywhere. */
export function stringValue(element: DerReader): string {
  switch (element.tag) {
    case TAG.utf8String:
      return utf8Text(element);
    case TAG.printableString:
      return matching(element, PRINTABLE, 'PrintableString');
    case TAG.numericString:
      return matching(element, /^[0-9 ]*$/, 'NumericString');
    case TAG.ia5String:
    case TAG.visibleString:
      return ia5Text(element);
    case TAG.teletexString:
      return withoutNul(element, latin1(element));
    case TAG.bmpString:
      return bmpText(element);
    case TAG.universalString:
      return universalText(element);
    default:
      throw element.invalid('not a character string');
  }
}

/** Content as ASCII, whatever the tag (for IMPLICIT IA5String). */
export function ia5Text(element: DerReader): string {
  if (!isAscii(element)) throw element.invalid('IA5String');
  return latin1(element);
}

function utf8Text(element: DerReader): string {
  if (isAscii(element)) return latin1(element);
  const content = buffer(element);
  if (!isUtf8(content)) throw element.invalid('UTF8String');
  return withoutNul(element, content.toString('utf8'));
}

function matching(element: DerReader, pattern: RegExp, type: string): string {
  const text = latin1(element);
  if (!pattern.test(text)) throw element.invalid(type);
  return text;
}

function bmpText(element: DerReader): string {
  if (element.length % 2 !== 0) throw element.invalid('BMPString');
  let text = '';
  for (let index = 0; index < element.length; index += 2) {
    const unit = element.octet(index) * 256 + element.octet(index + 1);
    if (unit >= 0xd800 && unit <= 0xdfff) throw element.invalid('surrogate in BMPString');
    text += String.fromCharCode(unit);
  }
  return withoutNul(element, text);
}

function universalText(element: DerReader): string {
  if (element.length % 4 !== 0) throw element.invalid('UniversalString');
  let text = '';
  for (let index = 0; index < element.length; index += 4) {
    const high = element.octet(index) * 256 + element.octet(index + 1);
    const point = high * 65536 + element.octet(index + 2) * 256 + element.octet(index + 3);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw element.invalid('UniversalString');
    text += String.fromCodePoint(point);
  }
  return withoutNul(element, text);
}

function withoutNul(element: DerReader, text: string): string {
  if (text.includes('\u0000')) throw element.invalid('NUL in a character string');
  return text;
}

/** ASCII without NUL. */
function isAscii(element: DerReader): boolean {
  for (let index = 0; index < element.length; index++) {
    const octet = element.octet(index);
    if (octet === 0 || octet > 0x7f) return false;
  }
  return true;
}

/** Short strings are put together here: a Buffer for each costs more than the string. */
function latin1(element: DerReader): string {
  if (element.length > 48) return buffer(element).toString('latin1');
  let text = '';
  for (let index = 0; index < element.length; index++) text += String.fromCharCode(element.octet(index));
  return text;
}

function buffer(element: DerReader): Buffer {
  const content = element.content;
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
