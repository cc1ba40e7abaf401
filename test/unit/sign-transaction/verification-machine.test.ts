import { describe, expect, it } from 'vitest';
import type {
  CompactJwe,
  EpochMillis,
  SigningInput,
  TenantId,
  VerificationId,
} from '../../../src/core/brand.ts';
import { verificationDiagram } from '../../../src/core/sign-transaction/diagram.ts';
import {
  FINAL_VERIFICATION_STATES,
  type Verification,
  type VerificationState,
} from '../../../src/core/sign-transaction/verification.ts';
import {
  applyVerificationEvent,
  VERIFICATION_MACHINE,
  type VerificationEvent,
  type VerificationEventKind,
} from '../../../src/core/sign-transaction/verification-machine.ts';

const NOW = 1_750_000_000_000 as EpochMillis;
const STATES = Object.keys(VERIFICATION_MACHINE) as VerificationState[];
const EVENTS: Readonly<Record<VerificationEventKind, VerificationEvent>> = {
  'verdict-reached': {
    kind: 'verdict-reached',
    result: 'OK',
    report: { indication: 'TOTAL-PASSED', checks: [], validationTime: NOW },
    signedOctetsSha256: 'aa',
    receipt: 'jws',
  },
  'bundle-refused': { kind: 'bundle-refused', code: 'jwe.decrypt' },
  'judgement-postponed': { kind: 'judgement-postponed' },
  'judged-again': { kind: 'judged-again', deadline: (NOW + 5_000) as EpochMillis },
  'job-renewed': { kind: 'job-renewed' },
  'timed-out': { kind: 'timed-out' },
  purged: { kind: 'purged' },
  'content-taken': { kind: 'content-taken' },
  deleted: { kind: 'deleted' },
};

function inState(state: VerificationState): Verification {
  return {
    id: 'v' as VerificationId,
    tenant: 'sp' as TenantId,
    revision: 1,
    state,
    submissionKey: 'a',
    submissionHash: 'b',
    bundleHash: 'c',
    service: 's',
    environment: 'test',
    profile: 'enveloped',
    mode: 'digest-info',
    data: 'd' as SigningInput,
    checkMethod: 'CRL',
    createdAt: NOW,
    updatedAt: NOW,
    deadline: (NOW + 1000) as EpochMillis,
    purgeAt: (NOW + 1000) as EpochMillis,
    ...(state === 'decided' ? { result: 'OK' } : {}),
    secrets: { skeleton: new Uint8Array([1]), jwe: 'j' as CompactJwe },
  };
}

