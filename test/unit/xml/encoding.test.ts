import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { refusal } from '../../support/refusal.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const SHIFT_JIS_NAME = '\x8e\x81\x96\xbc';

const NOT_UTF8: Readonly<Record<string, Buffer>> = {
  'lone continuation': latin1('<a>\x80</a>'),
  'cut sequence': latin1('<a>\xe3\x81</a>'),
  'cut at the end': latin1('<a/>\xe3'),
  'overlong slash': latin1('<a>\xc0\xaf</a>'),
  'overlong three octets': latin1('<a>\xe0\x80\xaf</a>'),
  'above U+10FFFF': latin1('<a>\xf4\x90\x80\x80</a>'),
  'octet FE': latin1('<a>\xfe</a>'),
  'octet FF': latin1('<a>\xff</a>'),
  'CESU-8 surrogates': latin1('<a>\xed\xa1\x82\xed\xbe\xb7</a>'),
  'lone surrogate': latin1('<a>\xed\xa0\x80</a>'),
  'UTF-16LE with BOM': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<a/>', 'utf16le')]),
  'UTF-16BE with BOM': Buffer.concat([Buffer.from([0xfe, 0xff]), swapped('<a/>')]),
  'UTF-16LE without BOM': Buffer.from('<a/>', 'utf16le'),
  'UTF-16BE without BOM': swapped('<a/>'),
  'UTF-16LE declared UTF-8': Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a/>', 'utf16le'),
  'UTF-32BE': Buffer.from([0, 0, 0, 0x3c, 0, 0, 0, 0x61, 0, 0, 0, 0x2f, 0, 0, 0, 0x3e]),
  'UTF-32LE': Buffer.from([0x3c, 0, 0, 0, 0x61, 0, 0, 0, 0x2f, 0, 0, 0, 0x3e, 0, 0, 0]),
  'Shift_JIS declared': latin1(`<?xml version="1.0" encoding="Shift_JIS"?><a>${SHIFT_JIS_NAME}</a>`),
  'Shift_JIS undeclared': latin1(`<a>${SHIFT_JIS_NAME}</a>`),
  'Shift_JIS declared over UTF-8': Buffer.from('<?xml version="1.0" encoding="Shift_JIS"?><a>氏名</a>'),
  'EUC-JP undeclared': latin1('<a>\xbb\xe1\xcc\xbe</a>'),
  'ISO-2022-JP undeclared': latin1('<a>\x1b$B;aL>\x1b(B</a>'),
  'UTF-7 declared': latin1('<?xml version="1.0" encoding="UTF-7"?>+ADwAYQAvAD4-'),
  'unknown name': latin1('<?xml version="1.0" encoding="utf8"?><a/>'),
  'empty name': latin1('<?xml version="1.0" encoding=""?><a/>'),
  'BOM with another declaration': Buffer.from('\ufeff<?xml version="1.0" encoding="ISO-8859-1"?><a/>'),
  'document type in UTF-16': Buffer.from('\ufeff<!DOCTYPE a><a/>', 'utf16le'),
};

describe('only UTF-8 is accepted', () => {
  it.each(Object.entries(NOT_UTF8))('%s', (_name, octets) => {
    expect(refusal(() => parseXml(octets)).code).toBe('xml.encoding');
  });

  it('names the first bad octet', () => {
    expect(refusal(() => parseXml(latin1('<a>\nx\xff\xff</a>'))).at).toBe('2:2 (octet 5)');
  });

  it.each(['UTF-8', 'utf-8', 'Utf-8'])('accepts the declaration %s', (name) => {
    expect(
      parseXml(Buffer.from(`<?xml version='1.0' encoding='${name}' standalone='no' ?>\n<a/>`)).root.localName,
    ).toBe('a');
  });

  it('accepts one byte order mark and keeps U+FEFF inside', () => {
    expect(parseXml(Buffer.from('\ufeff<a>\ufeffb</a>')).root.text().value).toBe('\ufeffb');
  });
});

describe('only version 1.0 is accepted', () => {
  it.each(['1.1', '2.0', '1.00', '1'])('%s', (version) => {
    expect(refusal(() => parseXml(Buffer.from(`<?xml version="${version}"?><a>&#1;</a>`))).code).toBe(
      'xml.version',
    );
  });
});
