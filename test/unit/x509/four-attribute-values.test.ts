import { describe, expect, it } from 'vitest';
import { JitsuinError } from '../../../src/core/errors.ts';
import { readFourAttributes } from '../../../src/verifier/x509/four-attributes.ts';
import { generalName, utf8 } from '../../support/pki/der-encode.ts';
import { fourAttributeNames, jpkiCa, jpkiLeaf } from '../../support/pki/test-jpki.ts';

const ca = jpkiCa();
const read = (names: readonly Uint8Array[]) => readFourAttributes(jpkiLeaf(ca, { names }).certificate);
/** The attributes, or the code of the refusal. */
function outcome(names: readonly Uint8Array[]) {
  try {
    return read(names);
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : String(thrown);
  }
}

describe('each value of 基本4情報', () => {
  it.each([
    ['1', 'male'],
    ['2', 'female'],
    ['3', 'unknown'],
    ['0', undefined],
    ['4', undefined],
    ['', undefined],
    ['11', undefined],
  ])('sex %j is %s', (digit, sex) => {
    const found = outcome(fourAttributeNames({ sex: digit }));
    if (sex === undefined) expect(found).toBe('certificate.profile');
    else expect(found).toMatchObject({ sex });
  });

  it.each([
    ['0', 'unknown'],
    ['1', 'meiji'],
    ['2', 'taisho'],
    ['3', 'showa'],
    ['4', 'heisei'],
    ['5', 'reiwa'],
    ['6', undefined],
    ['9', undefined],
  ])('era %s is %s', (digit, era) => {
    const found = outcome(fourAttributeNames({ birth: `${digit}19990101` }));
    if (era === undefined) expect(found).toBe('certificate.profile');
    else expect(found).toMatchObject({ dateOfBirth: { era, year: '1999', month: '01', day: '01' } });
  });

  it.each([
    ['0000', true],
    ['1231', true],
    ['1200', true],
    ['1300', false],
    ['0131', true],
    ['0132', false],
    ['9999', false],
  ])('month and day %s are in range: %s', (monthDay, good) => {
    const found = outcome(fourAttributeNames({ birth: `42001${monthDay}` }));
    if (good) expect(found).toMatchObject({ dateOfBirth: { raw: `42001${monthDay}` } });
    else expect(found).toBe('certificate.profile');
  });

  it.each([
    [200, true],
    [201, false],
  ])('an address of %i characters, counted as people do: %s', (length, good) => {
    for (const character of ['住', '𠮷']) {
      const address = character.repeat(length);
      const found = outcome(fourAttributeNames({ address, addressMap: '0'.repeat(length) }));
      if (good) expect(found).toMatchObject({ address: { text: address } });
      else expect(found).toBe('certificate.profile');
    }
  });

  it('names of other arcs, also those that begin alike, and other kinds of names are none of it', () => {
    const foreign = [
      generalName.otherName('1.2.392.200149.8.5.50.1', utf8('別')),
      generalName.otherName('1.2.392.200149.8.5.6', utf8('別')),
      generalName.otherName('1.2.392.200149.8.5.5', utf8('別')),
      generalName.dns('example.jp'),
    ];
    expect(read([...foreign, ...fourAttributeNames()])).toEqual(read(fourAttributeNames()));
    expect(read(foreign)).toEqual({ additional: [] });
  });

  it('one attribute alone is that one, with nothing made up beside it', () => {
    const one = (last: number, value: string) =>
      read([generalName.otherName(`1.2.392.200149.8.5.5.${last}`, utf8(value))]);
    expect(one(3, '1')).toEqual({ sex: 'male', additional: [] });
    expect(Object.keys(one(4, '420010101'))).toEqual(['dateOfBirth', 'additional']);
  });
});
