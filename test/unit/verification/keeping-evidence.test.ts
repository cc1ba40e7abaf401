import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { AgeingAlgorithm, AlgorithmEnds } from '../../../src/core/digest/algorithm-ends.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { AuditEvent } from '../../../src/ports/audit.ts';
import type {
  EvidenceLink,
  PeriodRecords,
  PeriodRenewal,
  StampedPeriod,
} from '../../../src/ports/evidence-archive.ts';
import { makeTimeStampAuthority } from '../../../src/simulator/tsa/authority.ts';
import { makeTsaCrl } from '../../../src/simulator/tsa/crl.ts';
import { answerTimeStamp, rejection } from '../../../src/simulator/tsa/time-stamp.ts';
import { exportEvidence, takeEvidence } from '../../../src/verification/evidence/export-evidence.ts';
import { stampEvidence, stampPause } from '../../../src/verification/evidence/stamp-evidence.ts';
import type { EvidencePorts, TimeStamping } from '../../../src/verification/evidence/time-stamping.ts';
import { evidencePeriod } from '../../../src/verifier/evidence/evidence-time.ts';
import { FakeAudit, FakeClock, FakeLog, FakeRandom } from '../../support/fakes.ts';
import { NOW } from '../../support/pf-signing.ts';
import { evidenceFor } from '../evidence/evidence-kit.ts';
import { codeOf } from '../jwe/bundle-kit.ts';
import { tsaAnchors } from '../timestamp/tsa-kit.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const PERIOD = 10 * MINUTE;
const RENEW_BEFORE = 90 * DAY;
const LEASE = 10 * MINUTE;
const MOST_LEAVES = 50_000;
const tsa = makeTimeStampAuthority('keeping-evidence', NOW);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

type TsaMode = 'up' | 'refuses' | 'forges' | 'down' | 'broken' | 'empty';

/** A keeper of evidence whose archive, TSA and revocation source are in memory. */
function bench(options: { ends?: AlgorithmEnds; policy?: string; stamping?: boolean } = {}) {
  const [clock, random, log] = [new FakeClock(), new FakeRandom(), new FakeLog()];
  clock.millis = NOW;
  const state = {
    mode: 'up' as TsaMode,
    list: 'up' as 'up' | 'down' | 'revoked',
    links: [] as EvidenceLink[],
    ageing: [] as StampedPeriod[],
    hashed: [] as StampedPeriod[],
    taken: true,
    free: true,
    digest: 'sha256' as 'sha256' | 'sha512',
  };
  const calls: (readonly [name: string, ...args: unknown[]])[] = [];
  const requests: Uint8Array[] = [];
  const closed: { period: StampedPeriod; audit: readonly AuditEvent[] }[] = [];
  const renewed: { period: number; count: number; added: PeriodRenewal; audit: readonly AuditEvent[] }[] = [];
  const records = new Map<string, Uint8Array>();
  let places: PeriodRecords = { ids: [], leaves: { records: [], renewed: [] } };
  let serial = 0n;
  const timeStamping: TimeStamping = {
    source: {
      stamp: async (request) => {
        requests.push(request);
        serial += 1n;
        if (state.mode === 'down') throw new JitsuinError('timestamp.unavailable', '');
        if (state.mode === 'broken') throw new Error('a mistake of the adapter');
        if (state.mode === 'refuses') return new Uint8Array(rejection('systemFailure'));
        if (state.mode === 'empty') return new Uint8Array(0);
        const imprint = state.mode === 'forges' ? 'wrong' : 'echo';
        const answer = answerTimeStamp(tsa, request, clock.now(), { serial, imprint, digest: state.digest });
        return new Uint8Array(answer);
      },
    },
    trustAnchors: tsaAnchors(tsa),
    revocation: {
      crl: async () => {
        if (state.list === 'down') throw new JitsuinError('revocation.unavailable', '');
        const revoked = { revokedAt: clock.now() - 1_000, reason: 'keyCompromise' as const };
        return new Uint8Array(makeTsaCrl(tsa, clock.now(), state.list === 'revoked' ? revoked : undefined));
      },
    },
    method: 'CRL',
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    period: PERIOD,
    renewBefore: RENEW_BEFORE,
    algorithmEnds: options.ends ?? {},
  };
  const keeper: EvidencePorts = {
    archive: {
      uncovered: async (limit: number) => {
        calls.push(['uncovered', limit]);
        return state.links.slice(0, limit);
      },
      lastPeriod: async () => closed.length,
      close: async (period: StampedPeriod, audit: readonly AuditEvent[]) => {
        if (!state.taken) return false;
        closed.push({ period, audit });
        state.links = state.links.slice(period.lastSeq - period.firstSeq + 1);
        return true;
      },
      ageing: async (...args: unknown[]) => {
        calls.push(['ageing', ...args]);
        return state.ageing;
      },
      hashedWith: async (...args: unknown[]) => {
        calls.push(['hashedWith', ...args]);
        return state.hashed;
      },
      records: async () => places,
      renew: async (period: number, count: number, added: PeriodRenewal, audit: readonly AuditEvent[]) => {
        if (!state.taken) return false;
        renewed.push({ period, count, added, audit });
        return true;
      },
      covering: async () => undefined,
    } as object as EvidencePorts['archive'],
    evidence: { get: async (id: string) => records.get(id) } as object as EvidencePorts['evidence'],
    leases: {
      acquire: async (name: string, _owner: string, now: number, until: number) => {
        calls.push(['acquire', name, until - now]);
        return state.free;
      },
      release: async (name: string) => void calls.push(['release', name]),
    } as object as EvidencePorts['leases'],
    ...{ clock, random, log },
    ...(options.stamping === false ? {} : { timeStamping }),
  };
  /** Links kept so long ago, the oldest first. */
  const keep = (...ages: readonly number[]) => {
    for (const age of ages) {
      const seq = state.links.length + 1;
      const at = (clock.now() - age) as EpochMillis;
      state.links.push({ seq, sha256: sha256(`record ${seq}`), hash: sha256(`link ${seq}`), at });
    }
  };
  const run = () => stampEvidence(keeper);
  const holds = (next: PeriodRecords) => {
    places = next;
  };
  return { ...{ run, keep, keeper, state, calls, closed, renewed, requests, records, holds, clock, log } };
}

