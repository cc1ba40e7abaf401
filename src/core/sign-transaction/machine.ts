import type { EpochMillis } from '../brand.ts';
import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import {
  type Application,
  type ApplicationSecrets,
  type ApplicationState,
  FINAL_APPLICATION_STATES,
} from './application.ts';
import { certificateEnded } from './certificate-ended.ts';
import type { ApplicationEvent } from './events.ts';
import { CLOCKS, type Clocks, MACHINE } from './machine-table.ts';
import { canBeJudgedAgain, canStartAgain, needsOffice } from './way-on.ts';

/** True when the application has ended: nothing but the purge is to come. */
export function isFinal(state: ApplicationState): boolean {
  return FINAL_APPLICATION_STATES.includes(state);
}

/**
 * One step of the machine: the next record, its revision one higher, its deadline and purge instant set by the table's
 * clocks, protected values that the next state does not need gone. A step that stays in its state keeps its deadline,
 * so that no repetition keeps an application alive.
 * @throws JitsuinError `transaction.state` when the table has no such way
 */
export function applyEvent(
  application: Application,
  event: ApplicationEvent,
  now: EpochMillis,
  clocks: Clocks = CLOCKS,
): Application {
  const state = MACHINE[application.state].on[event.kind];
  if (state === undefined || (isLink(event) && isFinal(state) && !canStartAgain(application))) {
    throw new JitsuinError('transaction.state', `"${event.kind}" is not possible in "${application.state}".`);
  }
  if (event.kind === 'purged') return purged(application, now);
  if (event.kind === 'judged-again' && !canBeJudgedAgain(application)) {
    throw new JitsuinError('transaction.state', 'It has a verdict, or the result is no longer there.');
  }
  const entered = state !== application.state;
  const deadline =
    entered && !isFinal(state) ? later(now, clocks[MACHINE[state].clock]) : application.deadline;
  const next: Application = {
    ...withoutHealed(application, event),
    ...fieldsOf(application, event, now),
    ...secretsAfter(application, event, state),
    revision: application.revision + 1,
    state,
    updatedAt: now,
    deadline,
  };
  if (!isFinal(state)) return { ...next, purgeAt: later(deadline, clocks.endedKept) };
  return entered ? { ...next, purgeAt: later(now, keptFor(next, clocks)) } : next;
}

/** How long the document stays after this end: as long as the way back that the citizen is told of. */
function keptFor(ended: Application, clocks: Clocks): number {
  const usual = clocks[MACHINE[ended.state].clock];
  if (canBeJudgedAgain(ended)) return Math.max(usual, clocks.decidedKept);
  const office = needsOffice(ended.failure) || certificateEnded(ended.verdict);
  return office ? Math.max(usual, clocks.officeKept) : usual;
}

/** A new link, or a browser that comes with one: after the end only where something can still be signed. */
function isLink({ kind }: ApplicationEvent): boolean {
  return kind === 'handed-over' || kind === 'browser-took';
}

/** The deadline and purge instant of an application just received. */
export function clocksAtReceipt(
  now: EpochMillis,
  clocks: Clocks = CLOCKS,
): { readonly deadline: EpochMillis; readonly purgeAt: EpochMillis } {
  const deadline = later(now, clocks.received);
  return { deadline, purgeAt: later(deadline, clocks.endedKept) };
}

function purged(application: Application, now: EpochMillis): Application {
  const { secrets: _gone, stateHash: _hash, subjectHash: _subject, ...rest } = application;
  return { ...rest, purged: true, revision: application.revision + 1, updatedAt: now };
}

/** Whose browser it is says nothing about the start of the sign transaction; every other step heals it. */
function withoutHealed(application: Application, event: ApplicationEvent): Application {
  if (isLink(event) || isHeld(application, event)) return application;
  const { failure: _healed, startAttemptedAt: _answered, ...rest } = application;
  if (event.kind !== 'judged-again') return rest;
  const { verdict: _undecided, ...open } = rest;
  return open;
}

/** What stands in the way of a verdict does so still when a job is renewed or the time runs out. */
function isHeld({ state }: Application, { kind }: ApplicationEvent): boolean {
  return state === 'fetched' && (kind === 'job-renewed' || kind === 'timed-out');
}

