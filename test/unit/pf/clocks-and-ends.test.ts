import { describe, expect, it } from 'vitest';
import type { EpochMillis, TenantId, VerificationId } from '../../../src/core/brand.ts';
import type { Verification, VerificationState } from '../../../src/core/sign-transaction/verification.ts';
import { deleteVerification } from '../../../src/pf/delete-verification.ts';
import { canBeJudgedAgain, endedBy, judgeAgain } from '../../../src/pf/judge-again.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import { verifySlots } from '../../../src/pf/verify-job.ts';
import { operatorInMemory, PF_DEADLINE } from '../../support/operator-in-memory.ts';
import { NOW } from '../../support/pf-signing.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** After so long without a step the job is given out anew (`core/sign-transaction/renewal.ts`). */
const RENEWED_AFTER = 15 * MINUTE;
const CORRELATION = '3f1e5a10-0000-4000-8000-00000000c0de';
const STATES: readonly VerificationState[] = ['received', 'decided', 'refused', 'expired'];

const stored = (change: Partial<Verification> = {}): Verification => ({
  id: 'v1' as VerificationId,
  tenant: 'alpha' as TenantId,
  revision: 4,
  state: 'received',
  submissionKey: 's1',
  submissionHash: 'a',
  bundleHash: 'b',
  service: 'alpha-portal',
  environment: 'test',
  profile: 'enveloped',
  mode: 'digest-info',
  correlationId: CORRELATION,
  data: 'data' as Verification['data'],
  checkMethod: 'CRL',
  createdAt: NOW as EpochMillis,
  updatedAt: NOW as EpochMillis,
  deadline: (NOW + PF_DEADLINE) as EpochMillis,
  purgeAt: (NOW + PF_DEADLINE) as EpochMillis,
  secrets: { skeleton: new Uint8Array([1]), jwe: 'jwe' as NonNullable<Verification['secrets']>['jwe'] },
  ...change,
});

async function kitWith(records: readonly Verification[], change: Partial<PlatformOperator> = {}) {
  const kit = await operatorInMemory({}, change);
  for (const record of records) kit.verifications.put(record);
  return kit;
}
const at = (kit: Awaited<ReturnType<typeof kitWith>>, gone: number) => {
  kit.clock.millis = NOW + gone;
  return NOW + gone;
};