describe('new evidence', () => {
  it.each([
    [[], 0],
    [[PERIOD - 1], 0],
    [[PERIOD], 1],
    [[PERIOD, 5, 0], 1],
    [[PERIOD - 1, 5], 0],
  ])('kept %j ms ago gets %d tokens', async (ages, tokens) => {
    const { run, keep, closed, requests } = bench();
    keep(...ages);
    expect(await run()).toBe(tokens);
    expect([closed.length, requests.length]).toEqual([tokens, tokens]);
  });

  it('is under one tree, with its token, its revocation data and its record in the chain', async () => {
    const { run, keep, closed, state, log, calls } = bench();
    keep(PERIOD, 1, 0);
    const links = [...state.links];
    await run();
    const [{ period, audit } = { period: undefined, audit: [] }] = closed;
    const tree = evidencePeriod(
      1,
      links.map((link) => link.sha256),
      links[2]?.hash ?? '',
    );
    expect(period).toEqual({
      period: 1,
      firstSeq: 1,
      lastSeq: 3,
      root: tree.root,
      head: links[2]?.hash,
      tokens: [expect.any(Uint8Array)],
      validUntil: expect.any(Number),
      algorithms: expect.arrayContaining(['sha256']),
      trees: [],
      revocation: [{ token: 1, at: NOW, crls: [expect.any(Uint8Array)], ocsp: [] }],
    });
    expect(audit).toEqual([
      {
        event: 'evidence.time-stamped',
        subject: 'evidence-period-1',
        tenant: '',
        at: NOW,
        facts: { period: 1, size: 3, root: tree.root },
      },
    ]);
    expect(log.lines).toEqual([{ level: 'info', event: 'evidence.time-stamped', fields: { count: 3 } }]);
    const name = 'evidence-time-stamp';
    expect(calls.filter(([what]) => what === 'acquire' || what === 'release')).toEqual([
      ['acquire', name, LEASE],
      ['release', name],
    ]);
    expect(calls.find(([what]) => what === 'uncovered')).toEqual(['uncovered', MOST_LEAVES]);
    expect(calls.find(([what]) => what === 'ageing')).toEqual(['ageing', NOW + RENEW_BEFORE, [], 50]);
    expect(calls.some(([what]) => what === 'hashedWith')).toBe(false);
  });

  it('that fills a tree does not wait, and the rest gets the next number', async () => {
    const { run, keep, closed } = bench();
    keep(...new Array(MOST_LEAVES).fill(0));
    expect(await run()).toBe(1);
    keep(...new Array(MOST_LEAVES - 1).fill(PERIOD - 1));
    expect(await run()).toBe(0);
    expect(closed.map(({ period }) => period.period)).toEqual([1]);
  }, 60_000);

  it('that somebody else covered meanwhile is told by nobody', async () => {
    const { run, keep, state, log } = bench();
    keep(PERIOD);
    state.taken = false;
    expect(await run()).toBe(0);
    expect(log.lines).toEqual([]);
  });

  it('is left to the process that is at it, and to nobody where there is no TSA', async () => {
    const busy = bench();
    busy.keep(PERIOD);
    busy.state.free = false;
    expect(await busy.run()).toBe(0);
    expect(busy.calls.map(([name]) => name)).toEqual(['acquire']);
    const without = bench({ stamping: false });
    without.keep(PERIOD);
    expect(await without.run()).toBe(0);
    expect(without.calls).toEqual([]);
  });

  it.each([
    ['down', 'up', 'warn', 'timestamp.unavailable'],
    ['refuses', 'up', undefined, 'timestamp.refused'],
    ['forges', 'up', 'error', 'timestamp.imprint'],
    ['empty', 'up', 'error', undefined],
    ['up', 'down', 'warn', 'revocation.unavailable'],
    ['up', 'revoked', 'error', 'certificate.revoked'],
  ] as const)(
    'a TSA that is %s, its list %s: %s, and asked again the next time',
    async (mode, list, level, code) => {
      const { run, keep, state, log, closed, calls } = bench();
      keep(PERIOD);
      Object.assign(state, { mode, list });
      expect(await run()).toBe(0);
      const line = log.lines.find(({ event }) => event === 'evidence.time-stamp-failed');
      if (level !== undefined) expect(line?.level).toBe(level);
      if (code !== undefined) expect(line?.fields).toEqual({ code });
      expect(closed).toEqual([]);
      expect(calls.at(-1)).toEqual(['release', 'evidence-time-stamp']);
      Object.assign(state, { mode: 'up', list: 'up' });
      expect(await run()).toBe(1);
    },
  );

  it('a mistake of ours is thrown, and the lease given back', async () => {
    const { run, keep, state, calls, log } = bench();
    keep(PERIOD);
    state.mode = 'broken';
    await expect(run()).rejects.toThrow('a mistake');
    expect(calls.at(-1)?.[0]).toBe('release');
    expect(log.lines).toEqual([]);
  });

  it('by an algorithm that has ended is not covered', async () => {
    const ended = bench({ ends: { sha256: NOW - 1, sha384: NOW + 900 * DAY } });
    ended.keep(PERIOD);
    expect(await ended.run()).toBe(0);
    expect(ended.log.lines[0]?.fields).toEqual({ code: 'timestamp.renewal' });
    const last = bench({ ends: { sha256: NOW } });
    last.keep(PERIOD);
    await last.run();
    expect(last.closed).toHaveLength(1);
  });

  it('asks under the policy that was set, with a nonce of its own each time', async () => {
    const policy = '1.3.6.1.4.1.32473.1.1';
    const [with_, without] = [bench({ policy }), bench()];
    for (const one of [with_, without]) {
      one.keep(PERIOD);
      await one.run();
      one.keep(PERIOD);
      await one.run();
    }
    const der = Buffer.from('2b06010401' + '81fd590101', 'hex');
    expect(with_.requests.map((request) => Buffer.from(request).includes(der))).toEqual([true, true]);
    expect(without.requests.map((request) => Buffer.from(request).includes(der))).toEqual([false, false]);
    const all = with_.requests.map((request) => Buffer.from(request).toString('hex'));
    expect(new Set(all).size).toBe(2);
    const other = bench({ policy: '1.3.6.1.4.1.32473.1.2' });
    other.keep(PERIOD);
    expect(await other.run()).toBe(0);
  });

  it.each([
    [0, 500],
    [998, 500],
    [1_002, 501],
    [59_998, 29_999],
    [60_002, 30_000],
    [86_400_000, 30_000],
  ])('a period of %d ms is looked at every %d ms', (period, pause) => {
    expect(stampPause({ period })).toBe(pause);
  });
});

