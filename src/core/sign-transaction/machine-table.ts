import { HOUR_MILLIS, MINUTE_MILLIS } from '../spans.ts';
import type { ApplicationSecrets, ApplicationState } from './application.ts';
import type { ApplicationEventKind } from './events.ts';

/** How long an application may stay in a state, and how long its document stays after the end; milliseconds. */
export interface Clocks {
  /** Document stored, sign transaction not yet opened. */
  readonly received: number;
  /** ASSUMPTION 4: the service keeps an opened sign transaction for about 30 minutes. */
  readonly opened: number;
  /** A callback that never comes (the service shows its own error page) ends by this clock; at most 60 minutes. */
  readonly authorizing: number;
  /** One code exchange lasts seconds; a longer one was a crash, and codes work once. */
  readonly exchanging: number;
  /** The service deletes results within one hour of the signature; ten minutes are kept in hand. */
  readonly authorized: number;
  /** The result is in our hands: the platform operator (or the revocation source) may be away for a day. */
  readonly fetched: number;
  /** The platform operator's own deadline and a day more. */
  readonly submitted: number;
  /** From the verdict to the purge of the document. */
  readonly decidedKept: number;
  /** From any other end to the purge of the document. */
  readonly endedKept: number;
  /** The same where a visit to the municipal office comes before the next signature. */
  readonly officeKept: number;
}

export const CLOCKS: Clocks = {
  received: 30 * MINUTE_MILLIS,
  opened: 30 * MINUTE_MILLIS,
  authorizing: HOUR_MILLIS,
  exchanging: 30_000,
  authorized: 50 * MINUTE_MILLIS,
  fetched: 24 * HOUR_MILLIS,
  submitted: 48 * HOUR_MILLIS,
  decidedKept: 30 * 24 * HOUR_MILLIS,
  endedKept: 24 * HOUR_MILLIS,
  officeKept: 14 * 24 * HOUR_MILLIS,
};

/** Whose move it is. `nobody`: the end. */
type Actor = 'citizen' | 'callback' | 'worker' | 'platform-operator' | 'nobody';

interface StateRow {
  readonly actor: Actor;
  readonly clock: keyof Clocks;
  /** Protected values this state still needs; everything else goes on entry. The document goes by the purge. */
  readonly keeps: readonly (keyof ApplicationSecrets)[];
  readonly on: Readonly<Partial<Record<ApplicationEventKind, ApplicationState>>>;
}

const FLOW = ['browserHash', 'loginHash', 'state', 'nonce', 'codeVerifier'] as const;
const TOKENS = ['browserHash', 'loginHash', 'accessToken', 'refreshToken', 'idToken', 'subject'] as const;
const RESULT = ['browserHash', 'resultJwe', 'clearCertificate', 'clearSignatureValue'] as const;
/** Until the signature is made: whose browser it is may still change, by a new link of the tenant. */
const UNSIGNED = ['browserHash', 'signLink'] as const;
const NO_WAY_ON = { failed: 'failed', 'restart-demanded': 'restart-needed' } as const;
const END: StateRow = {
  actor: 'nobody',
  clock: 'endedKept',
  keeps: ['browserHash'],
  on: {},
};
/** The citizen may sign the same document anew, in this browser or, by a new link, in another. */
const AGAIN: StateRow = { ...END, keeps: UNSIGNED };

/**
 * The one table: states × events → next state, with whose move it is, the clock, and what is kept. A pair that is not
 * here is refused (`transaction.state`). Every state that is not final has `timed-out`.
 */
export const MACHINE: Readonly<Record<ApplicationState, StateRow>> = {
  received: {
    actor: 'citizen',
    clock: 'received',
    keeps: UNSIGNED,
    on: {
      'handed-over': 'received',
      'browser-took': 'received',
      'start-attempted': 'received',
      'start-given-up': 'received',
      'transaction-opened': 'opened',
      ...NO_WAY_ON,
      'timed-out': 'expired',
      cancelled: 'cancelled',
    },
  },
  opened: {
    actor: 'citizen',
    clock: 'opened',
    keeps: UNSIGNED,
    on: {
      'handed-over': 'opened',
      'browser-took': 'opened',
      'citizen-sent': 'authorizing',
      ...NO_WAY_ON,
      'timed-out': 'expired',
      cancelled: 'cancelled',
    },
  },
  authorizing: {
    actor: 'citizen',
    clock: 'authorizing',
    keeps: [...FLOW, 'signLink'],
    on: {
      'handed-over': 'authorizing',
      'browser-took': 'authorizing',
      'citizen-sent': 'authorizing',
      'code-received': 'exchanging',
      'citizen-refused': 'refused',
      ...NO_WAY_ON,
      'timed-out': 'expired',
      cancelled: 'cancelled',
    },
  },
  exchanging: {
    actor: 'callback',
    clock: 'exchanging',
    keeps: FLOW,
    on: {
      'tokens-verified': 'authorized',
      'citizen-refused': 'refused',
      ...NO_WAY_ON,
      'timed-out': 'restart-needed',
      cancelled: 'cancelled',
    },
  },
  authorized: {
    actor: 'worker',
    clock: 'authorized',
    keeps: TOKENS,
    on: {
      'tokens-refreshed': 'authorized',
      'job-renewed': 'authorized',
      'encrypted-result': 'fetched',
      'clear-result': 'fetched',
      'citizen-refused': 'refused',
      ...NO_WAY_ON,
      'timed-out': 'restart-needed',
      cancelled: 'cancelled',
    },
  },
  fetched: {
    actor: 'worker',
    clock: 'fetched',
    keeps: RESULT,
    on: {
      'job-renewed': 'fetched',
      'judgement-postponed': 'fetched',
      'verification-submitted': 'submitted',
      'verdict-reached': 'decided',
      ...NO_WAY_ON,
      'timed-out': 'restart-needed',
    },
  },
  submitted: {
    actor: 'platform-operator',
    clock: 'submitted',
    keeps: RESULT,
    on: {
      'job-renewed': 'submitted',
      'verification-submitted': 'submitted',
      'verdict-reached': 'decided',
      ...NO_WAY_ON,
      'timed-out': 'failed',
    },
  },
  decided: {
    ...END,
    clock: 'decidedKept',
    keeps: [...UNSIGNED, 'receipt'],
    on: {
      'handed-over': 'decided',
      'browser-took': 'decided',
      'judged-again': 'fetched',
      purged: 'decided',
    },
  },
  refused: {
    ...AGAIN,
    on: { 'handed-over': 'refused', 'browser-took': 'refused', purged: 'refused' },
  },
  failed: { ...END, on: { 'judged-again': 'fetched', purged: 'failed' } },
  'restart-needed': {
    ...AGAIN,
    on: {
      'handed-over': 'restart-needed',
      'browser-took': 'restart-needed',
      'judged-again': 'fetched',
      purged: 'restart-needed',
    },
  },
  expired: {
    ...AGAIN,
    on: { 'handed-over': 'expired', 'browser-took': 'expired', purged: 'expired' },
  },
  cancelled: { ...END, on: { purged: 'cancelled' } },
};