describe('the sweep', () => {
  it.each([
    ['without a reason', undefined, 'transaction.expired', undefined],
    ['with what it waited for', { code: 'clock.off' as const }, 'clock.off', 10 * DAY],
  ])('ends what is past its deadline, %s', async (_how, failure, code, retention) => {
    const record = stored(failure === undefined ? {} : { failure });
    const kit = await kitWith([record], retention === undefined ? {} : { retention });
    at(kit, PF_DEADLINE - 1);
    kit.verifications.put({ ...record, updatedAt: kit.clock.now() });
    expect(await sweep(kit.operator)).toBe(0);
    expect(kit.log.lines).toEqual([]);
    const now = at(kit, PF_DEADLINE);
    expect(await sweep(kit.operator)).toBe(1);
    const expected = {
      ...record,
      revision: 5,
      state: 'expired',
      failure: { code },
      updatedAt: now,
      purgeAt: now + (retention ?? 30 * DAY),
    };
    expect(kit.verifications.written).toEqual([
      {
        next: expected,
        effects: {
          audit: [{ event: 'verification.expired', subject: 'v1', tenant: 'alpha', at: now, code }],
          notices: [
            { type: 'verification.expired', tenant: 'alpha', at: now, data: { id: 'v1', state: 'expired' } },
          ],
        },
      },
    ]);
    expect(kit.log.lines).toEqual([
      {
        level: 'error',
        event: 'verification.expired',
        fields: { verification: 'v1', tenant: 'alpha', correlationId: CORRELATION, code },
      },
      { level: 'info', event: 'sweep.done', fields: { count: 1 } },
    ]);
  });

  it('tells nobody of an end that somebody else was before', async () => {
    const record = stored();
    const kit = await kitWith([record]);
    at(kit, PF_DEADLINE);
    kit.verifications.meanwhile = () =>
      kit.verifications.put({ ...record, state: 'decided', revision: 5, updatedAt: kit.clock.now() });
    expect(await sweep(kit.operator)).toBe(0);
    expect([...kit.verifications.written, ...kit.log.lines]).toEqual([]);
  });

  it.each(['decided', 'refused', 'expired'] as const)(
    'takes the secrets of what is %s at their clock',
    async (state) => {
      const record = stored({ state, purgeAt: (NOW + DAY) as EpochMillis, failure: { code: 'jwe.decrypt' } });
      const kit = await kitWith([record]);
      at(kit, DAY - 1);
      expect(await sweep(kit.operator)).toBe(0);
      const now = at(kit, DAY);
      expect(await sweep(kit.operator)).toBe(1);
      const { secrets: _gone, ...rest } = record;
      expect(kit.verifications.written).toEqual([
        {
          next: { ...rest, revision: 5, updatedAt: now },
          effects: { audit: [{ event: 'verification.purged', subject: 'v1', tenant: 'alpha', at: now }] },
        },
      ]);
    },
  );

  it('gives the job of what nobody works on out anew, in its lane', async () => {
    const record = stored();
    const kit = await kitWith([record]);
    at(kit, RENEWED_AFTER);
    expect(await sweep(kit.operator)).toBe(0);
    const now = at(kit, RENEWED_AFTER + 1);
    expect(await sweep(kit.operator)).toBe(1);
    expect(kit.verifications.written).toEqual([
      {
        next: { ...record, revision: 5, updatedAt: now },
        effects: {
          jobs: [{ name: 'verify', subject: 'v1', key: 'verify:v1:5', lane: { endpoint: 'CRL' } }],
          audit: [{ event: 'verification.revived', subject: 'v1', tenant: 'alpha', at: now }],
        },
      },
    ]);
  });

  it.each(STATES)(
    'deletes what has outlived its retention and is %s, with the chain’s record',
    async (state) => {
      const { secrets: _none, ...record } = stored({ state, deadline: (NOW + 400 * DAY) as EpochMillis });
      const kit = await kitWith([record], { retention: 90 * DAY });
      at(kit, 90 * DAY);
      kit.verifications.asked.length = 0;
      await sweep(kit.operator);
      expect(kit.verifications.asked).toEqual([['outlived', NOW, 200]]);
      expect(kit.deletedEvidence).toEqual([]);
      const now = at(kit, 90 * DAY + 1);
      await sweep(kit.operator);
      const ended = state !== 'received';
      expect(kit.deletedEvidence).toEqual(ended ? [['v1', 'alpha', now]] : []);
      const facts = { cause: 'retention' };
      if (ended)
        expect(kit.verifications.written.at(-1)?.effects).toEqual({
          audit: [{ event: 'verification.deleted', subject: 'v1', tenant: 'alpha', at: now, facts }],
        });
    },
  );

  it('without a retention deletes nothing', async () => {
    const { secrets: _none, ...record } = stored({ state: 'decided' });
    const kit = await kitWith([record]);
    at(kit, 4_000 * DAY);
    expect(await sweep(kit.operator)).toBe(0);
    expect(kit.verifications.asked).toEqual([]);
  });

  it.each(['collectFiles', 'consents', 'leases'])('counts what %s took', async (step) => {
    const kit = await kitWith([]);
    const { evidence, consents, leases } = kit.operator;
    const operator = {
      ...kit.operator,
      evidence: { ...evidence, collectFiles: async () => (step === 'collectFiles' ? 3 : 0) },
      consents: { ...consents, purge: async () => (step === 'consents' ? 3 : 0) },
      leases: { ...leases, purge: async () => (step === 'leases' ? 3 : 0) },
    };
    expect(await sweep(operator)).toBe(3);
    expect(kit.log.lines).toEqual([{ level: 'info', event: 'sweep.done', fields: { count: 3 } }]);
  });

  it('tells what it did also where a step failed', async () => {
    const kit = await kitWith([]);
    const { evidence, consents } = kit.operator;
    const operator = {
      ...kit.operator,
      evidence: { ...evidence, collectFiles: async () => 2 },
      consents: { ...consents, purge: () => Promise.reject(new Error('the disk')) },
    };
    await expect(sweep(operator)).rejects.toThrow('the disk');
    expect(kit.log.lines.map(({ fields }) => fields)).toEqual([{ count: 2 }]);
  });
});

