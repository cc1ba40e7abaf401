import { describe, expect, it } from 'vitest';
import { answerOcsp } from '../../../src/simulator/jpki/ocsp.ts';
import { ocspQuestion } from '../../../src/verification/revocation/ocsp-question.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { policyOf } from '../../../src/verifier/policy/validation-policy.ts';
import type { OcspTerms } from '../../../src/verifier/revocation/revocation-types.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { anchorsOf, cardOf, FILE, NOW, newRegistry, signFile } from '../../support/pf-signing.ts';

const registry = newRegistry();
const { certificate, signatureValue, data, octets } = signFile(registry, 'taro', FILE, 'digest-info');
const MINUTE = 60_000;
const random = { octets: (length: number) => new Uint8Array(length).fill(7), id: () => 'id' };
const shipped = policyOf(shippedFor('test'), 'OCSP');
/** An answer counts for a quarter of an hour, whatever its nextUpdate. */
const policy = { ...shipped, freshness: { ...shipped.freshness, maxAge: 15 * MINUTE } };

/** The judgement with an answer that the responder gave `age` ago, and what was asked. */
function judged(terms: OcspTerms | undefined, answer: { age?: number; nonce?: 'echo' | 'none' } = {}) {
  const subject = { kind: 'file', octets, certificate, signatureValue } as const;
  const rules = {
    subject,
    mode: 'digest-info',
    data,
    trustAnchors: anchorsOf(registry),
    at: NOW,
    policy,
  } as const;
  const started = startValidation({ ...rules, ...ocspQuestion('OCSP', random, terms) });
  if (started.kind === 'decided') throw new Error('decided before revocation');
  const asked = started.needs.map(({ ocspRequest = new Uint8Array(0) }) => ocspRequest);
  const { age = 0, nonce = 'echo' } = answer;
  const answers = asked.map((request) => ({
    crls: [],
    ocsp: [new Uint8Array(answerOcsp(registry, request, NOW - age, { nonce }))],
  }));
  const { result, report } = started.finish(answers);
  return { verdict: [result, report.subIndication], asked: Buffer.from(asked[0] ?? []).toString('hex') };
}

const NONCE = '2b0601050507300102';
const SHA256 = '608648016503040201';

describe('how a responder is asked', () => {
  it('with a nonce that its answer must carry, unless the operator says otherwise', () => {
    for (const terms of [undefined, { nonce: 'required', certId: 'sha1' }] as const) {
      const strict = judged(terms);
      expect(strict.verdict).toEqual(['OK', undefined]);
      expect(strict.asked).toContain(NONCE);
      expect(judged(terms, { nonce: 'none' }).verdict).toEqual(['INDETERMINATE', 'TRY_LATER']);
    }
  });

  it('without one: the answer counts as long as the policy says, and no longer', () => {
    const terms = { nonce: 'not-sent', certId: 'sha1' } as const;
    expect(judged(terms).asked).not.toContain(NONCE);
    expect(judged(terms, { nonce: 'none' }).verdict).toEqual(['OK', undefined]);
    expect(judged(terms, { age: 14 * MINUTE }).verdict).toEqual(['OK', undefined]);
    expect(judged(terms, { age: 17 * MINUTE }).verdict).toEqual(['INDETERMINATE', 'TRY_LATER']);
  });

  it('by CertID with SHA-256, and a revoked certificate is revoked by it too', () => {
    const terms = { nonce: 'required', certId: 'sha256' } as const;
    expect(judged(terms).verdict).toEqual(['OK', undefined]);
    expect(judged(terms).asked).toContain(SHA256);
    expect(judged(undefined).asked).not.toContain(SHA256);
    const { signCertificate } = cardOf(registry, 'taro');
    registry.revoke(signCertificate, { revokedAt: NOW - 60 * MINUTE, reason: 'keyCompromise' });
    expect(judged(terms).verdict).toEqual(['CERTIFICATE_REVOKED', 'REVOKED_NO_POE']);
    registry.restore(signCertificate);
  });

  it('by lists nothing of this is asked', () => {
    expect(ocspQuestion('CRL', random, { nonce: 'required', certId: 'sha256' })).toEqual({});
  });
});
