import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { PROFILES } from '../../support/xmldsig/documents.ts';
import { signDocument, verdict, verify } from '../../support/xmldsig/signing.ts';

const SMALL = '<r><申請書 Id="a" b="c">氏名<d/></申請書></r>';
/** Set to 1 for every value of every octet; otherwise one other value of each. */
const ALL_VALUES = process.env['JITSUIN_LONG_TESTS'] === '1';

/** Octet ranges whose change must never pass: what is digested, and SignedInfo. */
function protectedRanges(document: string, profile: string): [number, number][] {
  const range = (pattern: RegExp): [number, number] => {
    const match = pattern.exec(document);
    if (match === null) throw new Error(String(pattern));
    const start = toUtf8(document.slice(0, match.index)).length;
    return [start, start + toUtf8(match[0]).length];
  };
  const signedInfo = range(/<SignedInfo>.*<\/SignedInfo>/s);
  const value = range(/<SignatureValue>[^<]*<\/SignatureValue>/);
  if (profile === 'enveloped') return [range(/^.*(?=<Signature )/s), signedInfo, value];
  return [range(/<申請書.*<\/申請書>/s), signedInfo, value];
}

function mutationsOf(octet: number, offset: number): number[] {
  // The spaces of this document stand between attributes: other white space there is the same markup.
  const same = octet === 0x20 ? [0x20, 0x09, 0x0a, 0x0d] : [octet];
  if (ALL_VALUES)
    return Array.from({ length: 256 }, (_, value) => value).filter((value) => !same.includes(value));
  return [octet ^ (offset % 2 === 0 ? 0x01 : 0x20)];
}

describe.each(PROFILES)('a changed octet of what is signed never passes, profile %s', (profile) => {
  it('all octets of a small document', () => {
    const document = signDocument(SMALL, profile);
    const octets = toUtf8(document);
    expect(verdict(verify(octets, profile))).toBe('TOTAL-PASSED');
    const passed: string[] = [];
    let tried = 0;
    for (const [start, end] of protectedRanges(document, profile)) {
      for (let offset = start; offset < end; offset += 1) {
        for (const value of mutationsOf(octets[offset] ?? 0, offset)) {
          const changed = Uint8Array.from(octets);
          changed[offset] = value;
          tried += 1;
          if (verdict(verify(changed, profile)) === 'TOTAL-PASSED')
            passed.push(`${offset}: ${octets[offset]} -> ${value}`);
        }
      }
    }
    expect(tried).toBeGreaterThan(800);
    expect(passed).toEqual([]);
  });

  it('an octet taken out, or put in twice', () => {
    const document = signDocument(SMALL, profile);
    const octets = toUtf8(document);
    const passed: number[] = [];
    for (const [start, end] of protectedRanges(document, profile)) {
      for (let offset = start; offset < end; offset += ALL_VALUES ? 1 : 3) {
        const without = Buffer.concat([octets.subarray(0, offset), octets.subarray(offset + 1)]);
        const twice = Buffer.concat([octets.subarray(0, offset + 1), octets.subarray(offset)]);
        // A second space in a tag is no content, and a second > after the last tag stands outside.
        const harmless = octets[offset] === 0x20 || offset === end - 1;
        if (verdict(verify(without, profile)) === 'TOTAL-PASSED') passed.push(offset);
        if (!harmless && verdict(verify(twice, profile)) === 'TOTAL-PASSED') passed.push(offset);
      }
    }
    expect(passed).toEqual([]);
  });
});
