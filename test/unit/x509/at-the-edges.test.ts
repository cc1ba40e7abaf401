import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { checkRevocation } from '../../../src/verifier/revocation/check.ts';
import { crlForm } from '../../../src/verifier/revocation/crl-intake.ts';
import { contextConstructed, openDer, TAG } from '../../../src/verifier/x509/der.ts';
import { ia5Text } from '../../../src/verifier/x509/der-strings.ts';
import { timeValue } from '../../../src/verifier/x509/der-values.ts';
import { encodeDer } from '../../../src/verifier/x509/der-writer.ts';
import { parseDistributionPoints } from '../../../src/verifier/x509/distribution-point.ts';
import { readFourAttributes } from '../../../src/verifier/x509/four-attributes.ts';
import { generalName, name } from '../../support/pki/der-encode.ts';
import { fourAttributeNames, jpkiCa, jpkiLeaf } from '../../support/pki/test-jpki.ts';
import { issueCa, issueCertificate, TEST_NOW } from '../../support/pki/test-pki.ts';
import { testOcspResponse } from '../../support/pki/test-revocation.ts';

const text = (tag: number, value: string) => openDer(encodeDer(tag, Buffer.from(value, 'latin1')), tag);
const attempt = (what: () => unknown) => {
  try {
    return what();
  } catch {
    return 'refused';
  }
};

describe('a time of DER is digits and Z, at every place', () => {
  const UTC = '260930235959Z';
  const GENERALIZED = '20260930235959Z';
  /** What stands around the digits in ASCII, and what a careless reader takes for one. */
  const STRANGERS = ['/', ':', ' ', '-', '+', '.', 'a', '\u0000', '\u00b2', '\u0080'];

  it.each([
    ['UTCTime', TAG.utcTime, UTC],
    ['GeneralizedTime', TAG.generalizedTime, GENERALIZED],
  ])('%s', (_, tag, good) => {
    expect(timeValue(text(tag, good))).toBe(Date.UTC(2026, 8, 30, 23, 59, 59));
    for (let place = 0; place < good.length; place += 1) {
      for (const stranger of STRANGERS) {
        const wrong = good.slice(0, place) + stranger + good.slice(place + 1);
        expect([wrong, attempt(() => timeValue(text(tag, wrong)))]).toEqual([wrong, 'refused']);
      }
    }
    for (const wrong of [
      `${good}Z`,
      good.slice(0, -1),
      good.replace('Z', '+0900'),
      good.replace('59Z', '59.5Z'),
    ])
      expect([wrong, attempt(() => timeValue(text(tag, wrong)))]).toEqual([wrong, 'refused']);
  });

  it.each([
    ['260001000000Z', 'month 0'],
    ['261301000000Z', 'month 13'],
    ['260100000000Z', 'day 0'],
    ['260132000000Z', 'day 32'],
    ['260229000000Z', '29 February of a common year'],
    ['260101240000Z', 'hour 24'],
    ['260101006000Z', 'minute 60'],
    ['260101000060Z', 'second 60'],
  ])('%s (%s) is refused', (wrong) => {
    expect(attempt(() => timeValue(text(TAG.utcTime, wrong)))).toBe('refused');
  });

  it('UTCTime: 49 is 2049, 50 is 1950', () => {
    expect(timeValue(text(TAG.utcTime, '490101000000Z'))).toBe(Date.UTC(2049, 0, 1));
    expect(timeValue(text(TAG.utcTime, '500101000000Z'))).toBe(Date.UTC(1950, 0, 1));
  });
});

describe('IA5String: every octet', () => {
  it.each(Array.from({ length: 256 }, (_, octet) => octet))('%i', (octet) => {
    const value = String.fromCharCode(octet);
    const good = octet > 0 && octet < 0x80;
    expect(attempt(() => ia5Text(text(TAG.ia5String, value)))).toBe(good ? value : 'refused');
  });
});