describe('a deletion', () => {
  const causes = STATES.flatMap((state) =>
    (['tenant', 'retention'] as const).map((cause) => [state, cause] as const),
  );
  it.each(causes)('of what is %s, by %s', async (state, cause) => {
    const record = stored({ state, result: 'OK', subjectId: 'x', receipt: 'r', signedOctetsSha256: 'h' });
    const kit = await kitWith([record]);
    const run = () => deleteVerification(kit.operator, record, cause);
    if (state === 'received') {
      expect(await codeOf(run)).toBe('transaction.state');
      expect([...kit.deletedEvidence, ...kit.verifications.written]).toEqual([]);
      return;
    }
    await run();
    expect(kit.deletedEvidence).toEqual([['v1', 'alpha', NOW]]);
    const { secrets: _s, result: _r, subjectId: _i, receipt: _c, signedOctetsSha256: _h, ...left } = record;
    expect(kit.verifications.written).toEqual([
      {
        next: { ...left, revision: 5, deletedAt: NOW },
        effects: {
          audit: [
            { event: 'verification.deleted', subject: 'v1', tenant: 'alpha', at: NOW, facts: { cause } },
          ],
        },
      },
    ]);
  });

  it('a second time changes nothing', async () => {
    const record = stored({ state: 'decided', deletedAt: NOW });
    const kit = await kitWith([record]);
    await deleteVerification(kit.operator, record, 'tenant');
    expect([...kit.deletedEvidence, ...kit.verifications.written]).toEqual([]);
  });

  it.each([
    ['deleted it too', { deletedAt: NOW }, 'accepted'],
    ['changed it otherwise', {}, 'store.conflict'],
  ] as const)('somebody else %s meanwhile: %s', async (_what, change, outcome) => {
    const record = stored({ state: 'decided' });
    const kit = await kitWith([record]);
    kit.verifications.meanwhile = () => kit.verifications.put({ ...record, ...change, revision: 5 });
    expect(await codeOf(() => deleteVerification(kit.operator, record, 'tenant'))).toBe(outcome);
  });

  it('of what is gone meanwhile is a conflict', async () => {
    const record = stored({ state: 'decided' });
    const kit = await kitWith([]);
    expect(await codeOf(() => deleteVerification(kit.operator, record, 'tenant'))).toBe('store.conflict');
  });
});

