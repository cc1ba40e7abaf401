import { describe, expect, it } from 'vitest';

import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { checkRevocation, revocationCheck } from '../../../src/verifier/revocation/check.ts';
import { assertSupersedes, type Crl, openCrl } from '../../../src/verifier/revocation/crl.ts';
import type { RevocationRequest } from '../../../src/verifier/revocation/revocation-types.ts';
import { encodeDer, generalName, name } from '../../support/pki/der-encode.ts';
import { extensions } from '../../support/pki/extension-encode.ts';
import {
  issueCa,
  issueCertificate,
  TEST_NOW,
  type TestIdentity,
  testKey,
} from '../../support/pki/test-pki.ts';
import { type TestCrlSpec, testCrl } from '../../support/pki/test-revocation.ts';

const HOUR = 3_600_000;
const ca = issueCa({ subject: ['C=JP', 'CN=CA'] });
const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: ca, serial: 0x1234 });
const partition = name('C=JP', 'O=JPKI', 'CN=Mogi-ku CRLDP');
const elsewhere = name('C=JP', 'O=JPKI', 'CN=Elsewhere CRLDP');
const partitioned = issueCertificate({
  subject: ['CN=Partitioned'],
  issuer: ca,
  serial: 0x5678,
  extensions: [extensions.crlDistributionPoints([partition])],
});

const open = (spec: Partial<TestCrlSpec> = {}, issuers: readonly TestIdentity[] = [ca]): Crl =>
  openCrl(testCrl({ issuer: ca, ...spec }), { issuers: issuers.map((issuer) => issuer.certificate) });

function check(crls: readonly Crl[], more: Partial<RevocationRequest> = {}) {
  return checkRevocation({
    certificate: leaf.certificate,
    issuer: ca.certificate,
    data: { crls, ocsp: [] },
    at: TEST_NOW as EpochMillis,
    method: 'CRL',
    ...more,
  });
}

/** `good`, `revoked` or the code of what could not be decided. */
function status(crls: readonly Crl[], more: Partial<RevocationRequest> = {}): string {
  const result = check(crls, more);
  return result.status === 'indeterminate' ? result.code : result.status;
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : 'another error';
  }
}

describe('a CRL that answers', () => {
  it('says good for a certificate it does not list', () => {
    const result = check([open({ entries: [{ serial: 1 }], number: 300 })]);
    expect(result).toMatchObject({ status: 'good', source: { method: 'CRL', crlNumber: '012c' } });
    expect(revocationCheck(result, 'final')).toEqual({ name: 'revocation-status', result: 'passed' });
  });

  it('says revoked with time and reason for one it lists', () => {
    const result = check([open({ entries: [{ serial: 0x1234, revokedAt: TEST_NOW - HOUR, reason: 3 }] })]);
    expect(result).toMatchObject({
      status: 'revoked',
      revokedAt: TEST_NOW - HOUR,
      reason: 'affiliationChanged',
    });
    expect(revocationCheck(result, 'final')).toMatchObject({
      result: 'indeterminate',
      code: 'certificate.revoked',
      subIndication: 'REVOKED_NO_POE',
    });
  });

  it('reads an entry without a reason as unspecified', () => {
    expect(check([open({ entries: [{ serial: 0x1234 }] })])).toMatchObject({ reason: 'unspecified' });
  });

  it('counts a certificate on hold as revoked', () => {
    expect(check([open({ entries: [{ serial: 0x1234, reason: 6 }] })])).toMatchObject({
      status: 'revoked',
      reason: 'certificateHold',
    });
  });

  it('tells serial numbers apart by their octets', () => {
    const zeros = issueCertificate({
      subject: ['CN=Z'],
      issuer: ca,
      serial: Uint8Array.of(0x00, 0x80),
    }).certificate;
    const minus = open({ entries: [{ serial: Uint8Array.of(0x80) }] });
    expect(status([minus], { certificate: zeros })).toBe('good');
    expect(status([open({ entries: [{ serial: 0x80 }] })], { certificate: zeros })).toBe('revoked');
  });
});

describe('K14 time of judgement', () => {
  const crl = open({ entries: [{ serial: 0x1234, revokedAt: TEST_NOW - 2 * HOUR, reason: 5 }] });

  it('judges a revocation after the instant as later, and reports both times', () => {
    const at = (TEST_NOW - 3 * HOUR) as EpochMillis;
    expect(check([crl], { at, dataAt: TEST_NOW as EpochMillis })).toMatchObject({
      status: 'good',
      revokedLater: { revokedAt: TEST_NOW - 2 * HOUR, reason: 'cessationOfOperation' },
    });
  });

  it('judges a revocation at the instant or before as revoked', () => {
    const at = (TEST_NOW - 2 * HOUR) as EpochMillis;
    expect(status([crl], { at, dataAt: TEST_NOW as EpochMillis })).toBe('revoked');
    expect(status([crl])).toBe('revoked');
  });
});

