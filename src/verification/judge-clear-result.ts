import type { EpochMillis, SignatureValue } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { ERROR_CODES, type ErrorCode } from '../core/errors.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import { resumeForm } from '../core/forms/kept-form.ts';
import { decisiveCheck, type Report } from '../core/report.ts';
import type { Verdict } from '../core/sign-transaction/application.ts';
import { VERSION } from '../core/version.ts';
import { resumePrepared } from '../core/xmldsig/prepare.ts';
import { isXmlSignatureProfileName } from '../core/xmldsig/profile-table.ts';
import type { EvidenceStore } from '../ports/evidence-store.ts';
import type { InsideOutcome, InsideVerification, VerifyInside } from '../ports/inside-verification.ts';
import type { Random } from '../ports/random.ts';
import { makeEvidence } from '../verifier/evidence/make-evidence.ts';
import { recordedDecision } from '../verifier/evidence/verify-evidence.ts';
import type { PolicyFile } from '../verifier/policy/policy-file.ts';
import { policyOf } from '../verifier/policy/validation-policy.ts';
import type { OcspTerms, ResponderCache } from '../verifier/revocation/revocation-types.ts';
import { startValidation } from '../verifier/validate.ts';
import type {
  RevocationData,
  ValidationOutcome,
  ValidationRequest,
  ValidationSubject,
} from '../verifier/validation-types.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import { type ComparedClock, clockIsOff } from './revocation/clock-watch.ts';
import { ocspQuestion } from './revocation/ocsp-question.ts';
import { fetchRevocationData, type RevocationAsker } from './revocation/revocation-data.ts';
import type { RevocationWatch } from './revocation/revocation-watch.ts';

/** What an agency's own verification stands on. */
interface InsideVerifier extends ComparedClock, RevocationAsker {
  /** The rules by which signatures are judged. */
  readonly policy: PolicyFile;
  /** Receivers' forms by name. */
  readonly forms: FormCatalogue;
  readonly checkMethod: 'CRL' | 'OCSP';
  readonly trustAnchors: readonly Certificate[];
  readonly evidence: EvidenceStore;
  readonly random: Random;
  readonly revocationWatch: RevocationWatch;
  readonly responderCache: ResponderCache;
  /** How responders are asked; with a nonce when absent. */
  readonly ocsp?: OcspTerms;
}

/**
 * The agency's verification as the use-case needs it: judges certificate, signature and revocation, keeps the evidence
 * under the application's id, gives the verdict. Evidence that a run kept before it died is used again, so that a
 * verdict never changes.
 */
export function createVerifyInside(verifier: InsideVerifier): VerifyInside {
  return async (input) => {
    const kept = await verifier.evidence.get(input.application, input.tenant);
    if (kept !== undefined) return decided(input, recordedDecision(kept));
    const request = requestOf(verifier, input);
    const started = startValidation(request);
    if (started.kind === 'decided') return keepOrHold(verifier, input, request, started.outcome, []);
    const data = await fetchRevocationData(verifier, started.needs);
    // Catalogue K14: no verdict by a clock that is off. The application's own deadline ends it without one.
    if (clockIsOff(verifier)) return waitForTheClock(verifier, input);
    const outcome = started.finish(data);
    verifier.revocationWatch.record(outcome.revocation, started.needs);
    if (outcome.retryable && input.patience === 'may-wait') return { kind: 'undecided' };
    return keepOrHold(verifier, input, request, outcome, data);
  };
}

function waitForTheClock({ log }: InsideVerifier, { application }: InsideVerification): InsideOutcome {
  log.error('clock.off', { application, code: 'clock.off' });
  return { kind: 'undecided', code: 'clock.off' };
}

/**
 * What is about our side is no verdict about the citizen: an alarm, and the application's own deadline ends it
 * without one.
 */
async function keepOrHold(
  verifier: InsideVerifier,
  input: InsideVerification,
  request: ValidationRequest,
  outcome: ValidationOutcome,
  data: readonly RevocationData[],
): Promise<InsideOutcome> {
  if (outcome.report.class !== 'hold') return keep(verifier, input, request, outcome, data);
  const { application } = input;
  const code = codeOf(outcome.report);
  verifier.log.error('verification.held', { application, code });
  return { kind: 'undecided', code };
}

function codeOf(report: Report): ErrorCode {
  const code = decisiveCheck(report)?.code;
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'config.invalid';
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
    id,
    request,
    outcome,
    data,
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
  const verdict: Verdict = defined({
    indication: report.indication,
    subIndication: report.subIndication,
    signedOctetsSha256: signedOctetsSha256 ?? '',
    decidedAt: report.validationTime,
    reference: input.application,
  });
  return { kind: 'decided', verdict };
}

function requestOf(verifier: InsideVerifier, input: InsideVerification): ValidationRequest {
  const { checkMethod, trustAnchors, random } = verifier;
  return defined({
    subject: subjectOf(verifier.forms, input),
    mode: input.mode,
    data: input.data,
    trustAnchors,
    at: input.at as EpochMillis,
    policy: policyOf(verifier.policy, checkMethod),
    responderCache: verifier.responderCache,
    ...ocspQuestion(checkMethod, random, verifier.ocsp),
  });
}

function subjectOf(forms: FormCatalogue, input: InsideVerification): ValidationSubject {
  const { certificate } = input;
  const signatureValue = input.signatureValue as SignatureValue;
  if (input.profile === 'detached') {
    return { kind: 'file', octets: input.document, certificate, signatureValue };
  }
  if (!isXmlSignatureProfileName(input.profile)) {
    const { form, prepared } = resumeForm(input, forms);
    const { files } = input;
    return { kind: 'form', form, skeleton: prepared.skeleton, files, certificate, signatureValue };
  }
  return { kind: 'skeleton', prepared: resumePrepared(input), certificate, signatureValue };
}