/** A period that was stamped, as the archive gives it back. */
async function stampedOnce(ends: AlgorithmEnds = {}) {
  const one = bench({ ends });
  one.keep(PERIOD, 0);
  const ids = ['r1', 'r2'];
  const leaves = one.state.links.map((link) => link.sha256);
  one.records.set('r1', Buffer.from('record 1'));
  await one.run();
  const period = one.closed[0]?.period;
  if (period === undefined) throw new Error('not stamped');
  one.holds({ ids, leaves: { records: leaves, renewed: [] } });
  one.log.lines.length = 0;
  one.calls.length = 0;
  return { ...one, period };
}

describe('a token that ages', () => {
  const aged = (period: StampedPeriod, change: Partial<StampedPeriod> = {}): StampedPeriod => ({
    ...period,
    validUntil: (NOW + 1) as EpochMillis,
    ...change,
  });

  it('gets a next one over all before, with what is known of both', async () => {
    const { run, state, period, renewed, clock } = await stampedOnce();
    clock.advance(DAY);
    const now = clock.now();
    state.ageing = [aged(period)];
    expect(await run()).toBe(1);
    const revocation = { at: now, crls: [expect.any(Uint8Array)], ocsp: [] };
    expect(renewed).toEqual([
      {
        period: 1,
        count: 1,
        added: {
          token: expect.any(Uint8Array),
          validUntil: period.validUntil,
          algorithms: period.algorithms,
          revocation: [
            { token: 1, ...revocation },
            { token: 2, ...revocation },
          ],
        },
        audit: [
          {
            event: 'evidence.time-stamp-renewed',
            subject: 'evidence-period-1',
            tenant: '',
            at: now,
            facts: { period: 1, size: 2, root: period.root },
          },
        ],
      },
    ]);
  });

  it('is not counted where somebody else renewed it', async () => {
    const { run, state, period } = await stampedOnce();
    state.ageing = [aged(period)];
    state.taken = false;
    expect(await run()).toBe(0);
  });

  interface Change {
    readonly less?: number;
    readonly algorithms?: readonly AgeingAlgorithm[];
  }
  const SOUND: readonly (readonly [what: string, change: Change, tokens: number])[] = [
    ['sound for no longer', {}, 0],
    ['sound for a millisecond longer', { less: 1 }, 1],
    ['sound for less', { less: -1 }, 0],
    ['of which no algorithms are known', { algorithms: [] }, 1],
  ];
  it.each(SOUND)('a TSA whose token is %s: %j, %d', async (_what, { less = 0, ...change }, tokens) => {
    const { run, state, period, renewed, log } = await stampedOnce();
    const validUntil = (period.validUntil - less) as EpochMillis;
    state.ageing = [{ ...period, validUntil, ...change }];
    expect(await run()).toBe(tokens);
    expect(renewed).toHaveLength(tokens);
    expect(log.lines).toEqual(
      tokens === 1
        ? []
        : [{ level: 'error', event: 'evidence.time-stamp-failed', fields: { code: 'timestamp.renewal' } }],
    );
  });

  it.each([
    ['before', NOW + RENEW_BEFORE - 1, ['rsa-3072']],
    ['at', NOW + RENEW_BEFORE, []],
  ])('an algorithm that ends %s the instant of renewal is asked for', async (_when, end, asked) => {
    const { run, calls } = bench({ ends: { 'rsa-3072': end } });
    await run();
    expect(calls.find(([name]) => name === 'ageing')).toEqual(['ageing', NOW + RENEW_BEFORE, asked, 50]);
  });
});

