import { describe, expect, it } from 'vitest';
import { C14N_1_0 } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { copyOctets } from '../../../src/core/xml/octet-buffer.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';

/** The canonical form, or the code of the refusal. */
function canonical(document: string): string {
  try {
    const parsed = parseXml(toUtf8(document));
    return fromUtf8(canonicalOctets(parsed, { kind: 'document' }, { algorithm: C14N_1_0 }));
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : String(thrown);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };
/** Canonical spelling of a character in text and in an attribute (Canonical XML 1.0 section 2.3). */
const IN_TEXT: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '\r': '&#xD;' };
const IN_VALUE: Readonly<Record<string, string>> = {
  ...{ '<': '&lt;', '&': '&amp;', '"': '&quot;' },
  ...{ '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;' },
};

describe('a reference to a predefined entity', () => {
  it.each(Object.entries(ENTITIES))('&%s; is its character, in text and value', (name, character) => {
    expect(canonical(`<a b="&${name};">&${name};</a>`)).toBe(
      `<a b="${IN_VALUE[character] ?? character}">${IN_TEXT[character] ?? character}</a>`,
    );
  });

  it.each(Object.keys(ENTITIES))(
    '&%s; with any one character otherwise, left out or doubled is none',
    (name) => {
      const written = `${name};`;
      const wrong = [...written].flatMap((character, at) => [
        `${written.slice(0, at)}x${written.slice(at + 1)}`,
        `${written.slice(0, at)}${character.toUpperCase() === character ? '#' : character.toUpperCase()}${written.slice(at + 1)}`,
        `${written.slice(0, at)}${written.slice(at + 1)}`,
        `${written.slice(0, at)}${character}${written.slice(at)}`,
      ]);
      for (const reference of wrong.filter((one) => !Object.hasOwn(ENTITIES, one.replace(/;$/, '')))) {
        // "&amp;;" is the entity and a semicolon
        const expected = reference === `${name};;` ? /^<a/ : /^xml\.not-well-formed$/;
        expect([reference, canonical(`<a>&${reference} </a>`)]).toEqual([
          reference,
          expect.stringMatching(expected),
        ]);
        expect([reference, canonical(`<a b="&${reference} "/>`)]).toEqual([
          reference,
          expect.stringMatching(expected),
        ]);
      }
    },
  );
});

describe('a character written as a number', () => {
  const SPELLINGS = (code: number) => {
    const hex = code.toString(16);
    return [
      `&#${code};`,
      `&#0${code};`,
      `&#x${hex};`,
      `&#x${hex.toUpperCase()};`,
      `&#x0${hex};`,
      `&#x00${hex.toUpperCase()};`,
    ];
  };

  it.each([0x9, 0xa, 0xd, 0x20, 0x22, 0x26, 0x27, 0x3c, 0x3e, 0x41, 0x99, 0xa9, 0xdd, 0x3042, 0x20bb7])(
    'U+%s: one canonical spelling, however it was written',
    (code) => {
      const character = String.fromCodePoint(code);
      for (const spelling of SPELLINGS(code))
        expect([spelling, canonical(`<a b="${spelling}">${spelling}</a>`)]).toEqual([
          spelling,
          `<a b="${IN_VALUE[character] ?? character}">${IN_TEXT[character] ?? character}</a>`,
        ]);
    },
  );
});

describe('a namespace name with markup in it', () => {
  it.each([
    ['&amp;', '&amp;'],
    ['&lt;', '&lt;'],
    ['&quot;', '&quot;'],
    ['&gt;', '>'],
    ['&apos;', "'"],
  ])('urn:x-a%sb is written anew, and one without is left', (written, spelled) => {
    const parsed = parseXml(toUtf8(`<p:a xmlns:p='urn:x-a${written}b' xmlns:q='urn:q'><q:c/></p:a>`));
    const octets = canonicalOctets(parsed, { kind: 'document' }, { algorithm: C14N_1_0 });
    expect(fromUtf8(octets)).toBe(`<p:a xmlns:p="urn:x-a${spelled}b" xmlns:q="urn:q"><q:c></q:c></p:a>`);
  });
});

describe('an escape sequence of ISO-2022-JP is named, and nothing else is taken for one', () => {
  it.each([
    ['\u001b$B', 'xml.encoding'],
    ['\u001b(J', 'xml.encoding'],
    ['\u001bA', 'xml.not-well-formed'],
    ['\u0001$B', 'xml.not-well-formed'],
    ['\u0001(J', 'xml.not-well-formed'],
    ['\u001a$', 'xml.not-well-formed'],
  ])('%j', (text, code) => {
    expect(canonical(`<a>${text}</a>`)).toBe(code);
  });
});

describe('octets are copied to the last and none further', () => {
  it.each([0, 1, 2, 63, 64, 65, 66, 200])('%i of them', (length) => {
    const source = Uint8Array.from({ length: length + 3 }, (_, at) => (at % 250) + 1);
    const target = new Uint8Array(length + 4);
    copyOctets(source, 1, 1 + length, target, 2);
    expect([...target]).toEqual([0, 0, ...source.subarray(1, 1 + length), 0, 0]);
  });
});
