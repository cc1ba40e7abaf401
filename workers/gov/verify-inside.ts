import type { EpochMillis, SignatureValue } from '../../src/core/brand.ts';
import { asJitsuinError } from '../../src/core/errors.ts';
import type { Report } from '../../src/core/report.ts';
import type { Verdict } from '../../src/core/sign-transaction/application.ts';
import { VERSION } from '../../src/core/version.ts';
import { resumePrepared } from '../../src/core/xmldsig/prepare.ts';
import type { EvidenceStore } from '../../src/ports/evidence-store.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Random } from '../../src/ports/random.ts';
import type { RevocationSource } from '../../src/ports/revocation-source.ts';
import type { InsideOutcome, InsideVerification, VerifyInside } from '../../src/rp/verify-application.ts';
import { makeEvidence } from '../../src/verifier/evidence/make-evidence.ts';
import { recordedDecision } from '../../src/verifier/evidence/verify-evidence.ts';
import { startValidation } from '../../src/verifier/validate.ts';
import { jpkiSigningPolicy } from '../../src/verifier/validation-policy.ts';
import type {
  RevocationData,
  RevocationNeed,
  ValidationOutcome,
  ValidationRequest,
  ValidationSubject,
} from '../../src/verifier/validation-types.ts';
import type { Certificate } from '../../src/verifier/x509/certificate-types.ts';

/** What an agency's own verification stands on. */
export interface InsideVerifier {
  readonly environment: 'test' | 'production';
  readonly checkMethod: 'CRL' | 'OCSP';
  readonly trustAnchors: readonly Certificate[];
  readonly revocation: RevocationSource;
  readonly evidence: EvidenceStore;
  readonly random: Random;
  readonly log: Log;
}

/**
 * The agency's verification as the use-case needs it: judges certificate, signature and revocation, keeps the evidence
 * under the application's id, gives the verdict. Evidence that a run kept before it died is used again, so that a verdict
 * never changes.
 */
export function createVerifyInside(verifier: InsideVerifier): VerifyInside {
  return async (input) => {
    const kept = await verifier.evidence.get(input.application, input.tenant);
    if (kept !== undefined) return decided(input, recordedDecision(kept));
    const request = requestOf(verifier, input);
    const started = startValidation(request);
    if (started.kind === 'decided') return keep(verifier, input, request, started.outcome, []);
    const data = await Promise.all(started.needs.map((need) => dataFor(verifier, need)));
    const outcome = started.finish(data);
    if (outcome.retryable && input.patience === 'may-wait') return { kind: 'undecided' };
    return keep(verifier, input, request, outcome, data);
  };
}

async function keep(
  verifier: InsideVerifier,
  input: InsideVerification,
  request: ValidationRequest,
  outcome: ValidationOutcome,
  data: readonly RevocationData[],
): Promise<InsideOutcome> {
  const id = input.application;
  const evidence = makeEvidence({
    ...{ id, request, outcome, data },
    instantSource: 'agency-clock',
    validatorVersion: VERSION,
  });
  await verifier.evidence.put(id, input.tenant, evidence.octets);
  return decided(input, outcome);
}

function decided(
  input: InsideVerification,
  { report, signedOctetsSha256 }: { readonly report: Report; readonly signedOctetsSha256?: string },
): InsideOutcome {
  const verdict: Verdict = {
    indication: report.indication,
    ...(report.subIndication === undefined ? {} : { subIndication: report.subIndication }),
    signedOctetsSha256: signedOctetsSha256 ?? '',
    decidedAt: report.validationTime,
    reference: input.application,
  };
  return { kind: 'decided', verdict };
}

function requestOf(verifier: InsideVerifier, input: InsideVerification): ValidationRequest {
  const { environment, checkMethod, trustAnchors, random } = verifier;
  return {
    subject: subjectOf(input),
    mode: input.mode,
    data: input.data,
    trustAnchors,
    at: input.at as EpochMillis,
    policy: jpkiSigningPolicy(environment, checkMethod),
    ...(checkMethod === 'OCSP' ? { nonce: random.octets(16) } : {}),
  };
}

function subjectOf(input: InsideVerification): ValidationSubject {
  const { certificate } = input;
  const signatureValue = input.signatureValue as SignatureValue;
  if (input.profile === 'detached') {
    return { kind: 'file', octets: input.document, certificate, signatureValue };
  }
  return { kind: 'skeleton', prepared: resumePrepared(input.prepared), certificate, signatureValue };
}

/** What the configured sources say; what cannot be had is not there, and the verifier says INDETERMINATE. */
async function dataFor(verifier: InsideVerifier, need: RevocationNeed): Promise<RevocationData> {
  const { revocation } = verifier;
  const { ocspRequest } = need;
  if (need.method === 'OCSP') {
    const answer =
      ocspRequest === undefined ? undefined : await orNothing(verifier, revocation.ocsp?.(ocspRequest));
    return { crls: [], ocsp: answer === undefined ? [] : [answer] };
  }
  const answers = await Promise.all(
    need.distributionPoints.map((name) => orNothing(verifier, revocation.crl?.(name))),
  );
  return { crls: answers.filter((answer) => answer !== undefined), ocsp: [] };
}

async function orNothing(
  verifier: InsideVerifier,
  answer: Promise<Uint8Array> | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    const { code } = asJitsuinError(thrown);
    if (code !== 'revocation.unavailable') throw thrown;
    verifier.log.warn('revocation.unavailable', { code });
    return undefined;
  }
}
