import { describe, expect, it } from 'vitest';

import type { EpochMillis } from '../../../src/core/brand.ts';
import { checkRevocation } from '../../../src/verifier/revocation/check.ts';
import { openCrl } from '../../../src/verifier/revocation/crl.ts';
import { ocspRequest } from '../../../src/verifier/revocation/ocsp-request.ts';
import type {
  RevocationRequest,
  VerifiedResponder,
} from '../../../src/verifier/revocation/revocation-types.ts';
import { openDer, TAG } from '../../../src/verifier/x509/der.ts';
import { KEY_PURPOSE } from '../../../src/verifier/x509/oids.ts';
import { issueCa, issueCertificate, TEST_NOW, testKey } from '../../support/pki/test-pki.ts';
import {
  type TestOcspSpec,
  testCrl,
  testOcspRefusal,
  testOcspResponse,
  testResponder,
} from '../../support/pki/test-revocation.ts';

const ca = issueCa({ subject: ['C=JP', 'CN=CA'] });
const leaf = issueCertificate({ subject: ['CN=Leaf'], issuer: ca });
const responder = testResponder(ca);
const nonce = Uint8Array.from({ length: 16 }, (_, index) => index);

const answer = (spec: Partial<TestOcspSpec> = {}) =>
  testOcspResponse({ certificate: leaf.certificate, issuer: ca, ...spec });

function check(ocsp: readonly Uint8Array[], more: Partial<RevocationRequest> = {}) {
  return checkRevocation({
    certificate: leaf.certificate,
    issuer: ca.certificate,
    data: { crls: [], ocsp },
    at: TEST_NOW as EpochMillis,
    method: 'OCSP',
    ...more,
  });
}

function status(spec: Partial<TestOcspSpec> = {}, more: Partial<RevocationRequest> = {}): string {
  const result = check([answer(spec)], more);
  return result.status === 'indeterminate' ? result.code : result.status;
}

describe('an answer that decides', () => {
  it.each(['byKey', 'byName'] as const)('signed by the CA itself, responder %s', (responderId) => {
    expect(status({ responderId })).toBe('good');
    expect(status({ responderId, responder })).toBe('good');
  });

  it('says revoked with time and reason', () => {
    const revokedAt = TEST_NOW - 86_400_000;
    expect(check([answer({ status: { revokedAt, reason: 3 } })])).toMatchObject({
      status: 'revoked',
      revokedAt,
      reason: 'affiliationChanged',
      source: { method: 'OCSP', thisUpdate: TEST_NOW - 60_000 },
    });
  });

  it('says good with the later revocation when the instant lies before it', () => {
    const revokedAt = TEST_NOW - 3_600_000;
    const at = (revokedAt - 1000) as EpochMillis;
    const result = check([answer({ status: { revokedAt } })], { at, dataAt: TEST_NOW as EpochMillis });
    expect(result).toMatchObject({ status: 'good', revokedLater: { revokedAt, reason: 'unspecified' } });
  });

  it.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('CertID with %s', (certIdHash) => {
    expect(status({ certIdHash })).toBe('good');
  });

  it('takes the first answer that decides', () => {
    const result = check([testOcspRefusal(3), answer({ status: 'unknown' }), answer()]);
    expect(result.status).toBe('good');
  });
});

describe('K11, K13 what cannot answer is never good', () => {
  it('no answer, not OCSP, cut, trailing', () => {
    const code = (der: Uint8Array) => check([der]);
    expect(check([])).toMatchObject({ status: 'indeterminate', code: 'revocation.unavailable' });
    const html = new TextEncoder().encode('<html>');
    expect(code(html)).toMatchObject({ status: 'indeterminate', code: 'revocation.invalid' });
    expect(code(answer().subarray(0, -1))).toMatchObject({ code: 'revocation.invalid' });
    expect(code(Buffer.concat([answer(), Buffer.of(0)]))).toMatchObject({ code: 'revocation.invalid' });
  });

  it.each([
    [1, 'revocation.refused'],
    [2, 'revocation.unavailable'],
    [3, 'revocation.unavailable'],
    [5, 'revocation.refused'],
    [6, 'revocation.refused'],
    [4, 'revocation.invalid'],
  ])('response status %i', (responseStatus, code) => {
    expect(check([testOcspRefusal(responseStatus)])).toMatchObject({ status: 'indeterminate', code });
  });

  it('unknown, another serial, another issuer, two answers for one', () => {
    expect(status({ status: 'unknown' })).toBe('revocation.unknown');
    expect(status({ serial: Uint8Array.of(1) })).toBe('revocation.serial');
    const padded = Uint8Array.of(0, ...leaf.certificate.serialNumber);
    expect(status({ serial: padded })).not.toBe('good');
    const generation = issueCa({ subject: ['C=JP', 'CN=CA'], key: testKey('another generation') });
    expect(status({ certIdIssuer: generation })).toBe('revocation.issuer');
    expect(status({ copies: 2 })).toBe('revocation.invalid');
  });

  it('times: future, stale, without nextUpdate too old', () => {
    expect(status({ thisUpdate: TEST_NOW + 61_000 })).toBe('revocation.future');
    expect(status({ producedAt: TEST_NOW + 61_000 })).toBe('revocation.future');
    expect(status({ nextUpdate: TEST_NOW - 61_000, thisUpdate: TEST_NOW - 900_000 })).toBe(
      'revocation.stale',
    );
    expect(status({ nextUpdate: TEST_NOW - 59_000, thisUpdate: TEST_NOW - 900_000 })).toBe('good');
    expect(status({ nextUpdate: 'absent' })).toBe('good');
    expect(status({ nextUpdate: 'absent', thisUpdate: TEST_NOW - 3_700_000 })).toBe('revocation.stale');
  });

  it('nonce missing or another one, when one was sent', () => {
    expect(status({ nonce }, { nonce })).toBe('good');
    expect(status({ nonce })).toBe('good');
    expect(status({}, { nonce })).toBe('revocation.nonce');
    expect(status({ nonce: nonce.subarray(1) }, { nonce })).toBe('revocation.nonce');
  });
});

