import type { VerificationStatus } from '../contracts/verification.ts';
import type { ApplicationId, EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, ERROR_CODES, type ErrorCode, JitsuinError } from '../core/errors.ts';
import type { SubIndication } from '../core/report.ts';
import type { Application, Verdict } from '../core/sign-transaction/application.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import { knowsItsOctets, requireReceiptOf } from './judge-receipt.ts';
import type { RelyingParty } from './relying-party.ts';
import { correlationOf, endByFailure, isOverdue, step, withItsDocument } from './step.ts';
import { handIn, throwIfOperatorsMayHeal, type VerificationClient } from './submit-verification.ts';

const DONE: JobOutcome = { kind: 'done' };
const SOONEST = 500;
const LATEST = MINUTE_MILLIS;

/**
 * sp: asks the platform operator for the verdict; keeps verdict and receipt when it is there, asks again later (0.5 s
 * growing to 60 s with the time waited) while it is not.
 * @throws JitsuinError `upstream.*` when the queue shall try again
 */
export async function awaitVerification(
  ports: RelyingParty & VerificationClient,
  id: ApplicationId,
): Promise<JobOutcome> {
  const application = await ports.applications.withoutDocument(id);
  if (application?.state !== 'submitted') return DONE;
  if (isOverdue(ports, application)) {
    await step(ports, application, { kind: 'timed-out' });
    return DONE;
  }
  const status = await statusOf(ports, application);
  if (isLostThere(status) && application.secrets?.resultJwe !== undefined) {
    return handInAgain(ports, application);
  }
  if (status instanceof JitsuinError) {
    throwIfOperatorsMayHeal(ports, application, status);
    await endByFailure(ports, application, status, 'may-repeat');
    return DONE;
  }
  switch (status.state) {
    case 'received':
      return { kind: 'later', notBefore: nextQuestion(ports, application) };
    case 'decided':
      return keepVerdict(ports, application, status);
    case 'refused':
      return end(ports, application, 'failed', knownCode(status.failure));
    case 'expired':
      return end(ports, application, 'restart-demanded', 'transaction.expired');
  }
}

/** The operator itself says that it has no such verification (a deleted one is told as such). */
function isLostThere(status: VerificationStatus | JitsuinError): boolean {
  return (
    status instanceof JitsuinError && status.code === 'upstream.final' && status.upstream?.status === 404
  );
}

/** The operator's store went back in time behind this submission: we still hold the bundle, so it gets it once more. */
async function handInAgain(
  ports: RelyingParty & VerificationClient,
  application: Application,
): Promise<JobOutcome> {
  const { id, tenant, verificationId } = application;
  const answer = await handIn(ports, application);
  if (answer instanceof JitsuinError) {
    throwIfOperatorsMayHeal(ports, application, answer);
    await endByFailure(ports, application, answer, 'may-repeat');
    return DONE;
  }
  ports.log.warn(
    'application.submission-lost',
    defined({ application: id, tenant, verification: verificationId }),
  );
  const next = await step(ports, application, { kind: 'verification-submitted', verificationId: answer.id });
  return { kind: 'later', notBefore: nextQuestion(ports, next) };
}

async function statusOf(
  ports: RelyingParty & VerificationClient,
  application: Application,
): Promise<VerificationStatus | JitsuinError> {
  const { verificationId } = application;
  if (verificationId === undefined)
    return new JitsuinError(
      'transaction.state',
      'This application was not handed to a platform operator yet.',
    );
  const status = await ports.verifications
    .status(verificationId, correlationOf(application))
    .catch((thrown: unknown) => asJitsuinError(thrown));
  if (status instanceof JitsuinError || status.submission_id === application.id) return status;
  return new JitsuinError('binding.transaction', 'The verification belongs to another submission.');
}

async function keepVerdict(
  ports: RelyingParty & VerificationClient,
  application: Application,
  status: VerificationStatus,
): Promise<JobOutcome> {
  const verdict = verdictOf(status, ports.clock.now());
  if (verdict === undefined) return end(ports, application, 'failed', 'upstream.response');
  const receipt = await provenReceipt(ports, application, status);
  if (receipt instanceof JitsuinError) return end(ports, application, 'failed', receipt.code);
  await step(ports, application, { kind: 'verdict-reached', verdict, receipt });
  return DONE;
}

/**
 * No verdict without its receipt, and no receipt that is not proved: one that tells of something else ends the
 * application, one whose key is not known here waits for an operator.
 */
async function provenReceipt(
  ports: RelyingParty & VerificationClient,
  application: Application,
  status: VerificationStatus,
): Promise<string | JitsuinError> {
  const receipt = status.receipt ?? (await receiptAlone(ports, application, status.id));
  const claims = await ports.receipts.judge(receipt);
  try {
    const whole = knowsItsOctets(application) ? application : await withItsDocument(ports, application);
    requireReceiptOf(whole, ports.forms, status, claims);
    return receipt;
  } catch (thrown) {
    return asJitsuinError(thrown);
  }
}

/** An operator's program before 2026-12 gives it by a request of its own only. */
async function receiptAlone(
  ports: VerificationClient,
  application: Application,
  verificationId: string,
): Promise<string> {
  const answer = await ports.verifications.receipt(verificationId, correlationOf(application));
  if (answer === undefined) throw new JitsuinError('upstream.response', 'A verdict came without a receipt.');
  return answer.receipt;
}

function verdictOf(status: VerificationStatus, now: EpochMillis): Verdict | undefined {
  const { indication, sub_indication: subIndication, signed_octets_sha256: signedOctetsSha256 } = status;
  if (indication === undefined) return undefined;
  if (indication === 'TOTAL-PASSED' && signedOctetsSha256 === undefined) return undefined;
  const decidedAt = Date.parse(status.decided_at ?? '');
  return defined({
    indication,
    subIndication: subIndication === undefined ? undefined : (subIndication as SubIndication),
    signedOctetsSha256: signedOctetsSha256 ?? '',
    decidedAt: Number.isNaN(decidedAt) ? now : (decidedAt as EpochMillis),
    reference: status.id,
  });
}

async function end(
  ports: RelyingParty,
  application: Application,
  kind: 'failed' | 'restart-demanded',
  code: ErrorCode,
): Promise<JobOutcome> {
  await step(ports, application, { kind, failure: { code } });
  return DONE;
}

function knownCode(code: string | undefined): ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'upstream.final';
}

function nextQuestion(ports: RelyingParty, application: Application): EpochMillis {
  const now = ports.clock.now();
  const waited = now - application.updatedAt;
  return (now + Math.min(LATEST, Math.max(SOONEST, Math.round(waited / 4)))) as EpochMillis;
}
