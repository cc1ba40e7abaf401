import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type {
  ApplicationId,
  EpochMillis,
  SigningInput,
  SignTransactionId,
  TenantId,
} from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import {
  type Application,
  type ApplicationState,
  FINAL_APPLICATION_STATES,
} from '../../../src/core/sign-transaction/application.ts';
import { stateDiagram, stateMachinesDocument } from '../../../src/core/sign-transaction/diagram.ts';
import type { ApplicationEvent, ApplicationEventKind } from '../../../src/core/sign-transaction/events.ts';
import { applyEvent, clocksAtReceipt, isFinal } from '../../../src/core/sign-transaction/machine.ts';
import { CLOCKS, MACHINE } from '../../../src/core/sign-transaction/machine-table.ts';

const T0 = 1_750_000_000_000 as EpochMillis;
const at = (millis: number) => (T0 + millis) as EpochMillis;
const STATES = Object.keys(MACHINE) as ApplicationState[];
const failure = { code: 'upstream.citizen', row: 'result-7' } as const;
const REVOKED = {
  indication: 'INDETERMINATE',
  subIndication: 'REVOKED_NO_POE',
  signedOctetsSha256: 'aa',
  decidedAt: T0,
  reference: 'v',
} as const;
const tokens = { accessToken: 'at', refreshToken: 'rt', idToken: 'it', subject: 'sub' };

const EVENTS: Readonly<Record<ApplicationEventKind, ApplicationEvent>> = {
  'start-attempted': { kind: 'start-attempted' },
  'start-given-up': { kind: 'start-given-up', failure },
  'transaction-opened': { kind: 'transaction-opened', signTransactionId: 'tx' as SignTransactionId },
  'handed-over': { kind: 'handed-over', signLink: 'l2' },
  'browser-took': { kind: 'browser-took', browserHash: 'b3' },
  'citizen-sent': {
    kind: 'citizen-sent',
    stateHash: 'h2',
    browserHash: 'b2',
    state: 's2',
    nonce: 'n2',
    codeVerifier: 'v2',
  },
  'code-received': { kind: 'code-received' },
  'tokens-verified': { kind: 'tokens-verified', tokens, subjectHash: 'sh' },
  'tokens-refreshed': { kind: 'tokens-refreshed', tokens },
  'encrypted-result': { kind: 'encrypted-result', jwe: 'a.b.c.d.e' as never },
  'clear-result': {
    kind: 'clear-result',
    certificate: new Uint8Array([1]),
    signatureValue: new Uint8Array([2]),
  },
  'verification-submitted': { kind: 'verification-submitted', verificationId: 'v' },
  'verdict-reached': {
    kind: 'verdict-reached',
    verdict: { indication: 'TOTAL-PASSED', signedOctetsSha256: 'aa', decidedAt: T0, reference: 'v' },
    receipt: 'jws',
  },
  'citizen-refused': { kind: 'citizen-refused', failure },
  'restart-demanded': { kind: 'restart-demanded', failure },
  failed: { kind: 'failed', failure },
  'judgement-postponed': { kind: 'judgement-postponed', failure: { code: 'clock.off' } },
  'judged-again': { kind: 'judged-again', by: {} },
  'job-renewed': { kind: 'job-renewed' },
  'timed-out': { kind: 'timed-out' },
  cancelled: { kind: 'cancelled', by: 'tenant' },
  purged: { kind: 'purged' },
};

function inState(state: ApplicationState): Application {
  return {
    id: 'app' as ApplicationId,
    tenant: 'city' as TenantId,
    revision: 4,
    state,
    profile: 'enveloped',
    mode: 'digest-info',
    displayName: '申請書',
    identificationCode: 'ABCD-2345',
    data: 'x' as SigningInput,
    stateHash: 'h1',
    createdAt: T0,
    updatedAt: T0,
    ...clocksAtReceipt(T0),
    // links lead back into a verdict only where it was about the certificate
    ...(state === 'decided' ? { verdict: REVOKED } : {}),
    secrets: {
      document: new Uint8Array([9]),
      prepared: '{}',
      browserHash: 'b1',
      state: 's1',
      nonce: 'n1',
      codeVerifier: 'v1',
      ...tokens,
      resultJwe: 'j' as never,
      clearCertificate: new Uint8Array([1]),
      clearSignatureValue: new Uint8Array([2]),
    },
  };
}