describe('K11 data that cannot answer is never good', () => {
  it('none', () => {
    expect(status([])).toBe('revocation.unavailable');
    expect(revocationCheck(check([]), 'final')).toMatchObject({
      result: 'indeterminate',
      subIndication: 'TRY_LATER',
    });
  });

  it('nextUpdate passed, beyond the skew', () => {
    const crl = open({ thisUpdate: TEST_NOW - HOUR, nextUpdate: TEST_NOW - 30_000 });
    expect(status([crl])).toBe('good');
    expect(status([crl], { freshness: { skew: 10_000 } })).toBe('revocation.stale');
    expect(status([open({ thisUpdate: TEST_NOW - HOUR, nextUpdate: TEST_NOW - 61_000 })])).toBe(
      'revocation.stale',
    );
  });

  it('no nextUpdate', () => {
    expect(status([open({ nextUpdate: 'absent' })])).toBe('revocation.stale');
  });

  it('thisUpdate in the future, beyond the skew', () => {
    expect(status([open({ thisUpdate: TEST_NOW + 59_000 })])).toBe('good');
    expect(status([open({ thisUpdate: TEST_NOW + 61_000 })])).toBe('revocation.future');
  });

  it('another issuer', () => {
    const other = issueCa({ subject: ['CN=Other'] });
    expect(status([open({ issuer: other }, [other])])).toBe('revocation.issuer');
  });

  it('another CA of the same name', () => {
    const sameName = issueCa({ subject: ['C=JP', 'CN=CA'], key: testKey('another generation') });
    expect(status([open({ issuer: sameName }, [ca, sameName])])).toBe('revocation.issuer');
  });

  it('another partition, or the wrong kind of certificate', () => {
    const certificate = partitioned.certificate;
    expect(status([open({ scope: { directoryName: partition } })], { certificate })).toBe('good');
    expect(status([open({ scope: { directoryName: elsewhere } })], { certificate })).toBe('revocation.scope');
    expect(status([open({ scope: { directoryName: partition } })])).toBe('revocation.scope');
    expect(status([open({ scope: { caCerts: true } })])).toBe('revocation.scope');
    expect(status([open({ scope: { userCerts: true } })])).toBe('good');
    expect(status([open({ scope: { attributeCerts: true } })])).toBe('revocation.scope');
  });

  it('only some reasons', () => {
    expect(status([open({ scope: { reasons: [1, 3] } })])).toBe('revocation.scope');
    const both = [open({ scope: { reasons: [1, 2, 3, 4] } }), open({ scope: { reasons: [5, 6, 7, 8] } })];
    expect(status(both)).toBe('good');
  });

  it('a delta without its base', () => {
    expect(status([open({ number: 2, base: 1 })])).toBe('revocation.scope');
  });

  it('a certificate that had expired before the CRL', () => {
    const expired = issueCertificate({
      subject: ['CN=Old'],
      issuer: ca,
      notAfter: TEST_NOW - 48 * HOUR,
    }).certificate;
    const at = (TEST_NOW - 72 * HOUR) as EpochMillis;
    expect(status([open()], { certificate: expired, at, dataAt: TEST_NOW as EpochMillis })).toBe(
      'revocation.unknown',
    );
  });
});

