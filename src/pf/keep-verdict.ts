import type { ReceiptClaims } from '../contracts/verification.ts';
import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { outcomeOfVerdict } from '../core/outcomes.ts';
import { decisiveCheck, type KeptReport } from '../core/report.ts';
import type { Verification, VerificationResult } from '../core/sign-transaction/verification.ts';
import {
  applyVerificationEvent,
  type VerificationEvent,
} from '../core/sign-transaction/verification-machine.ts';
import type { NewEvidence } from '../ports/evidence-store.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import { type Evidence, makeEvidence } from '../verifier/evidence/make-evidence.ts';
import { evidencePart, recordedDecision } from '../verifier/evidence/read-evidence.ts';
import type { BundleSpelling } from '../verifier/jwe/bundle-content.ts';
import { plainReportFacts, policyFacts } from '../verifier/report/report-facts.ts';
import type { RevocationData, ValidationOutcome, ValidationRequest } from '../verifier/validation-types.ts';
import { uuidFrom, verificationFees } from './fees.ts';
import { keepBundleUntil } from './judge-again.ts';
import { verificationFields } from './log-fields.ts';
import type { PlatformOperator } from './platform-operator.ts';
import { overtaken } from './worker-step.ts';

/** A verdict just reached, its evidence not kept yet. */
interface FreshDecision {
  readonly request: ValidationRequest;
  readonly outcome: ValidationOutcome;
  readonly data: readonly RevocationData[];
  /** How the bundle was written, where not as expected. */
  readonly spelling: readonly BundleSpelling[];
}

/** A verdict as its evidence has it. */
interface KeptDecision {
  readonly report: KeptReport;
  readonly result: VerificationResult;
  readonly signedOctetsSha256?: string;
}

/** The verdict of an earlier run that kept its evidence and died before the state changed. */
export async function keptDecision(
  operator: PlatformOperator,
  verification: Verification,
): Promise<KeptDecision | undefined> {
  const octets = await operator.evidence.get(verification.id, verification.tenant);
  if (octets === undefined) return undefined;
  const { report, ...decision } = recordedDecision(octets);
  return { ...decision, report: { ...report, policy: plainReportFacts(verification.id, octets).policy } };
}

/** Evidence, verdict, receipt and fees in one step; the bundle and the skeleton go in it. */
export async function keepDecision(
  operator: PlatformOperator,
  verification: Verification,
  decision: FreshDecision | KeptDecision,
): Promise<JobOutcome> {
  const { id, tenant } = verification;
  const evidence = 'outcome' in decision ? [await evidenceOf(operator, verification, decision)] : [];
  const kept = 'outcome' in decision ? freshly(decision) : decision;
  const certificate =
    'outcome' in decision ? decision.outcome.certificate?.der : await keptCertificate(operator, verification);
  const subject = await subjectOf(operator, verification, kept, certificate);
  const next = await decided(operator, { ...verification, ...subject }, kept);
  const lost = await overtaken(operator, next, {
    endsJobOf: id,
    audit: [withSpelling(auditEvent(next, kept), decision)],
    fees: verificationFees(operator, next),
    evidence,
    notices: [{ type: 'verification.decided', tenant, at: next.updatedAt, data: { id, state: next.state } }],
  });
  if (lost !== undefined) return lost;
  const outcome = outcomeOfVerdict(kept.report);
  operator.log.info('verification.decided', {
    ...verificationFields(verification),
    state: kept.result,
    outcome,
  });
  if ('outcome' in decision && decision.spelling.length > 0)
    operator.log.warn('bundle.other-spelling', verificationFields(verification));
  return { kind: 'done' };
}

function freshly({ outcome, request }: FreshDecision): KeptDecision {
  const { result, report, signedOctetsSha256 } = outcome;
  const policy = policyFacts(request.policy);
  return defined({ result, report: { ...report, policy }, signedOctetsSha256 });
}

async function evidenceOf(
  operator: PlatformOperator,
  { id, tenant }: Verification,
  { request, outcome, data }: FreshDecision,
): Promise<NewEvidence> {
  const evidence = makeEvidence({
    id,
    request,
    outcome,
    data,
    instantSource: 'platform-clock',
    validatorVersion: operator.version,
  });
  const { octets, recordSha256: sha256, kept } = evidence;
  return { id, tenant, octets, sha256, kept, seal: await sealOf(operator, evidence) };
}

