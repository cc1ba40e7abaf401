import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allSteps } from '../../../src/core/all-steps.ts';
import { inPages } from '../../../src/core/in-pages.ts';
import {
  type HousekeepingPorts as PfPorts,
  housekeeping as pfHousekeeping,
} from '../../../src/pf/housekeeping.ts';
import {
  type HousekeepingPorts as RpPorts,
  housekeeping as rpHousekeeping,
} from '../../../src/rp/housekeeping.ts';

const NOW = 1_750_000_000_000;
const DAY = 86_400_000;
const KEPT = 7 * DAY;
const PASSKEY_LIFE = 90 * DAY;
const CONSENTS = 5_000;
const FILES = 200;
/** Of a verification, and by states of an application (`core/sign-transaction/renewal.ts`). */
const MINUTE = 60_000;

type Calls = [name: string, ...args: unknown[]][];

/** Ports that note each call; the one that is named `failing` throws. */
function noted(failing?: string) {
  const calls: Calls = [];
  const note =
    (name: string, answer: unknown) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args]);
      if (name === failing) throw new Error(`${name} fails`);
      return answer;
    };
  const store = (name: string, methods: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(methods).map(([method, answer]) => [method, note(`${name}.${method}`, answer)]),
    );
  const shared = {
    clock: { now: () => NOW },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    replay: store('replay', { purge: 0 }),
    idempotency: store('idempotency', { purge: 0 }),
  };
  const operators = store('operators', { purge: 0 });
  const webhooks = store('webhooks', { purge: 0 });
  const queue = store('queue', { relay: undefined });
  const rp = {
    ...shared,
    operators,
    webhooks,
    queue,
    applications: store('applications', { due: [], stuck: [] }),
    sessions: store('sessions', { purge: 0 }),
    logins: store('logins', { purge: 0 }),
    passkeys: store('passkeys', { purge: 0 }),
    waiting: store('waiting', { purge: 0 }),
    passkeyLife: PASSKEY_LIFE,
    webhooksKept: KEPT,
  } as object as RpPorts;
  const operator = {
    ...shared,
    verifications: store('verifications', { due: [], stuck: [], outlived: [] }),
    evidence: store('evidence', { collectFiles: 0 }),
    consents: store('consents', { purge: 0 }),
    leases: store('leases', { purge: 0 }),
    revocationWatch: store('revocationWatch', { check: undefined }),
    retention: 365 * DAY,
  };
  const pf = { operator, operators, webhooks, queue, webhooksKept: KEPT } as object as PfPorts;
  return { calls, rp, pf };
}

const RP_CALLS: Calls = [
  ['applications.due', NOW, 200],
  ['applications.stuck', ['authorized'], NOW - 5 * MINUTE, 200],
  ['applications.stuck', ['fetched', 'submitted'], NOW - 60 * MINUTE, 200],
  ['queue.relay'],
  ['sessions.purge', NOW],
  ['logins.purge', NOW],
  ['replay.purge', NOW],
  ['passkeys.purge', NOW, NOW - PASSKEY_LIFE - 30 * DAY],
  ['operators.purge', NOW],
  ['idempotency.purge', NOW - DAY],
  ['waiting.purge', NOW - 60 * MINUTE],
  ['webhooks.purge', NOW - KEPT],
];
const PF_CALLS: Calls = [
  ['verifications.due', NOW, 200],
  ['verifications.stuck', ['received'], NOW - 15 * MINUTE, 200],
  ['verifications.outlived', NOW - 365 * DAY, 200],
  ['evidence.collectFiles', FILES],
  ['consents.purge', NOW, CONSENTS],
  ['leases.purge', NOW - 60 * MINUTE, CONSENTS],
  ['revocationWatch.check'],
  ['queue.relay'],
  ['replay.purge', NOW],
  ['idempotency.purge', NOW - DAY],
  ['operators.purge', NOW],
  ['webhooks.purge', NOW - KEPT],
];
const ROLES = [
  ['sp and gov', RP_CALLS, ({ rp }: ReturnType<typeof noted>) => rpHousekeeping(rp)],
  ['pf', PF_CALLS, ({ pf }: ReturnType<typeof noted>) => pfHousekeeping(pf)],
] as const;

describe.each(ROLES)('one round of %s', (_role, expected, round) => {
  it('asks everything that it keeps, each with its own instant', async () => {
    const ports = noted();
    await round(ports);
    expect(ports.calls).toEqual(expected);
  });

  it.each([...new Set(expected.map(([name]) => name))])(
    'goes on where %s fails, and tells the failure at its end',
    async (failing) => {
      const ports = noted(failing);
      await expect(round(ports)).rejects.toThrow(`${failing} fails`);
      expect(ports.calls).toEqual(expected);
    },
  );
});

describe('the ports', () => {
  it('have no purge that no role’s round calls', () => {
    const folder = resolve(import.meta.dirname, '../../../src/ports');
    const purged = readdirSync(folder)
      .filter((file) => /^\s*(purge|collectFiles)\(/m.test(readFileSync(join(folder, file), 'utf8')))
      .map((file) => file.replace('-store.ts', ''))
      .sort();
    expect(purged.length).toBeGreaterThanOrEqual(9);
    const called = [...RP_CALLS, ...PF_CALLS].map(([name]) => name.split('.')[0] ?? '');
    // a port of one thing, a store of many: `passkey-store.ts` is `passkeys`; the people of `staff-store.ts` are `operators`
    const names = new Set(
      called.flatMap((name) => [name, name.replace(/s$/, ''), name.replace('operators', 'staff')]),
    );
    expect(purged.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('steps and pages', () => {
  it('allSteps runs all, in order, and throws what failed first', async () => {
    const ran: number[] = [];
    const step =
      (n: number, fails = false) =>
      () => {
        ran.push(n);
        if (fails) throw new Error(`step ${n}`);
      };
    await expect(allSteps([step(1), step(2, true), step(3, true), step(4)])).rejects.toThrow('step 2');
    expect(ran).toEqual([1, 2, 3, 4]);
    await allSteps([step(5)]);
  });

  it('inPages carries out all the others of its pages where some fail, and then tells the first', async () => {
    const left = new Set(Array.from({ length: 450 }, (_, n) => n));
    const page = async (limit: number) => [...left].slice(0, limit);
    const act = async (n: number) => {
      if (n % 100 === 7) throw new Error(`record ${n}`);
      return left.delete(n);
    };
    await expect(inPages(page, act)).rejects.toThrow('record 7');
    expect([...left]).toEqual([7, 107, 207, 307, 407]);
  });
});
