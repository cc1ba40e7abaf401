import { backOffMillis } from '../core/back-off.ts';
import type { EpochMillis, VerificationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, ERROR_CODES, type ErrorCode, JitsuinError } from '../core/errors.ts';
import { decisiveCheck, type Report } from '../core/report.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import { applyVerificationEvent } from '../core/sign-transaction/verification-machine.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import { isXmlSignatureProfileName } from '../core/xmldsig/profile-table.ts';
import type { Job, JobOutcome } from '../ports/job-queue.ts';
import { clockIsOff } from '../verification/revocation/clock-watch.ts';
import { fetchRevocationData } from '../verification/revocation/revocation-data.ts';
import { readBundleHeader } from '../verifier/jwe/bundle-header.ts';
import { type OpenedResult, openResult } from '../verifier/jwe/open-result.ts';
import { startValidation } from '../verifier/validate.ts';
import { parseCertificate } from '../verifier/x509/certificate.ts';
import { identifyingOctets } from '../verifier/xmldsig/raw-value.ts';
import { keepBundleUntil } from './judge-again.ts';
import { keepDecision, keptDecision } from './keep-verdict.ts';
import { verificationFields } from './log-fields.ts';
import { useSignature } from './one-signature.ts';
import type { PlatformOperator } from './platform-operator.ts';
import { validationRequest } from './validation-request.ts';
import { overtaken } from './worker-step.ts';

const DONE: JobOutcome = { kind: 'done' };
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 10 * MINUTE_MILLIS;
/** Shortly before the deadline the last word is said, so that the sweep need not end it without one. */
const LAST_WORD = 15_000;
/** Outside, one code for every failure of the decryption: nothing tells which of them it was (catalogue R3). */
const TOLD_OF_DECRYPTION = 'jwe.decrypt';
/** The key that the bundle names is not here, or has expired: no word about the bundle, which was never opened. */
const OUR_KEYS: ReadonlySet<ErrorCode> = new Set(['key.not-found', 'key.state']);
/** What no other run can heal, since it is about what was handed in. */
const ABOUT_THE_SUBMISSION = /^(?:jwe|xml|xmldsig|c14n|digest|base64|transaction)\./;

/**
 * Job `verify`: opens the bundle, judges the signature, keeps the evidence, then the verdict. At least once: a
 * verification that is not `received` is left alone, and the state changes by compare-and-set, with its evidence in the
 * same transaction.
 * @throws JitsuinError what another run may heal (`store.*`, an unreadable keystore); the queue tries again
 */
export async function verify(operator: PlatformOperator, job: Job): Promise<JobOutcome> {
  const verification = await operator.verifications.get(job.subject as VerificationId);
  if (verification?.state !== 'received') return DONE;
  const opened = await attempt(() => openBundle(operator, verification));
  if (opened instanceof JitsuinError) return notOpened(operator, verification, job, opened);
  const used = await useSignature(operator, verification, rememberedOctets(opened));
  if (used === 'replay') return refuse(operator, verification, replayed());
  if (used === 'wait') return waitForTheFirst(operator, verification, job);
  if (used !== 'own') return used;
  const judged = await attempt(() => judge(operator, verification, opened, job)).catch((thrown: unknown) =>
    keepEarlier(operator, verification, thrown),
  );
  return judged instanceof JitsuinError ? refuse(operator, verification, judged) : judged;
}

/** A run of a program before 2026-12, which kept evidence before the verdict, may have died between the two. */
async function keepEarlier(
  operator: PlatformOperator,
  verification: Verification,
  thrown: unknown,
): Promise<JobOutcome> {
  if (asJitsuinError(thrown).code !== 'store.conflict') throw thrown;
  const kept = await keptDecision(operator, verification);
  if (kept === undefined) throw thrown;
  return keepDecision(operator, verification, kept);
}

/** What the signature is known by; of a certificate that cannot be read the value as it came. */
function rememberedOctets({ certificate, signatureValue }: OpenedResult): Uint8Array {
  try {
    return identifyingOctets(parseCertificate(certificate).publicKey(), signatureValue);
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return signatureValue;
    throw thrown;
  }
}

function replayed(): JitsuinError {
  return new JitsuinError('binding.replay', 'This signature was handed in before, under another submission.');
}

/** Another verification of the same tenant has the same signature in work: its answer will be this one's. */
function waitForTheFirst(
  operator: PlatformOperator,
  verification: Verification,
  job: Job,
): Promise<JobOutcome> {
  const next = nextTry(verification, operator.clock.now(), job.attempt) ?? verification.deadline;
  return postpone(operator, verification, next, 'verification.running');
}

/** Failures that are about what was handed in come back as values; those that another run may heal are thrown. */
async function attempt<T>(run: () => Promise<T>): Promise<T | JitsuinError> {
  try {
    return await run();
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (OUR_KEYS.has(error.code) || ABOUT_THE_SUBMISSION.test(error.code)) return error;
    throw thrown;
  }
}

/** Held where a key of ours is in the way: whoever registers or puts it back has it opened by the next try. */
function notOpened(
  operator: PlatformOperator,
  verification: Verification,
  job: Job,
  error: JitsuinError,
): Promise<JobOutcome> {
  if (!OUR_KEYS.has(error.code)) return refuse(operator, verification, error);
  const next = nextTry(verification, operator.clock.now(), job.attempt);
  return hold(operator, verification, next, error.code);
}

