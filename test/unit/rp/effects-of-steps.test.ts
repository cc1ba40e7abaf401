import { describe, expect, it } from 'vitest';
import type { ApplicationId, EpochMillis, SigningInput, TenantId } from '../../../src/core/brand.ts';
import { toBase64 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { Application, ApplicationState } from '../../../src/core/sign-transaction/application.ts';
import type { ApplicationEvent } from '../../../src/core/sign-transaction/events.ts';
import { proofOfData } from '../../../src/rp/data-proof.ts';
import { effectsOf, receiptEffects } from '../../../src/rp/effects.ts';
import { endRestored } from '../../../src/rp/end-restored.ts';
import { sayIfOperatorShouldLook, tryStep } from '../../../src/rp/step.ts';
import { sweep } from '../../../src/rp/sweep.ts';
import { fakeWorld } from '../../support/fakes.ts';
import { authorized, DIGEST_INFO_DATA, opened, received } from '../../support/flow.ts';

const NOW = 1_750_000_000_000 as EpochMillis;
const application = (change: Partial<Application> = {}): Application =>
  ({
    ...{
      id: 'a1' as ApplicationId,
      tenant: 'city' as TenantId,
      revision: 7,
      state: 'received',
      mode: 'digest-info',
    },
    ...{ profile: 'detached', data: DIGEST_INFO_DATA, createdAt: NOW, updatedAt: NOW },
    ...change,
  }) as Application;

/** What a new state asks for: its job, and whether the tenant is told. */
const STATES: Readonly<Record<ApplicationState, readonly [job: string | undefined, told: boolean]>> = {
  received: [undefined, false],
  opened: [undefined, false],
  authorizing: [undefined, false],
  exchanging: [undefined, false],
  authorized: ['fetch-result', false],
  fetched: ['verify-application', false],
  submitted: ['await-verification', false],
  decided: [undefined, true],
  refused: [undefined, true],
  failed: [undefined, true],
  'restart-needed': [undefined, true],
  expired: [undefined, true],
  cancelled: [undefined, true],
};
const timedOut: ApplicationEvent = { kind: 'timed-out' };

describe('what follows from a step', () => {
  it.each(Object.entries(STATES))('into %s: job and notice %j', (state, [name, told]) => {
    const next = application({ state: state as ApplicationState });
    const before = application({ state: state === 'received' ? 'opened' : 'received' });
    const job = {
      name,
      subject: 'a1',
      key: `${name}:a1:r7`,
      ...(name === 'await-verification' ? { notBefore: NOW + 500 } : {}),
    };
    expect(effectsOf(before, timedOut, next)).toEqual({
      endsJobOf: 'a1',
      audit: [
        {
          event: 'application.timed-out',
          subject: 'a1',
          tenant: 'city',
          at: NOW,
          facts: { from: before.state, to: state, revision: 7 },
        },
      ],
      ...(name === undefined ? {} : { jobs: [job] }),
      ...(told
        ? { notices: [{ type: `application.${state}`, tenant: 'city', at: NOW, data: { id: 'a1', state } }] }
        : {}),
    });
  });

  it.each(Object.keys(STATES) as ApplicationState[])(
    'that stays in %s: nobody is told, a job only anew',
    (state) => {
      const same = application({ state });
      expect(Object.keys(effectsOf(same, { kind: 'purged' }, same))).toEqual(['audit']);
      const renewed = effectsOf(same, { kind: 'job-renewed' }, same);
      expect([renewed.jobs?.[0]?.name, renewed.notices]).toEqual([STATES[state][0], undefined]);
    },
  );

  it('a start that was given up is tried again by one job in two seconds, whichever failure it was', () => {
    const next = application({ startAttemptedAt: NOW });
    const event = { kind: 'start-given-up', failure: { code: 'upstream.timeout' } } as const;
    const job = { name: 'start-signature', subject: 'a1', key: 'start-signature:a1', notBefore: NOW + 2_000 };
    expect(effectsOf(application(), event, next).jobs).toEqual([job]);
  });

  it('a fetched bundle goes to the platform operator', () => {
    const next = application({ state: 'fetched', secrets: { resultJwe: 'j' } as never });
    expect(effectsOf(application(), timedOut, next).jobs?.[0]?.name).toBe('submit-verification');
  });

  const failure = { code: 'upstream.final', row: 'row-1' } as const;
  const verdict = {
    indication: 'TOTAL-PASSED',
    signedOctetsSha256: 'ab',
    decidedAt: NOW,
    reference: 'r',
  } as const;
  const FACTS: readonly (readonly [ApplicationEvent, object, string?])[] = [
    [{ kind: 'start-given-up', failure }, { row: 'row-1' }, 'upstream.final'],
    [{ kind: 'citizen-refused', failure }, { row: 'row-1' }, 'upstream.final'],
    [{ kind: 'restart-demanded', failure }, { row: 'row-1' }, 'upstream.final'],
    [{ kind: 'failed', failure }, { row: 'row-1' }, 'upstream.final'],
    [{ kind: 'failed', failure: { code: 'upstream.final' } }, {}, 'upstream.final'],
    [{ kind: 'cancelled', by: 'citizen' }, { by: 'citizen' }],
    [
      { kind: 'verdict-reached', verdict },
      { indication: 'TOTAL-PASSED', signedOctetsSha256: 'ab', reference: 'r' },
    ],
    [
      { kind: 'transaction-opened', signTransactionId: 't' as never },
      { data: DIGEST_INFO_DATA, octets: 51, digestInfo: 'sha-256', mode: 'digest-info' },
    ],
    [{ kind: 'code-received' }, {}],
  ];
  it.each(FACTS.map(([event, facts, code]) => [event.kind, event, facts, code] as const))(
    '%s has its facts in the chain',
    (_kind, event, facts, code) => {
      const [audit] = effectsOf(application(), event, application({ state: 'opened' })).audit;
      expect(audit?.facts).toEqual({ from: 'received', to: 'opened', revision: 7, ...facts });
      expect(audit?.code).toBe(code);
    },
  );

  it('a receipt has the proof of its data', () => {
    expect(receiptEffects(application())).toEqual({
      audit: [
        {
          event: 'application.received',
          subject: 'a1',
          tenant: 'city',
          at: NOW,
          facts: {
            ...{ to: 'received', revision: 1, profile: 'detached', mode: 'digest-info' },
            ...{ data: DIGEST_INFO_DATA, octets: 51, digestInfo: 'sha-256' },
          },
        },
      ],
    });
  });
});

describe('the proof of data', () => {
  const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const data = (...parts: readonly Uint8Array[]) => toBase64(Buffer.concat(parts)) as SigningInput;
  const other = Buffer.from(prefix);
  other[5] = 0;
  it.each([
    ['digest-info', data(prefix, new Uint8Array(32)), 'sha-256'],
    ['digest-info', data(prefix, new Uint8Array(31)), undefined],
    ['digest-info', data(prefix, new Uint8Array(33)), undefined],
    ['digest-info', data(other, new Uint8Array(32)), undefined],
    ['digest-info', data(new Uint8Array(32)), undefined],
    ['digest', data(new Uint8Array(32)), 'none'],
    ['digest', data(new Uint8Array(31)), undefined],
    ['digest', data(new Uint8Array(33)), undefined],
    ['digest', data(prefix, new Uint8Array(32)), undefined],
  ] as const)('mode %s, %s: %s', (mode, given, digestInfo) => {
    const proof = () => proofOfData(given, mode);
    if (digestInfo === undefined)
      return expect(proof).toThrow(expect.objectContaining({ code: 'digest.data', at: 'data' }));
    return expect(proof()).toEqual({ data: given, octets: mode === 'digest' ? 32 : 51, digestInfo });
  });
});

describe('the line of a step', () => {
  it.each([
    ['upstream.operator', 'error'],
    ['upstream.final', 'info'],
  ] as const)('that ends by %s is %s', async (code, level) => {
    const world = fakeWorld();
    const before = await opened(world);
    world.log.lines.length = 0;
    world.clock.advance(250);
    await tryStep(world, { ...before, correlationId: 'c-1' }, { kind: 'failed', failure: { code } });
    expect(world.log.lines).toEqual([
      {
        level,
        event: 'application.failed',
        fields: {
          ...{ application: before.id, tenant: 'city', state: 'failed', durationMillis: 250 },
          ...{ correlationId: 'c-1', code },
        },
      },
    ]);
  });

  it('of a step that somebody else was before is not there', async () => {
    const world = fakeWorld();
    const before = await opened(world);
    world.log.lines.length = 0;
    world.applications.failNextUpdates = 1;
    expect(await tryStep(world, before, { kind: 'timed-out' })).toBeUndefined();
    expect(world.log.lines).toEqual([]);
  });

  it.each([
    ['upstream.operator', 1],
    ['upstream.temporary', 0],
  ] as const)('what waits by %s: %d alarms', (code, count) => {
    const world = fakeWorld();
    sayIfOperatorShouldLook(world.log, application(), new JitsuinError(code, ''));
    expect(world.log.lines).toHaveLength(count);
    if (count > 0)
      expect(world.log.lines[0]).toEqual({
        level: 'error',
        event: 'application.waits-for-operator',
        fields: { application: 'a1', tenant: 'city', state: 'received', code },
      });
  });
});

describe('the clock of last resort', () => {
  it('counts what it ended, purged and renewed, each once', async () => {
    const world = fakeWorld();
    await received(world);
    const hanging = await authorized(world);
    const ended = await received(world, { state: 'cancelled', purgeAt: world.clock.now() });
    world.applications.records.set(ended.id, { ...ended, state: 'cancelled', purgeAt: world.clock.now() });
    const before = world.clock.now();
    expect(await sweep(world)).toEqual({ timedOut: 0, purged: 1, renewed: 0 });
    world.clock.millis = before + 5 * 60_000;
    expect((await sweep(world)).renewed).toBe(0);
    world.clock.millis += 1;
    expect((await sweep(world)).renewed).toBe(1);
    expect(world.applications.jobs.at(-1)).toMatchObject({ name: 'fetch-result', subject: hanging.id });
    world.clock.millis = before + 400 * 86_400_000;
    const { timedOut } = await sweep(world);
    expect(timedOut).toBe(2);
  });

  it('does not count what somebody else did first', async () => {
    const world = fakeWorld();
    await received(world);
    world.clock.advance(400 * 86_400_000);
    world.applications.failNextUpdates = 1;
    expect(await sweep(world)).toEqual({ timedOut: 0, purged: 0, renewed: 0 });
  });

  it('after a restore ends what hangs on a value that works once, and nothing else', async () => {
    const world = fakeWorld();
    const states = Object.keys(STATES) as ApplicationState[];
    for (const state of states) {
      const one = await received(world);
      world.applications.records.set(one.id, { ...one, state });
    }
    const hanging = ['received', 'opened', 'authorizing', 'exchanging', 'authorized'];
    expect(await endRestored(world)).toBe(hanging.length);
    const after = [...world.applications.records.values()].map(({ state, failure }) => [
      state,
      failure?.code,
    ]);
    expect(after).toEqual(
      states.map((state) =>
        hanging.includes(state) ? ['restart-needed', 'transaction.restored'] : [state, undefined],
      ),
    );
    const open = await received(world);
    world.applications.failNextUpdates = 1;
    await expect(endRestored(world)).rejects.toMatchObject({ code: 'store.conflict' });
    expect(world.applications.records.get(open.id)?.state).toBe('received');
  });
});
