import type { EpochMillis } from '../brand.ts';
import { defined } from '../defined.ts';
import { type ErrorCode, JitsuinError } from '../errors.ts';
import type { KeptReport } from '../report.ts';
import {
  FINAL_VERIFICATION_STATES,
  type Verification,
  type VerificationResult,
  type VerificationState,
} from './verification.ts';

/** Everything that can happen to a verification after it was received. */
export type VerificationEvent =
  | {
      readonly kind: 'verdict-reached';
      readonly result: VerificationResult;
      readonly report: KeptReport;
      readonly signedOctetsSha256?: string;
      readonly receipt?: string;
      /** Of one that decides nothing: until when its bundle can be judged again. */
      readonly keepUntil?: EpochMillis;
    }
  /** The bundle can not be opened, or is not bound to this submission. */
  | { readonly kind: 'bundle-refused'; readonly code: ErrorCode; readonly keepUntil?: EpochMillis }
  /**
   * Not decided now, and there is still time: revocation data is missing, or an operator must act. `code` says what
   * stands in the way.
   */
  | { readonly kind: 'judgement-postponed'; readonly code?: ErrorCode }
  /** The sweep gives a job back to a verification that has waited too long for its worker. */
  | { readonly kind: 'job-renewed' }
  | { readonly kind: 'timed-out'; readonly keepUntil?: EpochMillis }
  /** An operator has it judged once more: it ended without a verdict (or undecided), its bundle is still there. */
  | { readonly kind: 'judged-again'; readonly deadline: EpochMillis }
  | { readonly kind: 'purged' }
  /** The four attributes are handed out to the tenant: once. */
  | { readonly kind: 'content-taken' }
  /** By the tenant's wish or the retention clock. */
  | { readonly kind: 'deleted' };

export type VerificationEventKind = VerificationEvent['kind'];

interface VerificationStateRow {
  readonly actor: 'worker' | 'nobody';
  readonly on: Readonly<Partial<Record<VerificationEventKind, VerificationState>>>;
}

/** States × events → next state. `received` has its own clock: `timed-out` at the deadline that was set at receipt. */
export const VERIFICATION_MACHINE: Readonly<Record<VerificationState, VerificationStateRow>> = {
  received: {
    actor: 'worker',
    on: {
      'verdict-reached': 'decided',
      'bundle-refused': 'refused',
      'judgement-postponed': 'received',
      'job-renewed': 'received',
      'timed-out': 'expired',
    },
  },
  decided: {
    actor: 'nobody',
    on: { purged: 'decided', 'content-taken': 'decided', deleted: 'decided', 'judged-again': 'received' },
  },
  refused: { actor: 'nobody', on: { purged: 'refused', deleted: 'refused', 'judged-again': 'received' } },
  expired: { actor: 'nobody', on: { purged: 'expired', deleted: 'expired', 'judged-again': 'received' } },
};

/**
 * One step of the machine: the next record, its revision one higher. Skeleton and JWE go with the verdict: the
 * evidence holds what was judged. What ended without one, or undecided, keeps them, sealed, until `keepUntil`: a
 * citizen's signature is not burnt by our fault.
 * @throws JitsuinError `transaction.state` when the table has no such way, or content was handed out or the record
 * deleted before
 */
export function applyVerificationEvent(
  verification: Verification,
  event: VerificationEvent,
  now: EpochMillis,
): Verification {
  const state = VERIFICATION_MACHINE[verification.state].on[event.kind];
  if (state === undefined) {
    throw new JitsuinError(
      'transaction.state',
      `"${event.kind}" is not possible in "${verification.state}".`,
    );
  }
  const next = { ...verification, revision: verification.revision + 1, updatedAt: now, state };
  if (event.kind === 'judgement-postponed') return waitingFor(next, event.code);
  if (event.kind === 'judged-again') return judgedAgain(next, event.deadline);
  if (!FINAL_VERIFICATION_STATES.includes(state)) return next;
  const { secrets: _gone, ...rest } = next;
  if (event.kind === 'content-taken') return contentTaken(rest, now);
  if (event.kind === 'deleted') return deleted(rest, now);
  if (event.kind === 'timed-out') {
    const failure = rest.failure ?? { code: 'transaction.expired' };
    return withBundle({ ...rest, failure }, next, event.keepUntil);
  }
  if (event.kind === 'bundle-refused') return withBundle({ ...rest, ...endOf(event) }, next, event.keepUntil);
  // What it had waited for is no failure of it any more.
  const { failure: _waited, ...ended } = rest;
  if (event.kind !== 'verdict-reached') return event.kind === 'purged' ? rest : ended;
  return withBundle({ ...ended, ...endOf(event) }, next, event.keepUntil);
}

/** What stands in the way is kept, so that a verification that ends without a verdict says why. */
function waitingFor(verification: Verification, code: ErrorCode | undefined): Verification {
  const { failure: _before, ...open } = verification;
  return code === undefined ? open : { ...open, failure: { code } };
}

/** An end without a verdict keeps skeleton and JWE until its clock. */
function withBundle(
  ended: Verification,
  { secrets }: Verification,
  keepUntil: EpochMillis | undefined,
): Verification {
  return keepUntil === undefined || secrets === undefined ? ended : { ...ended, secrets, purgeAt: keepUntil };
}

function judgedAgain(verification: Verification, deadline: EpochMillis): Verification {
  if (verification.secrets === undefined || isDeleted(verification))
    throw new JitsuinError('transaction.state', 'The bundle is no longer there: it cannot be judged again.');
  const { failure: _failure, result: _result, report: _report, receipt: _receipt, ...left } = verification;
  const { decidedAt: _decided, signedOctetsSha256: _octets, ...open } = left;
  return { ...open, deadline, purgeAt: deadline };
}

function contentTaken(verification: Verification, now: EpochMillis): Verification {
  if (verification.result !== 'OK' || verification.contentTakenAt !== undefined || isDeleted(verification))
    throw new JitsuinError('transaction.state', 'There is no content to be handed out.');
  return { ...verification, contentTakenAt: now };
}

/** What a replay is known by stays: the ids and hashes of the submission. */
function deleted(verification: Verification, now: EpochMillis): Verification {
  if (isDeleted(verification))
    throw new JitsuinError('transaction.state', 'The verification was deleted before.');
  const {
    report: _report,
    receipt: _receipt,
    result: _result,
    signedOctetsSha256: _octets,
    subjectId: _subject,
    ...kept
  } = verification;
  return { ...kept, deletedAt: now };
}

function isDeleted({ deletedAt }: Verification): boolean {
  return deletedAt !== undefined;
}

function endOf(event: VerificationEvent): Partial<Verification> {
  switch (event.kind) {
    case 'verdict-reached': {
      const { result, report, signedOctetsSha256, receipt } = event;
      return defined({
        result,
        report,
        decidedAt: report.validationTime,
        signedOctetsSha256,
        receipt,
      });
    }
    case 'bundle-refused':
      return { failure: { code: event.code } };
    default:
      return {};
  }
}