describe('judged once more', () => {
  const cases = STATES.flatMap((state) =>
    [
      ['its bundle', {}],
      ['its bundle, deleted', { deletedAt: NOW }],
      ['nothing', { secrets: undefined as never }],
    ].map(([has, change]) => [state, has as string, change as Partial<Verification>] as const),
  );
  it.each(cases)('what is %s and has %s', async (state, has, change) => {
    const result = state === 'decided' ? ({ result: 'INDETERMINATE' } as const) : {};
    const record = stored({ state, failure: { code: 'jwe.decrypt' }, ...result, ...change });
    if ('secrets' in change) Reflect.deleteProperty(record, 'secrets');
    const kit = await kitWith([record]);
    const now = at(kit, 3 * DAY);
    const can = state !== 'received' && has === 'its bundle';
    expect(canBeJudgedAgain(record)).toBe(can);
    const run = judgeAgain(kit.operator, record.id, { by: 'operator-1' });
    if (!can) {
      await expect(run).rejects.toMatchObject({ code: 'transaction.state' });
      return expect([...kit.verifications.written, ...kit.deletedEvidence]).toEqual([]);
    }
    await run;
    expect(kit.deletedEvidence).toEqual(state === 'decided' ? [['v1', 'alpha', now]] : []);
    const { failure: _gone, result: _result, ...open } = record;
    const deadline = now + PF_DEADLINE;
    const next = { ...open, revision: 5, state: 'received', updatedAt: now, deadline, purgeAt: deadline };
    expect(await run).toEqual(next);
    return expect(kit.verifications.written).toEqual([
      {
        next,
        effects: {
          jobs: [{ name: 'verify', subject: 'v1', key: 'verify:v1:5', lane: { endpoint: 'CRL' } }],
          audit: [
            {
              event: 'verification.judged-again',
              subject: 'v1',
              tenant: 'alpha',
              at: now,
              facts: { by: 'operator-1', code: 'jwe.decrypt' },
            },
          ],
        },
      },
    ]);
  });

  it('without a reason of its end says so with an empty code', async () => {
    const kit = await kitWith([stored({ state: 'expired' })]);
    await judgeAgain(kit.operator, 'v1' as VerificationId, {});
    expect(kit.verifications.written[0]?.effects.audit[0]?.facts).toEqual({ code: '' });
  });

  it('not where there is none, where the bundle came again, or where somebody was first', async () => {
    const record = stored({ state: 'refused' });
    const kit = await kitWith([record]);
    const again = (id = 'v1') => codeOf(() => judgeAgain(kit.operator, id as VerificationId, {}));
    expect(await again('v2')).toBe('record.not-found');
    kit.verifications.meanwhile = () => kit.verifications.put({ ...record, revision: 5 });
    expect(await again()).toBe('store.conflict');
    kit.verifications.put(record);
    kit.verifications.put(stored({ id: 'v9' as VerificationId }));
    expect(await again()).toBe('binding.replay');
    expect(kit.verifications.written).toEqual([]);
  });

  it('finds all that ended by one code, oldest first, page by page', async () => {
    const records = Array.from({ length: 450 }, (_, n) =>
      stored({
        id: `v${String(n).padStart(4, '0')}` as VerificationId,
        state: n % 2 === 0 ? 'refused' : 'expired',
        failure: { code: n % 3 === 0 ? 'jwe.decrypt' : 'clock.off' },
      }),
    );
    const open = stored({ id: 'v0000a' as VerificationId, failure: { code: 'jwe.decrypt' } });
    const kit = await kitWith([...records, open]);
    const wanted = records.filter((_, n) => n % 3 === 0).map(({ id }) => id);
    expect(await endedBy(kit.verifications, 'jwe.decrypt')).toEqual(wanted);
    const states = ['decided', 'refused', 'expired'];
    expect(kit.verifications.asked).toEqual([
      ['list', states, undefined, 200],
      ['list', states, 'v0250', 200],
      ['list', states, 'v0050', 200],
    ]);
  });

  it.each([0, 200, 400])('asks no more than it must when there are %d', async (count) => {
    const records = Array.from({ length: count }, (_, n) =>
      stored({ id: `v${String(n).padStart(4, '0')}` as VerificationId, state: 'refused' }),
    );
    const kit = await kitWith(records);
    expect(await endedBy(kit.verifications, 'clock.off')).toEqual([]);
    expect(kit.verifications.asked).toHaveLength(1 + count / 200);
  });
});

it('each kind of source has as many places as were set, and neither waits for the other', () => {
  expect(verifySlots(7)).toEqual({ concurrency: 14, perEndpoint: 7 });
});