describe('a distribution point (RFC 5280 section 4.2.1.13)', () => {
  const point = (...fields: Uint8Array[]) =>
    openDer(encodeDer(TAG.sequence, encodeDer(TAG.sequence, Buffer.concat(fields))), TAG.sequence);
  const fullName = encodeDer(
    contextConstructed(0),
    encodeDer(contextConstructed(0), generalName.uri('http://crl.example/1')),
  );
  const reasons = Uint8Array.of(0x81, 2, 6, 0x40);
  const issuer = encodeDer(contextConstructed(2), generalName.directory(name('CN=Other')));

  it.each([
    ['a name alone', [fullName], { fullName: [expect.anything()] }],
    ['an issuer alone', [issuer], { cRLIssuer: [expect.anything()] }],
    ['an issuer with reasons', [reasons, issuer], { cRLIssuer: [expect.anything()], reasons: 2 }],
    ['all three', [fullName, reasons, issuer], { fullName: [expect.anything()], reasons: 2 }],
    ['reasons alone', [reasons], undefined],
    ['nothing', [], undefined],
    ['out of order', [issuer, fullName], undefined],
  ])('%s', (_, fields, expected) => {
    const found = attempt(() => parseDistributionPoints(point(...fields))[0]);
    if (expected === undefined) expect(found).toBe('refused');
    else expect(found).toMatchObject(expected);
  });
});

describe('the address of 基本4情報 has at most 200 characters, counted as characters', () => {
  const ca = jpkiCa();
  const read = (address: string) => () =>
    readFourAttributes(
      jpkiLeaf(ca, {
        names: fourAttributeNames({ address, addressMap: '0'.repeat([...address].length) }),
      }).certificate,
    ).address?.text;

  it.each(['丁', '𠮷'])('of %s', (character) => {
    expect(attempt(read(character.repeat(200)))).toBe(character.repeat(200));
    expect(attempt(read(character.repeat(201)))).toBe('refused');
  });
});

describe('a list that is no list is told by its form', () => {
  it.each([
    ['as long as it says, short', [0x30, 1, 0], undefined],
    ['one octet more, short', [0x30, 1, 0, 0x0a], 'octets-after-the-end'],
    ['cut, short', [0x30, 2, 0], undefined],
    ['as long as it says, of 128', [0x30, 0x81, 128, ...new Array<number>(128).fill(0)], undefined],
    ['one more, of 128', [0x30, 0x81, 128, ...new Array<number>(129).fill(0)], 'octets-after-the-end'],
    ['of 256 and one', [0x30, 0x82, 1, 0, ...new Array<number>(257).fill(0)], 'octets-after-the-end'],
    ['of 256', [0x30, 0x82, 1, 0, ...new Array<number>(256).fill(0)], undefined],
    ['of no length', [0x30, 0x80, 0, 0, 0], undefined],
    ['of a length of five octets', [0x30, 0x85, 0, 0, 0, 0, 1, 0, 0], undefined],
    ['no SEQUENCE', [0x31, 1, 0, 0], undefined],
    ['PEM', [...Buffer.from('-----BEGIN X509 CRL-----')], 'pem'],
    ['PEM after blank lines', [...Buffer.from('\n \n-----BEGIN X509 CRL-----')], 'pem'],
    ['nothing', [], undefined],
  ])('%s', (_, octets, form) => {
    expect(crlForm(Uint8Array.from(octets))).toBe(form);
  });
});

describe('when an OCSP answer was made, against the clock that may be off', () => {
  const ca = issueCa({ subject: ['C=JP', 'CN=CA'] });
  const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: ca });
  const at = TEST_NOW as EpochMillis;
  const status = (producedAt: number, skew: number) => {
    const result = checkRevocation({
      certificate: leaf.certificate,
      issuer: ca.certificate,
      data: {
        crls: [],
        ocsp: [testOcspResponse({ certificate: leaf.certificate, issuer: ca, producedAt })],
      },
      at,
      method: 'OCSP',
      freshness: { skew },
    });
    return result.status === 'indeterminate' ? result.code : result.status;
  };

  it.each([0, 1_000, 60_000])('a difference of %i ms', (skew) => {
    expect(status(at + skew, skew)).toBe('good');
    expect(status(at + skew + 1_000, skew)).toBe('revocation.future');
  });
});