describe('the verification machine', () => {
  const pairs = STATES.flatMap((state) =>
    (Object.keys(EVENTS) as VerificationEventKind[]).map((kind) => ({ state, kind })),
  );

  it.each(pairs)('$state × $kind follows the table or is refused', ({ state, kind }) => {
    const expected = VERIFICATION_MACHINE[state].on[kind];
    const act = () => applyVerificationEvent(inState(state), EVENTS[kind], NOW);
    if (expected === undefined)
      expect(act).toThrowError(expect.objectContaining({ code: 'transaction.state' }));
    else expect(act()).toMatchObject({ state: expected, revision: 2 });
  });

  it('the only state that is not final has a time-out; only a new judgement leads out of an end', () => {
    expect(VERIFICATION_MACHINE.received.on['timed-out']).toBe('expired');
    for (const state of FINAL_VERIFICATION_STATES) {
      const more = state === 'decided' ? { 'content-taken': state } : {};
      const again = { 'judged-again': 'received' };
      expect(VERIFICATION_MACHINE[state].on).toEqual({ purged: state, deleted: state, ...again, ...more });
    }
  });

  it('content is handed out once, after OK only, and never when deleted', () => {
    const take = (verification: Verification) =>
      applyVerificationEvent(verification, { kind: 'content-taken' }, NOW);
    const refused = expect.objectContaining({ code: 'transaction.state' });
    const taken = take(inState('decided'));
    expect(taken.contentTakenAt).toBe(NOW);
    const gone = applyVerificationEvent(inState('decided'), { kind: 'deleted' }, NOW);
    for (const none of [taken, gone, { ...inState('decided'), result: 'CERTIFICATE_REVOKED' as const }])
      expect(() => take(none)).toThrowError(refused);
  });

  it('a deletion leaves what a replay is known by, and happens once', () => {
    const decided = applyVerificationEvent(inState('received'), EVENTS['verdict-reached'], NOW);
    const gone = applyVerificationEvent({ ...decided, subjectId: 's' }, { kind: 'deleted' }, NOW);
    expect(gone).toMatchObject({ deletedAt: NOW, submissionHash: 'b', bundleHash: 'c', revision: 3 });
    for (const member of ['result', 'report', 'receipt', 'signedOctetsSha256', 'subjectId', 'secrets'])
      expect(gone).not.toHaveProperty(member);
    expect(() => applyVerificationEvent(gone, { kind: 'deleted' }, NOW)).toThrowError(
      expect.objectContaining({ code: 'transaction.state' }),
    );
  });

  it('every end lets go of skeleton and JWE, and says why; before the end they stay', () => {
    const decided = applyVerificationEvent(inState('received'), EVENTS['verdict-reached'], NOW);
    expect(decided).toMatchObject({ result: 'OK', receipt: 'jws', signedOctetsSha256: 'aa', decidedAt: NOW });
    const refused = applyVerificationEvent(inState('received'), EVENTS['bundle-refused'], NOW);
    expect(refused.failure).toEqual({ code: 'jwe.decrypt' });
    const expired = applyVerificationEvent(inState('received'), EVENTS['timed-out'], NOW);
    expect(expired.failure).toEqual({ code: 'transaction.expired' });
    for (const end of [decided, refused, expired]) expect(end).not.toHaveProperty('secrets');
    const postponed = applyVerificationEvent(inState('received'), EVENTS['judgement-postponed'], NOW);
    expect(postponed.secrets).toBeDefined();
    expect(applyVerificationEvent(inState('decided'), { kind: 'purged' }, NOW)).not.toHaveProperty('secrets');
  });

  it('a verdict lets go of the bundle for good; undecided it keeps it, and a new judgement begins with nothing of it', () => {
    const keepUntil = (NOW + 9_000) as EpochMillis;
    const refused = expect.objectContaining({ code: 'transaction.state' });
    const verdict = applyVerificationEvent(inState('received'), EVENTS['verdict-reached'], NOW);
    expect(() => applyVerificationEvent(verdict, EVENTS['judged-again'], NOW)).toThrowError(refused);
    const open = { ...EVENTS['verdict-reached'], result: 'INDETERMINATE', keepUntil } as VerificationEvent;
    const ended = applyVerificationEvent(inState('received'), open, NOW);
    expect(ended).toMatchObject({ state: 'decided', purgeAt: keepUntil, secrets: { jwe: 'j' } });
    const again = applyVerificationEvent(ended, EVENTS['judged-again'], NOW);
    expect(again).toMatchObject({ state: 'received', deadline: NOW + 5_000, secrets: { jwe: 'j' } });
    for (const member of ['result', 'report', 'receipt', 'signedOctetsSha256', 'decidedAt'])
      expect(again).not.toHaveProperty(member);
    const purged = applyVerificationEvent(ended, EVENTS.purged, NOW);
    expect(purged).toMatchObject({ state: 'decided', result: 'INDETERMINATE' });
    expect(purged).not.toHaveProperty('secrets');
    expect(() => applyVerificationEvent(purged, EVENTS['judged-again'], NOW)).toThrowError(refused);
  });

  it('an end without a verdict keeps its bundle until the clock that it is given, and is judged again', () => {
    const keepUntil = (NOW + 9_000) as EpochMillis;
    for (const event of [
      { ...EVENTS['bundle-refused'], keepUntil },
      { ...EVENTS['timed-out'], keepUntil },
    ]) {
      const ended = applyVerificationEvent(inState('received'), event as VerificationEvent, NOW);
      expect(ended).toMatchObject({ purgeAt: keepUntil, secrets: { jwe: 'j' } });
      const again = applyVerificationEvent(ended, EVENTS['judged-again'], NOW);
      expect(again).toMatchObject({ state: 'received', deadline: NOW + 5_000, secrets: { jwe: 'j' } });
      expect(again).not.toHaveProperty('failure');
      for (const gone of ['purged', 'deleted'] as const) {
        const without = applyVerificationEvent(ended, EVENTS[gone], NOW);
        expect(without).not.toHaveProperty('secrets');
        expect(() => applyVerificationEvent(without, EVENTS['judged-again'], NOW)).toThrowError(
          expect.objectContaining({ code: 'transaction.state' }),
        );
      }
    }
  });

  it('is drawn', () => {
    expect(verificationDiagram()).toContain('received --> decided: verdict-reached');
    expect(verificationDiagram()).toContain('expired --> [*]');
  });
});