describe('a tree whose hash ages', () => {
  it.each([
    [{ sha256: NOW + RENEW_BEFORE }, undefined],
    [{ sha256: NOW + RENEW_BEFORE - 1 }, ['sha256']],
    [{ sha256: NOW + DAY, sha384: NOW + DAY }, ['sha256', 'sha384']],
    [{ sha384: NOW + DAY }, 'refused'],
    [{ sha256: NOW + DAY, sha384: NOW + DAY, sha512: NOW + DAY }, 'refused'],
  ])('ends %j: asked for %j', async (ends, asked) => {
    const { run, calls, log } = bench({ ends });
    await run();
    const found = calls.find(([name]) => name === 'hashedWith');
    if (asked === 'refused') {
      expect(found).toBeUndefined();
      return expect(log.lines[0]?.fields).toEqual({ code: 'timestamp.renewal' });
    }
    return expect(found).toEqual(asked === undefined ? undefined : ['hashedWith', asked, 50]);
  });

  it.each([
    [{ sha256: NOW + DAY }, 'sha384', 96],
    [{ sha256: NOW + DAY, sha384: NOW + DAY }, 'sha512', 128],
  ] as const)(
    'ends %j: each record is hashed anew by %s, deleted ones by their leaf',
    async (ends, hash, length) => {
      const { run, state, period, renewed, log, clock } = await stampedOnce(ends);
      clock.advance(MINUTE);
      state.hashed = [period];
      expect(await run()).toBe(1);
      const [{ added, audit, count } = { added: undefined, audit: [], count: 0 }] = renewed;
      expect(count).toBe(1);
      expect(added?.tree).toEqual({
        hash,
        root: expect.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)),
        firstToken: 2,
      });
      expect(added?.leaves).toHaveLength(2);
      expect(new Set(added?.leaves).size).toBe(2);
      expect(added?.revocation.map(({ token, at }) => [token, at])).toEqual([
        [1, clock.now()],
        [2, clock.now()],
      ]);
      expect(audit.map(({ event, facts }) => [event, facts])).toEqual([
        ['evidence.tree-renewed', { period: 1, size: 2, root: period.root }],
      ]);
      expect(log.lines).toEqual([{ level: 'info', event: 'evidence.tree-renewed', fields: { count: 2 } }]);
    },
  );

  it('that somebody else renewed is told by nobody', async () => {
    const { run, state, period, log } = await stampedOnce({ sha256: NOW + DAY });
    state.hashed = [period];
    state.taken = false;
    expect(await run()).toBe(0);
    expect(log.lines).toEqual([]);
  });
});