describe('the application machine', () => {
  const pairs = STATES.flatMap((state) =>
    (Object.keys(EVENTS) as ApplicationEventKind[]).map((kind) => ({ state, kind })),
  );

  it.each(pairs)('$state × $kind follows the table or is refused', ({ state, kind }) => {
    const expected = MACHINE[state].on[kind];
    if (expected === undefined) {
      expect(() => applyEvent(inState(state), EVENTS[kind], at(1))).toThrowError(
        expect.objectContaining({ code: 'transaction.state' }),
      );
      return;
    }
    const next = applyEvent(inState(state), EVENTS[kind], at(1));
    expect(next.state).toBe(expected);
    expect(next.revision).toBe(5);
    expect(next.updatedAt).toBe(at(1));
  });

  it.each(STATES)('%s: either final, or left by its clock and by an operator or a restart', (state) => {
    const { on } = MACHINE[state];
    if (FINAL_APPLICATION_STATES.includes(state)) {
      const again = ['decided', 'refused', 'restart-needed', 'expired'].includes(state);
      const links = again ? { 'handed-over': state, 'browser-took': state } : {};
      const judged = ['decided', 'failed', 'restart-needed'].includes(state);
      const anew = judged ? { 'judged-again': 'fetched' } : {};
      expect(on).toEqual({ ...links, ...anew, purged: state });
      return;
    }
    const next = on['timed-out'];
    expect(next !== undefined && isFinal(next)).toBe(true);
    expect(on.failed).toBe('failed');
    expect(on['restart-demanded']).toBe('restart-needed');
    expect(CLOCKS[MACHINE[state].clock]).toBeGreaterThan(0);
  });

  it('a link works once, a new one replaces it, and neither heals a failed start nor moves a deadline', () => {
    const failedStart = { ...inState('received'), failure, startAttemptedAt: at(3) };
    const handed = applyEvent(failedStart, EVENTS['handed-over'], at(4));
    expect(handed).toMatchObject({
      failure,
      startAttemptedAt: at(3),
      secrets: { signLink: 'l2', browserHash: 'b1' },
    });
    const taken = applyEvent(handed, EVENTS['browser-took'], at(5));
    expect(taken.secrets).not.toHaveProperty('signLink');
    expect(taken).toMatchObject({ failure, startAttemptedAt: at(3), secrets: { browserHash: 'b3' } });
    expect(taken.deadline).toBe(failedStart.deadline);
    const authorizing = applyEvent(inState('authorizing'), EVENTS['handed-over'], at(1));
    expect(applyEvent(authorizing, EVENTS['code-received'], at(2)).secrets).not.toHaveProperty('signLink');
  });

  it('a final state has no way back to work', () => {
    for (const state of FINAL_APPLICATION_STATES) {
      for (const kind of Object.keys(EVENTS) as ApplicationEventKind[]) {
        if (['purged', 'handed-over', 'browser-took', 'judged-again'].includes(kind)) continue;
        expect(() => applyEvent(inState(state), EVENTS[kind], at(1))).toThrow(JitsuinError);
      }
    }
  });

  it('the code leaves from exchanging only, and exchanging is entered from authorizing only', () => {
    expect(STATES.filter((state) => MACHINE[state].on['code-received'] !== undefined)).toEqual([
      'authorizing',
    ]);
    expect(STATES.filter((state) => MACHINE[state].on['tokens-verified'] !== undefined)).toEqual([
      'exchanging',
    ]);
  });
});

describe('clocks', () => {
  it('entering a state starts its clock; staying in it does not', () => {
    const sent = applyEvent(inState('opened'), EVENTS['citizen-sent'], at(1000));
    expect(sent.deadline).toBe(at(1000 + 60 * 60_000));
    const again = applyEvent(sent, EVENTS['citizen-sent'], at(50_000));
    expect(again.deadline).toBe(sent.deadline);
  });

  it('fetching ends within the hour of the service, authorizing within 60 minutes', () => {
    expect(CLOCKS.authorized).toBeLessThan(60 * 60_000);
    expect(CLOCKS.authorizing).toBeLessThanOrEqual(60 * 60_000);
  });

  it.each([
    ['received', 'expired'],
    ['opened', 'expired'],
    ['authorizing', 'expired'],
    ['exchanging', 'restart-needed'],
    ['authorized', 'restart-needed'],
    ['fetched', 'restart-needed'],
    ['submitted', 'failed'],
  ] as const)('%s times out to %s with transaction.expired', (state, end) => {
    const next = applyEvent(inState(state), { kind: 'timed-out' }, at(5));
    expect(next.state).toBe(end);
    expect(next.failure?.code).toBe('transaction.expired');
    // a result that can be judged again stays as long as one that was decided
    const kept = state === 'fetched' ? CLOCKS.decidedKept : CLOCKS.endedKept;
    expect(next.purgeAt).toBe(at(5 + kept));
  });
});

