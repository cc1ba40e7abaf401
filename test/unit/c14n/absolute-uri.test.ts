import { describe, expect, it } from 'vitest';
import { isAbsoluteUri } from '../../../src/core/c14n/absolute-uri.ts';
import { expectUndisputed } from '../../../src/core/c14n/expect-undisputed.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';

describe('isAbsoluteUri', () => {
  it.each([
    ...[
      'urn:example:a',
      'http://www.w3.org/2000/09/xmldsig#',
      'http://xml.e-tax.nta.go.jp/XSD/kyotsu',
      'urn:',
    ],
    ...[
      'tag:a,2005:b',
      'x-y+z.1:a',
      'http://h:80/a?b#c',
      'http://[::1]:80/',
      'http://[v1.a]/',
      'urn:%41',
      'http://u:p@h/',
    ],
    ...['http:///a', 'http://h:2147483647', 'file:///a'],
  ])('takes %s', (name) => {
    expect(isAbsoluteUri(name)).toBe(true);
  });

  it.each([
    ...[
      '',
      'a',
      '/a',
      '//h',
      '1a:b',
      'urn:a b',
      'urn:a\tb',
      'urn:a\\b',
      'urn:a^b',
      'urn:a`b',
      'urn:a{b',
      'urn:a}b',
    ],
    ...[
      'urn:a|b',
      'urn:a%',
      'urn:a%4',
      'urn:a%4g',
      'http://h:',
      'http://h:/',
      'http://h:?q',
      'http://h:8x',
      'http://:',
    ],
    ...[
      'http://h:2147483648',
      'http://a@b@c/',
      'http://[::1',
      'http://[g]/',
      'urn:[a]',
      'urn:a#b#c',
      'urn:あ',
      'urn:<',
    ],
  ])('refuses %s', (name) => {
    expect(isAbsoluteUri(name)).toBe(false);
  });

  it('is linear in what it refuses', () => {
    const long = ['a', 'a:', '%41', '@', '1'].map((piece) => `http://${piece.repeat(200_000)} `);
    for (const name of long) expect(isAbsoluteUri(name)).toBe(false);
  });
});

describe('expectUndisputed', () => {
  const refusal = (text: string): Pick<JitsuinError, 'code' | 'at' | 'message'> => {
    try {
      expectUndisputed(parseXml(Buffer.from(text)), { kind: 'document' });
    } catch (thrown) {
      if (thrown instanceof JitsuinError) return thrown;
    }
    throw new Error('nothing was refused');
  };

  it.each([
    ['namespace-name-uri', `<a>\n <b/><c xmlns:p='urn:a b'/></a>`, '2:6 (octet 9)'],
    ['namespace-name-uri', `<a><b x='xmlns:p="urn:ok"' xmlns='urn:a&#x20;b'/></a>`, '1:4 (octet 3)'],
    ['namespace-name-iri', '<a><b xmlns="urn:様"/></a>', '1:4 (octet 3)'],
    ['namespace-name-markup', '<a><b xmlns="urn:a&amp;b"/></a>', '1:4 (octet 3)'],
    ['fifth-edition-name', '<a>\n<氏名（カナ）/></a>', '2:1 (octet 4)'],
    ['node-after-empty-root', '<a/><!-- x -->', '1:5 (octet 4)'],
  ])('names %s with its place', (construct, text, at) => {
    const { code, message, at: found } = refusal(text);
    expect([code, found]).toEqual(['c14n.disputed-construct', at]);
    expect(message).toContain(construct);
  });

  it('names the full-width name and what it could be', () => {
    expect(refusal('<ＮＡＭＥ/>').message).toMatch(/"ＮＡＭＥ".*U\+FF2E.*"NAME"/s);
  });
});