/** Over the octets as they are kept, by which the time-stamped tree knows them too. */
function sealOf(
  { receipts, publicUrl, clock }: PlatformOperator,
  { id, recordSha256 }: Evidence,
): Promise<string> {
  const iat = Math.floor(clock.now() / 1000);
  return receipts.seal({ iss: publicUrl, jti: id, iat, evidence_sha256: recordSha256 });
}

/**
 * The answer of an earlier verification of the very same signature, under this one's own id: no evidence but that
 * one's, no fee.
 */
export async function keepAnswer(
  operator: PlatformOperator,
  verification: Verification,
  first: Verification,
): Promise<JobOutcome> {
  const { report, result, signedOctetsSha256, subjectId } = first;
  if (report === undefined || result === undefined)
    throw new JitsuinError('transaction.state', 'The first verification of this signature has no answer.');
  const kept: KeptDecision = defined({ report, result, signedOctetsSha256 });
  const next = await decided(operator, defined({ ...verification, subjectId }), kept);
  const { id, tenant } = verification;
  const decision = auditEvent(next, kept);
  const lost = await overtaken(operator, next, {
    endsJobOf: id,
    audit: [{ ...decision, facts: { ...decision.facts, first: first.id } }],
    notices: [{ type: 'verification.decided', tenant, at: next.updatedAt, data: { id, state: next.state } }],
  });
  if (lost !== undefined) return lost;
  const fields = { ...verificationFields(verification), state: result, outcome: outcomeOfVerdict(report) };
  operator.log.info('verification.answered-again', fields);
  return { kind: 'done' };
}

function withSpelling(event: ReturnType<typeof auditEvent>, decision: FreshDecision | KeptDecision) {
  if (!('outcome' in decision) || decision.spelling.length === 0) return event;
  return { ...event, facts: { ...event.facts, bundleSpelling: decision.spelling.join(' ') } };
}

async function keptCertificate(
  operator: PlatformOperator,
  { id, tenant }: Verification,
): Promise<Uint8Array | undefined> {
  const octets = await operator.evidence.get(id, tenant);
  return octets === undefined ? undefined : evidencePart(octets, 'certificate');
}

/** A citizen has an id only where the contract has one, and only by a certificate that was found good. */
async function subjectOf(
  { tenants, subjects, random }: PlatformOperator,
  { tenant }: Verification,
  { result }: KeptDecision,
  certificate: Uint8Array | undefined,
): Promise<Pick<Verification, 'subjectId'>> {
  if (result !== 'OK' || certificate === undefined || !tenants.mayHave(tenant, 'subject-id')) return {};
  const fresh = uuidFrom(random.octets(16));
  return { subjectId: await subjects.idFor(tenant, certificate, fresh) };
}

async function decided(
  operator: PlatformOperator,
  verification: Verification,
  decision: KeptDecision,
): Promise<Verification> {
  const { report, result, signedOctetsSha256 } = decision;
  const claims = receiptClaims(operator, verification, decision, report.validationTime);
  const event: VerificationEvent = defined({
    kind: 'verdict-reached',
    result,
    report,
    signedOctetsSha256,
    receipt: await operator.receipts.sign(claims),
    keepUntil: result === 'INDETERMINATE' ? keepBundleUntil(operator, operator.clock.now()) : undefined,
  });
  return applyVerificationEvent(verification, event, operator.clock.now());
}

/** Member by member: a receipt can be shown to anyone, so nothing of the certificate has a way in. */
function receiptClaims(
  operator: PlatformOperator,
  verification: Verification,
  { report, result, signedOctetsSha256 }: KeptDecision,
  decidedAt: EpochMillis,
): ReceiptClaims {
  const { id, tenant, submissionKey, data, profile, mode, checkMethod } = verification;
  return {
    iss: operator.publicUrl,
    aud: tenant,
    iat: Math.floor(decidedAt / 1000),
    jti: id,
    verification: defined({
      id,
      submission_id: submissionKey,
      result,
      indication: report.indication,
      sub_indication: report.subIndication,
      signed_octets_sha256: signedOctetsSha256,
      data,
      profile,
      mode,
      check_method: checkMethod,
      decided_at: new Date(decidedAt).toISOString(),
    }),
  };
}

function auditEvent(verification: Verification, { report, result }: KeptDecision) {
  const { id, tenant, checkMethod, updatedAt } = verification;
  const code = decisiveCheck(report)?.code;
  return defined({
    event: 'verification.decided',
    subject: id,
    tenant,
    at: updatedAt,
    code,
    // The purpose is reported to the authorities and priced (facts/pki.md section 5).
    facts: { result, indication: report.indication, checkMethod, purpose: 'signature-verification' },
  });
}