describe('protected values', () => {
  it('tokens go when the result is there', () => {
    const next = applyEvent(inState('authorized'), EVENTS['encrypted-result'], at(1));
    expect(next.secrets).toEqual({
      document: new Uint8Array([9]),
      prepared: '{}',
      browserHash: 'b1',
      resultJwe: 'a.b.c.d.e',
      clearCertificate: new Uint8Array([1]),
      clearSignatureValue: new Uint8Array([2]),
    });
  });

  it('state, nonce and verifier go when the code is exchanged', () => {
    const next = applyEvent(inState('exchanging'), EVENTS['tokens-verified'], at(1));
    expect(Object.keys(next.secrets ?? {}).sort()).toEqual([
      'accessToken',
      'browserHash',
      'document',
      'idToken',
      'prepared',
      'refreshToken',
      'subject',
    ]);
    expect(next.subjectHash).toBe('sh');
  });

  it.each(FINAL_APPLICATION_STATES.filter((state) => state !== 'decided'))(
    'nothing but the document, what was prepared and the browser binding is left in %s',
    (state) => {
      const from = STATES.find((candidate) => Object.values(MACHINE[candidate].on).includes(state));
      const kind = Object.entries(MACHINE[from ?? 'received'].on).find(([, to]) => to === state)?.[0];
      const next = applyEvent(inState(from ?? 'received'), EVENTS[kind as ApplicationEventKind], at(1));
      expect(Object.keys(next.secrets ?? {}).sort()).toEqual(['browserHash', 'document', 'prepared']);
    },
  );

  it('the purge takes all of them, and the hashes that could link', () => {
    const ended = applyEvent(inState('submitted'), EVENTS['verdict-reached'], at(1));
    expect(ended.secrets?.receipt).toBe('jws');
    const gone = applyEvent(ended, { kind: 'purged' }, at(2));
    expect(gone).not.toHaveProperty('secrets');
    expect(gone).not.toHaveProperty('stateHash');
    expect(gone).not.toHaveProperty('subjectHash');
    expect(gone.verdict?.indication).toBe('TOTAL-PASSED');
  });
});

describe('judged again', () => {
  const UNDECIDED = { ...REVOKED, subIndication: 'TRY_LATER' } as const;
  const undecided: ApplicationEvent = { kind: 'verdict-reached', verdict: UNDECIDED };
  const fetched = inState('fetched');
  const ends: readonly ApplicationEvent[] = [
    EVENTS['timed-out'],
    EVENTS.failed,
    EVENTS['restart-demanded'],
    undecided,
  ];

  it.each(ends)(
    'what $kind ended keeps its result, and goes to the verification with a day again',
    (event) => {
      const ended = applyEvent(fetched, event, at(1));
      expect(ended.secrets).toMatchObject({ clearCertificate: new Uint8Array([1]) });
      expect(ended.purgeAt).toBe(at(1 + CLOCKS.decidedKept));
      const again = applyEvent(ended, EVENTS['judged-again'], at(2));
      expect(again).toMatchObject({ state: 'fetched', deadline: at(2 + CLOCKS.fetched) });
      expect(again).not.toHaveProperty('verdict');
      expect(again).not.toHaveProperty('failure');
      expect(again.secrets?.clearSignatureValue).toEqual(new Uint8Array([2]));
    },
  );

  it('a new link takes nothing of it, the purge all', () => {
    const ended = applyEvent(fetched, EVENTS['timed-out'], at(1));
    const linked = applyEvent(ended, EVENTS['browser-took'], at(2));
    expect(applyEvent(linked, EVENTS['judged-again'], at(3)).state).toBe('fetched');
    const gone = applyEvent(ended, EVENTS.purged, at(4));
    expect(() => applyEvent(gone, EVENTS['judged-again'], at(5))).toThrow(JitsuinError);
  });

  it.each(['TOTAL-PASSED', 'TOTAL-FAILED'] as const)('%s stands, and its result goes', (indication) => {
    const verdict = { ...REVOKED, indication };
    const ended = applyEvent(fetched, { kind: 'verdict-reached', verdict }, at(1));
    expect(ended.secrets).not.toHaveProperty('clearCertificate');
    expect(() => applyEvent(ended, EVENTS['judged-again'], at(2))).toThrow(JitsuinError);
    const withResult = { ...ended, secrets: fetched.secrets } as Application;
    expect(() => applyEvent(withResult, EVENTS['judged-again'], at(2))).toThrow(JitsuinError);
  });

  it('an end for what stood in the way says so; a healed way says that its time ran out', () => {
    const held = applyEvent(fetched, EVENTS['judgement-postponed'], at(1));
    expect(held.deadline).toBe(fetched.deadline);
    const renewed = applyEvent(held, EVENTS['job-renewed'], at(2));
    expect(applyEvent(renewed, EVENTS['timed-out'], at(3)).failure).toEqual({ code: 'clock.off' });
    const healed = applyEvent(renewed, { kind: 'judgement-postponed' }, at(3));
    expect(applyEvent(healed, EVENTS['timed-out'], at(4)).failure).toEqual({ code: 'transaction.expired' });
    expect(applyEvent(renewed, EVENTS['verdict-reached'], at(3))).not.toHaveProperty('failure');
  });
});

describe('stateDiagram', () => {
  it('draws every way of the table and no other', () => {
    const lines = stateDiagram().split('\n');
    for (const state of STATES) {
      for (const [event, to] of Object.entries(MACHINE[state].on)) {
        if (event === 'purged') continue;
        const arrow = `  ${state.replaceAll('-', '_')} --> ${to.replaceAll('-', '_')}: `;
        const line = lines.find((candidate) => candidate.startsWith(arrow));
        expect(line?.slice(arrow.length)).toContain(event);
      }
    }
    expect(lines.filter((line) => line.endsWith('--> [*]'))).toHaveLength(FINAL_APPLICATION_STATES.length);
    expect(stateDiagram()).toContain('authorizing --> expired: timed-out after 60 min');
  });

  it('the README of the room is what the tables say', () => {
    const file = new URL('../../../src/core/sign-transaction/README.md', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(stateMachinesDocument());
  });
});
