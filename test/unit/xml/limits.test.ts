import { describe, expect, it } from 'vitest';
import { EXC_C14N } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { DEFAULT_XML_LIMITS, type XmlLimits } from '../../../src/core/xml/limits.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { refusal } from '../../support/refusal.ts';

/** A code, or `accepted`: what parsing and canonicalizing say. */
function judge(text: string, limits?: Partial<XmlLimits>): string {
  try {
    const document = parseXml(Buffer.from(text), limits);
    canonicalOctets(document, { kind: 'document' }, { algorithm: EXC_C14N });
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('limits can be lowered, not raised', () => {
  it.each([
    ['depth', 2, '<a><b/></a>', '<a><b><c/></b></a>'],
    ['elements', 2, '<a><b/></a>', '<a><b/><c/></a>'],
    ['attributes', 1, '<a b="" xmlns="urn:a"/>', '<a b="" c=""/>'],
    ['declarations', 1, '<a b="" xmlns="urn:a"/>', '<a xmlns="urn:a" xmlns:p="urn:p"/>'],
    [
      'declarationsInScope',
      1,
      '<a><b xmlns="urn:b"/><c xmlns="urn:c"/></a>',
      '<a xmlns:p="urn:p"><b xmlns="urn:b"/></a>',
    ],
    ['nameLength', 6, '<氏名/>', '<氏名x/>'],
    ['nameLength', 6, '<a xmlns="urn:ab"/>', '<a xmlns="urn:abc"/>'],
    // The reserved names '', xml and xmlns count.
    ['distinctNames', 5, '<a b=""><a b=""/></a>', '<a b=""><c/></a>'],
  ] as const)('%s', (limit, value, good, bad) => {
    expect(judge(good, { [limit]: value })).toBe('accepted');
    expect(judge(bad, { [limit]: value })).toBe('xml.limit');
  });

  it('counts octets of the document', () => {
    expect(judge('<a/>', { size: 4 })).toBe('accepted');
    expect(judge('<ab/>', { size: 4 })).toBe('xml.size');
  });

  it.each([DEFAULT_XML_LIMITS.depth + 1, 0, 1.5, Number.NaN])('refuses a depth of %s', (depth) => {
    expect(refusal(() => parseXml(Buffer.from('<a/>'), { depth })).code).toBe('config.invalid');
  });
});