describe('opening a CRL', () => {
  it('refuses a signature that does not verify before reading entries', () => {
    const der = testCrl({ issuer: ca, entries: [{ serial: 1 }] });
    const forged = Uint8Array.from(der);
    const last = forged.length - 1;
    forged[last] = (forged[last] ?? 0) ^ 1;
    expect(codeOf(() => openCrl(forged, { issuers: [ca.certificate] }))).toBe('revocation.signature');
    const other = issueCa({ subject: ['C=JP', 'CN=CA'], key: testKey('not the signer') });
    expect(codeOf(() => openCrl(der, { issuers: [other.certificate] }))).toBe('revocation.signature');
    expect(openCrl(der, { issuers: [other.certificate, ca.certificate] }).entryCount).toBe(1);
  });

  it('refuses what is not a CRL, cut, longer, or unknown and critical', () => {
    const issuers = [ca.certificate];
    const der = testCrl({ issuer: ca });
    const html = new TextEncoder().encode('<!doctype html><title>503</title>');
    expect(codeOf(() => openCrl(html, { issuers }))).toBe('revocation.invalid');
    expect(codeOf(() => openCrl(der.subarray(0, -1), { issuers }))).toBe('revocation.invalid');
    expect(codeOf(() => openCrl(Buffer.concat([der, Buffer.of(0)]), { issuers }))).toBe('revocation.invalid');
    expect(codeOf(() => open({ moreExtensions: [extensions.unknown(true)] }))).toBe('revocation.invalid');
    expect(codeOf(() => open({ moreExtensions: [extensions.unknown(false)] }))).toBe('none');
    expect(codeOf(() => open({ crlNumber: 'none' }))).toBe('revocation.invalid');
    expect(codeOf(() => open({ crlNumber: 'critical' }))).toBe('revocation.invalid');
  });

  it('refuses a critical entry extension that is not known, in any entry', () => {
    const odd = { serial: 2, moreExtensions: [extensions.unknown(true)] };
    expect(codeOf(() => open({ entries: [{ serial: 1 }, odd] }))).toBe('revocation.invalid');
  });

  it.each([
    ['UTCTime', 0x17, '261122000000Z', 'none'],
    ['GeneralizedTime', 0x18, '20261122000000Z', 'none'],
    ['UTCTime as long as the other', 0x17, '20261122000000Z', 'revocation.invalid'],
    ['GeneralizedTime as short as the other', 0x18, '261122000000Z', 'revocation.invalid'],
    ['another type, as long as UTCTime', 0x04, '261122000000Z', 'revocation.invalid'],
    ['another type, as long as GeneralizedTime', 0x04, '20261122000000Z', 'revocation.invalid'],
    ['nothing in it', 0x17, '', 'revocation.invalid'],
  ])('an entry with a date in %s', (_name, tag, date, expected) => {
    const revokedAt = encodeDer(tag, Buffer.from(date));
    for (const entries of [
      [{ serial: 2, revokedAt }],
      [{ serial: 1 }, { serial: 2, revokedAt, reason: 1 }, { serial: 3 }],
    ])
      expect(codeOf(() => open({ entries }))).toBe(expected);
  });

  it('refuses an issuer that may not sign CRLs, SHA-1, and size beyond the limit', () => {
    const mute = issueCertificate({
      subject: ['C=JP', 'CN=CA'],
      key: ca.key,
      extensions: [extensions.basicConstraints(true), extensions.keyUsage(['keyCertSign'])],
    });
    expect(codeOf(() => open({}, [mute]))).toBe('revocation.signature');
    expect(codeOf(() => open({ hash: 'sha1' }))).toBe('revocation.invalid');
    expect(codeOf(() => openCrl(testCrl({ issuer: ca }), { issuers: [], maximumOctets: 100 }))).toBe(
      'revocation.limit',
    );
    expect(codeOf(() => open({}, [leaf]))).toBe('revocation.issuer');
  });

  it('finds every entry of a large CRL and nothing else', () => {
    const entries = Array.from({ length: 3000 }, (_, index) => ({
      serial: index * 7 + 1,
      reason: index % 6,
    }));
    const crl = open({ entries });
    expect(crl.entryCount).toBe(3000);
    const serial = (value: number) => issueSerial(value);
    expect(entries.every((entry) => crl.find(serial(entry.serial), crl.issuer) !== undefined)).toBe(true);
    expect(entries.some((entry) => crl.find(serial(entry.serial + 1), crl.issuer) !== undefined)).toBe(false);
  });
});

function issueSerial(value: number): Uint8Array {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (octets[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets;
}

describe('names of partitions', () => {
  it('matches a name relative to the CRL issuer', () => {
    const relativeRdnContent = partitionRdn('CN=Part 1');
    const full = name('C=JP', 'CN=CA', 'CN=Part 1');
    const certificate = issueCertificate({
      subject: ['CN=Relative'],
      issuer: ca,
      extensions: [extensions.distributionPoints([{ name: generalName.directory(full) }])],
    }).certificate;
    expect(status([open({ scope: { relativeRdnContent } })], { certificate })).toBe('good');
    const other = { relativeRdnContent: partitionRdn('CN=Part 2') };
    expect(status([open({ scope: other })], { certificate })).toBe('revocation.scope');
  });
});

/** The content of an RDN: its SET without the header. */
function partitionRdn(attribute: string): Uint8Array {
  return name(attribute).subarray(4);
}

describe('a new file in place of an old one', () => {
  it('must not go back in number or time, nor change scope', () => {
    const first = open({ number: 5 });
    expect(codeOf(() => assertSupersedes(open({ number: 6 }), first))).toBe('none');
    expect(codeOf(() => assertSupersedes(open({ number: 4 }), first))).toBe('revocation.number');
    expect(codeOf(() => assertSupersedes(open({ number: 6, thisUpdate: TEST_NOW - 9 * HOUR }), first))).toBe(
      'revocation.number',
    );
    expect(codeOf(() => assertSupersedes(open({ number: 6, scope: { userCerts: true } }), first))).toBe(
      'revocation.scope',
    );
    expect(codeOf(() => assertSupersedes(open({ number: 256 }), open({ number: 255 })))).toBe('none');
  });
});
