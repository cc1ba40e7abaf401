import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decisiveCheck } from '../../../src/core/report.ts';
import { issueCertificate } from '../../../src/simulator/jpki/certificate.ts';
import {
  authorityKeyIdentifier,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from '../../../src/simulator/jpki/extensions.ts';
import { authorityKey } from '../../../src/simulator/jpki/keys/simulator-keys.ts';
import { makeTimeStampAuthority } from '../../../src/simulator/tsa/authority.ts';
import { rejection } from '../../../src/simulator/tsa/time-stamp.ts';
import { readTimeStampAnswer, timeStampRequest } from '../../../src/verifier/timestamp/time-stamp-request.ts';
import { verifyTimeStamp } from '../../../src/verifier/timestamp/verify-time-stamp.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { anchorsOf, NOW, newRegistry } from '../../support/pf-signing.ts';
import { HAS_OPENSSL, openssl } from '../simulator/openssl.ts';
import { NONCE, tokenOver, tsa, tsaAnchors } from './tsa-kit.ts';

const stamped = new TextEncoder().encode('what was there');
const trustAnchors = tsaAnchors();
const POLICY = '1.3.6.1.4.1.32473.1.1';
const judged = (token: Uint8Array, change: Partial<Parameters<typeof verifyTimeStamp>[0]> = {}) =>
  verifyTimeStamp({ token, stamped, trustAnchors, nonce: NONCE, ...change });
const codeOf = (verdict: ReturnType<typeof verifyTimeStamp>) => decisiveCheck(verdict)?.code;

describe('a time-stamp token', () => {
  it('of a trusted TSA proves its time', () => {
    const verdict = judged(tokenOver(stamped), { policy: POLICY });
    expect([verdict.indication, codeOf(verdict)]).toEqual(['TOTAL-PASSED', undefined]);
    expect([verdict.genTime, verdict.accuracy]).toEqual([NOW, 1000]);
    expect(verdict.validUntil).toBeGreaterThan(NOW);
    expect(verdict.algorithms).toEqual(['sha256', 'rsa-2048']);
  });

  it.each([
    ['other octets', { stamped: Uint8Array.of(1) }, 'timestamp.imprint', 'TOTAL-FAILED'],
    ['another nonce', { nonce: Uint8Array.of(9) }, 'timestamp.nonce', 'INDETERMINATE'],
    ['another policy', { policy: '1.2.3' }, 'timestamp.policy', 'INDETERMINATE'],
    ['no trusted root', { trustAnchors: [] }, 'certificate.anchor-missing', 'INDETERMINATE'],
    ['another PKI as root', { trustAnchors: anchorsOf(newRegistry()) }, 'certificate.path', 'INDETERMINATE'],
  ] as const)('judged with %s is refused', (_name, change, code, indication) => {
    const verdict = judged(tokenOver(stamped), change);
    expect([verdict.indication, codeOf(verdict), verdict.genTime]).toEqual([indication, code, undefined]);
  });

  it('signed by another key, or of a TSA of the same name, is refused', () => {
    const forged = tokenOver(stamped, { key: authorityKey('tsa-tests', 'stranger').privateKey });
    expect(codeOf(judged(forged))).toBe('timestamp.signature');
    const other = tokenOver(stamped, { authority: makeTimeStampAuthority('another seed', NOW) });
    expect(judged(other).indication).toBe('INDETERMINATE');
  });

  it('outside the period of the TSA certificate is refused', () => {
    expect(codeOf(judged(tokenOver(stamped, { at: NOW + 20 * 365.25 * 86_400_000 })))).toBe(
      'certificate.expired',
    );
    expect(codeOf(judged(tokenOver(stamped, { at: NOW - 20 * 365.25 * 86_400_000 })))).toBe(
      'certificate.not-yet-valid',
    );
  });

  it('of a certificate that is not for time stamping alone, and critically so, is refused', () => {
    // The root signs in place of the TSA: its key is trusted, its purpose is not.
    const root = { ...tsa, certificate: tsa.rootCertificate, name: tsa.rootName };
    const verdict = judged(
      tokenOver(stamped, { authority: root, key: authorityKey('tsa-tests', 'tsa-root').privateKey }),
    );
    expect(verdict.indication).toBe('INDETERMINATE');
    expect(verdict.genTime).toBeUndefined();
  });

  it.each([
    ['no keyUsage', [], 'TOTAL-PASSED', undefined],
    ['digitalSignature and nonRepudiation', [keyUsage('signature')], 'TOTAL-PASSED', undefined],
    ['keyUsage of a CA', [keyUsage('ca')], 'INDETERMINATE', 'timestamp.certificate'],
  ] as const)('of a certificate with %s', (_name, usage, indication, code) => {
    const { notBefore, notAfter } = parseCertificate(tsa.certificate);
    const certificate = issueCertificate(
      {
        ...{ serial: tsa.serial, issuer: tsa.rootName, subject: tsa.name, spki: tsa.key.spki },
        ...{ notBefore, notAfter },
        extensions: [
          ...usage,
          extendedKeyUsage('1.3.6.1.5.5.7.3.8'),
          authorityKeyIdentifier(tsa.rootKey.keyIdentifier),
          subjectKeyIdentifier(tsa.key.keyIdentifier),
        ],
      },
      tsa.rootKey.privateKey,
    );
    const verdict = judged(tokenOver(stamped, { authority: { ...tsa, certificate } }));
    expect([verdict.indication, codeOf(verdict)]).toEqual([indication, code]);
  });

  it('with any octet altered never proves a time that differs; most are refused', () => {
    const token = tokenOver(stamped);
    let accepted = 0;
    for (let index = 0; index < token.length; index += 7) {
      const altered = Uint8Array.from(token);
      altered[index] = (altered[index] ?? 0) ^ 0x01;
      const verdict = judged(altered);
      if (verdict.indication === 'TOTAL-PASSED') {
        accepted += 1;
        expect(verdict.genTime).toBe(NOW);
      }
    }
    // What is outside the signature: the root sent along, unused, and algorithm identifiers of the outer set.
    expect(accepted).toBeLessThan(token.length / 7 / 2);
    expect(judged(token.subarray(0, -1)).checks[0]?.code).toBe('timestamp.form');
    expect(judged(Uint8Array.of(...token, 0)).checks[0]?.code).toBe('timestamp.form');
  });
});

describe('the answer of a TSA', () => {
  it('that refuses says so with its failure bit', () => {
    expect(readTimeStampAnswer(rejection('badAlg'))).toEqual({ kind: 'refused', status: 2, failure: 0 });
    expect(readTimeStampAnswer(rejection('systemFailure'))).toEqual({
      kind: 'refused',
      status: 2,
      failure: 25,
    });
  });

  it.skipIf(!HAS_OPENSSL)('is asked for as openssl reads it', () => {
    const imprint = createHash('sha256').update(stamped).digest();
    const request = timeStampRequest({ imprint, nonce: NONCE, policy: POLICY });
    const text = openssl(['ts', '-query', '-in', 'query.tsq', '-text'], { 'query.tsq': request }).output;
    expect(text).toContain(`Policy OID: ${POLICY}`);
    expect(text).toContain('Hash Algorithm: sha256');
    expect(text).toContain('Nonce: 0x81020304050607');
    expect(text).toContain('Certificate required: yes');
  });
});