describe('who may sign', () => {
  const stranger = issueCa({ subject: ['C=JP', 'CN=CA'], key: testKey('stranger') });

  it('not an attacker, with or without a certificate of his own CA', () => {
    expect(status({ responder: stranger, responderId: 'byName' })).toBe('revocation.signature');
    expect(status({ responder: stranger, responderId: 'byKey' })).toBe('revocation.responder');
    const delegated = testResponder(stranger, { label: 'strange responder' });
    expect(status({ responder: delegated })).toBe('revocation.responder');
  });

  it('not a leaf of the same CA, nor a responder for another purpose', () => {
    expect(status({ responder: leaf })).toBe('revocation.responder');
    const serverAuth = testResponder(ca, { label: 'server', eku: [KEY_PURPOSE.serverAuth] });
    expect(status({ responder: serverAuth })).toBe('revocation.responder');
  });

  it('not an expired or future responder', () => {
    const old = testResponder(ca, { label: 'old', notAfter: TEST_NOW - 1000 });
    const early = testResponder(ca, { label: 'early', notBefore: TEST_NOW + 1000 });
    expect(status({ responder: old })).toBe('revocation.issuer-ended');
    expect(status({ responder: early })).toBe('revocation.responder');
  });

  it('not with a signature that does not verify or a refused algorithm', () => {
    const der = Uint8Array.from(answer());
    const last = der.length - 1;
    der[last] = (der[last] ?? 0) ^ 1;
    expect(check([der])).toMatchObject({ code: 'revocation.signature' });
    expect(status({ hash: 'sha1' })).toBe('revocation.invalid');
  });

  it('without nocheck only when a CRL says that the responder is not revoked', () => {
    const checked = testResponder(ca, { label: 'checked', noCheck: false });
    expect(status({ responder: checked })).toBe('revocation.responder');
    const open = (serials: readonly Uint8Array[]) =>
      openCrl(testCrl({ issuer: ca, entries: serials.map((serial) => ({ serial })) }), {
        issuers: [ca.certificate],
      });
    const ocsp = [answer({ responder: checked })];
    expect(check(ocsp, { data: { ocsp, crls: [open([])] } }).status).toBe('good');
    const revoked = { ocsp, crls: [open([checked.certificate.serialNumber])] };
    expect(check(ocsp, { data: revoked })).toMatchObject({ code: 'revocation.responder' });
  });

  it('is verified once and then found in the cache, under that issuer only', () => {
    const responderCache = new Map<string, VerifiedResponder>();
    expect(status({ responder }, { responderCache })).toBe('good');
    expect(responderCache.size).toBe(1);
    expect(status({ responder }, { responderCache })).toBe('good');
    expect(responderCache.size).toBe(1);
    const other = issueCertificate({ subject: ['CN=Other leaf'], issuer: stranger });
    const der = testOcspResponse({ certificate: other.certificate, issuer: stranger, responder });
    const result = check([der], {
      certificate: other.certificate,
      issuer: stranger.certificate,
      responderCache,
    });
    expect(result).toMatchObject({ code: 'revocation.responder' });
    const later = (responder.certificate.notAfter + 1000) as EpochMillis;
    const fresh = answer({ responder, thisUpdate: later, producedAt: later });
    expect(check([fresh], { at: later, responderCache })).toMatchObject({ code: 'revocation.issuer-ended' });
  });
});

describe('ocspRequest', () => {
  it('asks for the CertID of the certificate, with the nonce', () => {
    const der = ocspRequest({ certificate: leaf.certificate, issuer: ca.certificate, nonce, hash: 'sha256' });
    const tbs = openDer(der, TAG.sequence).read(TAG.sequence);
    const certId = tbs.read(TAG.sequence).read(TAG.sequence).read(TAG.sequence);
    certId.read(TAG.sequence);
    expect(certId.read(TAG.octetString).length).toBe(32);
    expect(certId.read(TAG.octetString).length).toBe(32);
    expect(certId.read(TAG.integer).content).toEqual(leaf.certificate.serialNumber);
    expect(Buffer.from(der).includes(Buffer.from(nonce))).toBe(true);
    const without = ocspRequest({ certificate: leaf.certificate, issuer: ca.certificate });
    expect(Buffer.from(without).includes(Buffer.from(nonce))).toBe(false);
  });
});
