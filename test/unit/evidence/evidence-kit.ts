import { makeEvidence } from '../../../src/verifier/evidence/make-evidence.ts';
import { startValidation } from '../../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import type { ValidationRequest } from '../../../src/verifier/validation-types.ts';
import { anchorsOf, NOW, newRegistry, revocationAnswers, signXml } from '../../support/pf-signing.ts';

export const registry = newRegistry();
export const trustAnchors = anchorsOf(registry);

/** The evidence of one simulated citizen's signed application. */
export function evidenceFor(
  id: string,
  person = 'taro',
  method: 'OCSP' | 'CRL' = 'OCSP',
  profile: 'enveloped' | 'by-id' = 'enveloped',
) {
  const signed = signXml(registry, person, profile);
  const request: ValidationRequest = {
    subject: { kind: 'skeleton', ...signed },
    mode: 'digest-info',
    data: signed.prepared.data,
    trustAnchors,
    at: NOW,
    policy: jpkiSigningPolicy('test', method),
    ...(method === 'OCSP' ? { nonce: new Uint8Array(16).fill(9) } : {}),
  };
  const started = startValidation(request);
  const data = started.kind === 'decided' ? [] : revocationAnswers(registry, started.needs);
  const outcome = started.kind === 'decided' ? started.outcome : started.finish(data);
  return makeEvidence({ id, request, outcome, data, instantSource: 'test-clock', validatorVersion: '0.1.0' });
}
