import { describe, expect, it } from 'vitest';
import { EXC_C14N } from '../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../src/core/c14n/canonicalize.ts';
import type { XmlLimits } from '../../src/core/xml/limits.ts';
import { parseXml } from '../../src/core/xml/parse.ts';

const MOST_MILLISECONDS = 1000;
const numbers = (count: number): number[] => [...Array(count).keys()];

/** Verdict (a code, or `accepted`) of parsing and canonicalizing, and the processor time of it (others share the machine). */
function judge(text: string, limits?: Partial<XmlLimits>): { verdict: string; milliseconds: number } {
  const octets = Buffer.from(text);
  const begin = process.cpuUsage();
  let verdict = 'accepted';
  try {
    const document = parseXml(octets, limits);
    canonicalOctets(document, { kind: 'document' }, { algorithm: EXC_C14N });
  } catch (error) {
    verdict = (error as { code?: string }).code ?? String(error);
  }
  return { verdict, milliseconds: process.cpuUsage(begin).user / 1000 };
}

const VOLUMES: readonly (readonly [string, string, () => string])[] = [
  ['depth 5,000', 'xml.limit', () => '<a>'.repeat(5000) + '</a>'.repeat(5000)],
  ['depth 100,000', 'xml.limit', () => '<a>'.repeat(100_000) + '</a>'.repeat(100_000)],
  ['unclosed 300,000', 'xml.limit', () => '<a>'.repeat(300_000)],
  [
    '50,000 attributes',
    'xml.limit',
    () =>
      `<a ${numbers(50_000)
        .map((n) => `b${n}=""`)
        .join(' ')}/>`,
  ],
  [
    '5,000 declarations on one element',
    'xml.limit',
    () =>
      `<a ${numbers(5000)
        .map((n) => `xmlns:b${n}="urn:${n}"`)
        .join(' ')}/>`,
  ],
  [
    '2,000 nested declarations',
    'xml.limit',
    () =>
      numbers(2000)
        .map((n) => `<a xmlns:b${n}="urn:${n}">`)
        .join(''),
  ],
  [
    '250 nested declarations used by 10,000 children',
    'accepted',
    () =>
      `${numbers(250)
        .map((n) => `<a xmlns:b${n}="urn:${n}">`)
        .join('')}${'<b1:x b2:y="" b3:z=""/>'.repeat(10_000)}${'</a>'.repeat(250)}`,
  ],
  ['400,000 siblings', 'accepted', () => `<r>${'<a/>'.repeat(200_000)}</r>`],
  ['50,000 CDATA sections', 'accepted', () => `<r>${'<![CDATA[x]]>'.repeat(50_000)}</r>`],
  ['150,000 references', 'accepted', () => `<r>${'&gt;'.repeat(150_000)}&#x41;</r>`],
  ['900 KB of <', 'xml.not-well-formed', () => '<'.repeat(900_000)],
  ['900 KB of < in the root', 'xml.not-well-formed', () => `<a>${'<'.repeat(900_000)}`],
  ['open quotes', 'xml.not-well-formed', () => '<a b="'.repeat(150_000)],
  ['question marks', 'xml.not-well-formed', () => `<a><?p ${'?'.repeat(900_000)}`],
  ['hyphens', 'xml.not-well-formed', () => `<a><!-- ${'- '.repeat(450_000)}`],
  ['brackets', 'xml.not-well-formed', () => `<a><![CDATA[${']'.repeat(900_000)}`],
  ['a reference with 900,000 zeros', 'accepted', () => `<a>&#${'0'.repeat(900_000)}65;</a>`],
  ['a reference with 900,000 nines', 'xml.not-well-formed', () => `<a>&#${'9'.repeat(900_000)};</a>`],
  ['a reference that never ends', 'xml.not-well-formed', () => `<a>&#${'1'.repeat(900_000)}`],
  ['a name of 900 KB', 'xml.limit', () => `<${'a'.repeat(900_000)}/>`],
  ['an attribute of 900 KB', 'accepted', () => `<a b='${'"'.repeat(900_000)}'/>`],
  ['a comment of 900 KB', 'accepted', () => `<a><!--${'\r'.repeat(900_000)}--></a>`],
  ['a text of 900 KB', 'accepted', () => `<a>${'>'.repeat(900_000)}</a>`],
  ['a namespace name of 900 KB', 'xml.limit', () => `<a xmlns="urn:${'a'.repeat(900_000)}"/>`],
  [
    '100,000 distinct names',
    'accepted',
    () =>
      `<r>${numbers(100_000)
        .map((n) => `<a${n}/>`)
        .join('')}</r>`,
  ],
  [
    '256 attributes in reverse order, again and again',
    'accepted',
    () =>
      `<r>${`<a ${numbers(256)
        .reverse()
        .map((n) => `b${1000 + n}=""`)
        .join(' ')}/>`.repeat(400)}</r>`,
  ],
  [
    '64 long namespaces in reverse order, again and again',
    'accepted',
    () =>
      `<r ${numbers(64)
        .map((n) => `xmlns:p${n}="urn:${'x'.repeat(900)}${n}"`)
        .join(' ')}>${`<a ${numbers(64)
        .reverse()
        .map((n) => `p${n}:b=""`)
        .join(' ')}/>`.repeat(1000)}</r>`,
  ],
];

describe('no input under 1 MB costs more than a second', () => {
  it.each(VOLUMES)('%s: %s', (_name, expected, make) => {
    const text = make();
    expect(Buffer.byteLength(text)).toBeLessThan(1_300_000);
    const { verdict, milliseconds } = judge(text);
    expect(verdict).toBe(expected);
    expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
  });

  it('names crafted to collide in the hash of the name table cost no more', () => {
    const { verdict, milliseconds } = judge(
      `<r>${collidingNames(40_000)
        .map((name) => `<${name}/>`)
        .join('')}</r>`,
    );
    expect(verdict).toBe('accepted');
    expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
  });
});

/** Names of three letters and more whose FNV-style hashes fall on few slots, found by search. */
function collidingNames(count: number): string[] {
  const names: string[] = [];
  for (let n = 0; names.length < count && n < 8_000_000; n += 1) {
    const name = `a${n.toString(36)}`;
    let hash = 0;
    for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    if (((hash ^ (hash >>> 15)) & 0x3f) === 0) names.push(name);
  }
  return names;
}
