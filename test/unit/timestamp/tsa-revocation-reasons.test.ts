import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { tsaRevocationCheck } from '../../../src/verifier/timestamp/tsa-revocation.ts';
import { issueCa, issueCertificate, TEST_NOW } from '../../support/pki/test-pki.ts';
import { type TestCrlEntry, testCrl, testOcspResponse } from '../../support/pki/test-revocation.ts';

const DAY = 86_400_000;
const ca = issueCa({ subject: ['CN=TSA CA'] });
const tsa = issueCertificate({ subject: ['CN=TSA'], issuer: ca, serial: 77 });
const path = [tsa.certificate, ca.certificate];
const genTime = (TEST_NOW - 2 * DAY) as EpochMillis;
const at = TEST_NOW as EpochMillis;

/** Every CRLReason of RFC 5280 section 5.3.1 by number, and whether the key may have been at fault (RFC 3161 section 4). */
const REASONS: readonly (readonly [number | undefined, string, 'harmless' | 'ends the token'])[] = [
  [undefined, 'absent', 'ends the token'],
  [0, 'unspecified', 'ends the token'],
  [1, 'keyCompromise', 'ends the token'],
  [2, 'cACompromise', 'ends the token'],
  [3, 'affiliationChanged', 'harmless'],
  [4, 'superseded', 'harmless'],
  [5, 'cessationOfOperation', 'harmless'],
  [6, 'certificateHold', 'ends the token'],
  [9, 'privilegeWithdrawn', 'ends the token'],
  [10, 'aACompromise', 'ends the token'],
];

const crlWith = (entry: Omit<TestCrlEntry, 'serial'>) => ({
  at,
  crls: [testCrl({ issuer: ca, entries: [{ serial: 77, ...entry }] })],
  ocsp: [],
});
const ocspWith = (revokedAt: number, reason: number | undefined) => ({
  at,
  crls: [],
  ocsp: [
    testOcspResponse({
      certificate: tsa.certificate,
      issuer: ca,
      status: reason === undefined ? { revokedAt } : { revokedAt, reason },
    }),
  ],
});
const codeOf = (data: Parameters<typeof tsaRevocationCheck>[2]) => {
  const { result, code } = tsaRevocationCheck(path, genTime, data);
  return result === 'passed' ? 'passed' : code;
};

describe.each(REASONS)('a TSA revoked with reason %s (%s): %s', (reason, _name, outcome) => {
  const withReason = reason === undefined ? {} : { reason };
  const later = outcome === 'harmless' ? 'passed' : 'certificate.revoked';

  it('a second after the token', () => {
    const revokedAt = genTime + 1_000;
    expect(codeOf([crlWith({ revokedAt, ...withReason })])).toBe(later);
    expect(codeOf([ocspWith(revokedAt, reason)])).toBe(later);
  });

  it('before the token, whatever the reason', () => {
    const revokedAt = genTime - 1_000;
    expect(codeOf([crlWith({ revokedAt, ...withReason })])).toBe('certificate.revoked');
    expect(codeOf([ocspWith(revokedAt, reason)])).toBe('certificate.revoked');
  });
});

describe('sets of data', () => {
  const good = { at, crls: [testCrl({ issuer: ca })], ocsp: [] };

  it('one that says revoked ends the token, beside any that says good and in any order', () => {
    const revoked = crlWith({ revokedAt: genTime - 1_000, reason: 1 });
    for (const data of [[revoked], [good, revoked], [revoked, good]])
      expect(codeOf(data)).toBe('certificate.revoked');
  });

  it('one that decides is enough; none leaves it open', () => {
    const silent = { at, crls: [], ocsp: [] };
    expect(codeOf([good])).toBe('passed');
    expect(codeOf([silent, good])).toBe('passed');
    expect(codeOf([])).toBe('revocation.unavailable');
    expect(codeOf([silent])).toBe('revocation.unavailable');
  });
});
