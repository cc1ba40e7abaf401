import { describe, expect, it } from 'vitest';
import { DerReader, openDer, TAG } from '../../../src/verifier/x509/der.ts';
import { oidValue } from '../../../src/verifier/x509/der-values.ts';
import { encodeDer, encodeOid } from '../../../src/verifier/x509/der-writer.ts';

/** Arcs as octets of base 128, the long way (X.690 section 8.19.2). */
function arcOctets(arc: bigint): number[] {
  const digits = [Number(arc % 128n)];
  for (let rest = arc / 128n; rest > 0n; rest /= 128n) digits.unshift(Number(rest % 128n) | 0x80);
  return digits;
}
const read = (...octets: number[]) => {
  const element = openDer(Uint8Array.of(TAG.oid, octets.length, ...octets), TAG.oid);
  expect(element).toBeInstanceOf(DerReader);
  return oidValue(element);
};

describe('lengths of DER', () => {
  it.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8180'],
    [255, '81ff'],
    [256, '820100'],
    [65_535, '82ffff'],
    [65_536, '83010000'],
  ])('%d octets: written in the shortest form, and read as so many', (length, expected) => {
    const der = encodeDer(TAG.octetString, new Uint8Array(length).fill(7));
    const header = Buffer.from(der.subarray(1, der.length - length)).toString('hex');
    expect(header).toBe(expected);
    expect(openDer(der, TAG.octetString).content).toEqual(new Uint8Array(length).fill(7));
  });
});

describe('arcs of an object identifier', () => {
  it.each([
    '0.0',
    '0.39',
    '1.0',
    '1.39',
    '2.0',
    '2.39',
    '2.40',
    '2.47',
    '2.48',
    '2.999.1',
    '1.2.0',
    '1.2.127',
    '1.2.128',
    '1.2.16383',
    '1.2.16384.3',
  ])('%s: written, and read as it was', (dotted) => {
    expect(oidValue(openDer(encodeOid(dotted), TAG.oid))).toBe(dotted);
  });

  it.each([2n ** 31n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n + 1n, 2n ** 120n + 3n])('%s, anywhere', (arc) => {
    expect(read(...arcOctets(arc + 80n))).toBe(`2.${arc}`);
    expect(read(0x2a, ...arcOctets(arc), 1)).toBe(`1.2.${arc}.1`);
  });

  it('of more than 33 octets is not read', () => {
    const longest = [...new Array<number>(32).fill(0xff), 0x7f];
    expect(read(0x2a, ...longest)).toBe(`1.2.${2n ** 231n - 1n}`);
    expect(() => read(0x2a, 0xff, ...longest)).toThrow('arc too long');
  });
});