function fieldsOf(before: Application, event: ApplicationEvent, now: EpochMillis): Partial<Application> {
  switch (event.kind) {
    case 'start-attempted':
      return { startAttemptedAt: now };
    case 'transaction-opened':
      return { signTransactionId: event.signTransactionId };
    case 'citizen-sent':
      return { stateHash: event.stateHash };
    case 'tokens-verified':
      return { subjectHash: event.subjectHash };
    case 'verification-submitted':
      return { verificationId: event.verificationId };
    case 'verdict-reached':
      return { verdict: event.verdict };
    case 'start-given-up':
    case 'citizen-refused':
    case 'restart-demanded':
    case 'failed':
      return { failure: event.failure };
    case 'judgement-postponed':
      return event.failure === undefined ? {} : { failure: event.failure };
    case 'timed-out':
      return isHeld(before, event) && before.failure !== undefined
        ? {}
        : { failure: { code: 'transaction.expired' } };
    case 'cancelled':
      return { failure: { code: 'transaction.cancelled' } };
    default:
      return {};
  }
}

function secretsOf(event: ApplicationEvent): Partial<ApplicationSecrets> {
  switch (event.kind) {
    case 'citizen-sent': {
      const { browserHash, state, nonce, codeVerifier } = event;
      return { browserHash, state, nonce, codeVerifier, ...loginOf(event) };
    }
    case 'handed-over':
      return { signLink: event.signLink };
    case 'browser-took':
      return { browserHash: event.browserHash };
    case 'tokens-verified':
      return { ...event.tokens, ...loginOf(event) };
    case 'tokens-refreshed':
      return event.tokens;
    case 'encrypted-result':
      return { resultJwe: event.jwe };
    case 'clear-result':
      return { clearCertificate: event.certificate, clearSignatureValue: event.signatureValue };
    case 'verdict-reached':
      return event.receipt === undefined ? {} : { receipt: event.receipt };
    default:
      return {};
  }
}

function loginOf({ loginHash }: { readonly loginHash?: string }): Pick<ApplicationSecrets, 'loginHash'> {
  return loginHash === undefined ? {} : { loginHash };
}

/** A link works once; and two events say anew under which login the citizen signs, or that there is none. */
function withoutReplaced(before: ApplicationSecrets, event: ApplicationEvent): ApplicationSecrets {
  const { signLink: _used, ...taken } = before;
  const { loginHash: _replaced, ...rest } = before;
  switch (event.kind) {
    case 'browser-took':
      return taken;
    case 'citizen-sent':
    case 'tokens-verified':
      return rest;
    default:
      return before;
  }
}

type KeptSecrets = { -readonly [Name in keyof ApplicationSecrets]: ApplicationSecrets[Name] };

function secretsAfter(
  { state: from, secrets: before }: Application,
  event: ApplicationEvent,
  state: ApplicationState,
): { readonly secrets?: ApplicationSecrets } {
  if (before === undefined) return {};
  const all: ApplicationSecrets = { ...withoutReplaced(before, event), ...secretsOf(event) };
  const kept: KeptSecrets = defined({ document: all.document, prepared: all.prepared });
  const stays = from === state || (from === 'fetched' && !isJudged(event));
  for (const name of [...MACHINE[state].keeps, ...(stays ? CLEAR_RESULT : [])]) keep(all, kept, name);
  return { secrets: kept };
}

/** A citizen's signature is not burnt by our fault: what ended without a verdict, or undecided, can be judged again. */
const CLEAR_RESULT = ['clearCertificate', 'clearSignatureValue'] as const;

function isJudged(event: ApplicationEvent): boolean {
  return event.kind === 'verdict-reached' && event.verdict.indication !== 'INDETERMINATE';
}

function keep<Name extends keyof ApplicationSecrets>(
  all: ApplicationSecrets,
  kept: KeptSecrets,
  name: Name,
): void {
  if (Object.hasOwn(all, name)) kept[name] = all[name];
}

function later(from: EpochMillis, millis: number): EpochMillis {
  return (from + millis) as EpochMillis;
}