async function openBundle(operator: PlatformOperator, verification: Verification): Promise<OpenedResult> {
  const { secrets, service, environment } = verification;
  if (secrets === undefined) throw new JitsuinError('transaction.state', 'The bundle is no longer there.');
  const { kid } = readBundleHeader(secrets.jwe);
  if (kid === undefined) return openResult(secrets.jwe, await operator.keys.usable(service, environment));
  const key = await operator.keys.find(service, environment, kid);
  return openResult(secrets.jwe, key === undefined ? [] : [key]);
}

async function judge(
  operator: PlatformOperator,
  verification: Verification,
  opened: OpenedResult,
  job: Job,
): Promise<JobOutcome> {
  const { spelling } = opened;
  const now = operator.clock.now();
  const { id, tenant, profile } = verification;
  const inForm = profile !== 'detached' && !isXmlSignatureProfileName(profile);
  const files = inForm ? await operator.verifications.files(id, tenant) : [];
  const request = validationRequest(operator, verification, opened, now, files);
  const started = startValidation(request);
  const next = nextTry(verification, now, job.attempt);
  if (started.kind === 'decided') {
    const { outcome } = started;
    if (outcome.report.class === 'hold') return hold(operator, verification, next, codeOf(outcome.report));
    return keepDecision(operator, verification, { request, outcome, data: [], spelling });
  }
  const data = await fetchRevocationData(operator, started.needs);
  if (clockIsOff(operator)) return waitForTheClock(operator, verification, next);
  const outcome = started.finish(data);
  operator.revocationWatch.record(outcome.revocation, started.needs);
  if (outcome.report.class === 'hold') return hold(operator, verification, next, codeOf(outcome.report));
  if (outcome.retryable && next !== undefined) {
    return postpone(operator, verification, next, codeOf(outcome.report));
  }
  return keepDecision(operator, verification, { request, outcome, data, spelling });
}

/** 5 s, doubled up to 10 minutes, but once more before the deadline; undefined when this was the last try. */
function nextTry(verification: Verification, now: EpochMillis, attempt: number): EpochMillis | undefined {
  const last = verification.deadline - LAST_WORD;
  if (now >= last) return undefined;
  const wait = backOffMillis(attempt, FIRST_WAIT, LONGEST_WAIT);
  return Math.min(now + wait, last) as EpochMillis;
}

/**
 * Catalogue K14: no verdict by a clock that is off. Near the deadline the sweep ends the verification, without a
 * verdict.
 */
async function waitForTheClock(
  operator: PlatformOperator,
  verification: Verification,
  next: EpochMillis | undefined,
): Promise<JobOutcome> {
  operator.log.error('clock.off', { ...verificationFields(verification), code: 'clock.off' });
  return postpone(operator, verification, next ?? verification.deadline, 'clock.off');
}

/**
 * What is about our side (an anchor, a list, a CA's certificate, a key, a clock, a setting) is no verdict: an alarm
 * at once, judged again by whatever is configured then, and at the deadline the sweep ends it with this reason.
 */
async function hold(
  operator: PlatformOperator,
  verification: Verification,
  next: EpochMillis | undefined,
  code: ErrorCode | undefined,
): Promise<JobOutcome> {
  operator.log.error('verification.held', defined({ ...verificationFields(verification), code }));
  const told = code !== undefined && OUR_KEYS.has(code) ? TOLD_OF_DECRYPTION : code;
  return postpone(operator, verification, next ?? verification.deadline, told);
}

function codeOf(report: Report): ErrorCode | undefined {
  const code = decisiveCheck(report)?.code;
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
}

async function postpone(
  operator: PlatformOperator,
  verification: Verification,
  notBefore: EpochMillis,
  code: ErrorCode | undefined,
): Promise<JobOutcome> {
  const event = defined({ kind: 'judgement-postponed', code });
  const next = applyVerificationEvent(verification, event, operator.clock.now());
  const lost = await overtaken(operator, next, { audit: [] });
  if (lost !== undefined) return lost;
  operator.log.warn(
    'verification.postponed',
    defined({
      ...verificationFields(verification),
      code,
    }),
  );
  return { kind: 'later', notBefore };
}

/** The bundle cannot be opened or read, or is not what it claims: no verdict, the state says why. */
async function refuse(
  operator: PlatformOperator,
  verification: Verification,
  error: JitsuinError,
): Promise<JobOutcome> {
  const { id, tenant } = verification;
  const now = operator.clock.now();
  const { code } = error;
  const next = applyVerificationEvent(
    verification,
    { kind: 'bundle-refused', code, keepUntil: keepBundleUntil(operator, now) },
    now,
  );
  const lost = await overtaken(operator, next, {
    endsJobOf: id,
    audit: [{ event: 'verification.refused', subject: id, tenant, at: now, code }],
    notices: [{ type: 'verification.refused', tenant, at: now, data: { id, state: next.state } }],
  });
  if (lost !== undefined) return lost;
  operator.log.warn('verification.refused', { ...verificationFields(verification), code });
  return DONE;
}