describe('evidence that is taken along', () => {
  const octets = evidenceFor('v1').octets;
  const ports = () => {
    const audit = new FakeAudit();
    const clock = new FakeClock();
    const evidence = {
      get: async (id: string) => (id === 'v1' ? octets : undefined),
      sealOf: async () => 'a.b.c',
    };
    const archive = { covering: async () => undefined };
    return { audit, clock, evidence, archive } as object as Parameters<typeof exportEvidence>[0] & {
      audit: FakeAudit;
    };
  };

  it('is noted in the chain, by whom where that is known', async () => {
    const { audit, clock, ...rest } = ports();
    expect(await takeEvidence({ ...rest, audit, clock }, 'v1')).toBe(octets);
    const facts = { by: 'operator-1' };
    await exportEvidence({ ...rest, audit, clock }, 'v1', { tenant: 'alpha', facts });
    const event = { event: 'evidence.exported', subject: 'v1', at: clock.now() };
    expect(audit.events).toEqual([
      { ...event, tenant: '' },
      { ...event, tenant: 'alpha', facts },
    ]);
  });

  it('is not noted where there is none', async () => {
    const all = ports();
    const taken = takeEvidence(all, 'v2');
    await expect(taken).rejects.toMatchObject({ code: 'record.not-found', at: 'v2' });
    expect(await codeOf(() => exportEvidence(all, 'v2', { tenant: '' }))).toBe('record.not-found');
    expect(all.audit.events).toEqual([]);
  });

  it('has its seal in the file', async () => {
    const file = await exportEvidence(ports(), 'v1', { tenant: '' });
    expect(Buffer.from(file).toString('utf8')).toContain('a.b.c');
  });
});
