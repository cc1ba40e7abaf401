import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPublicLog } from '../../../src/adapters/transparency/public-log.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { type LogPublishing, publishLog } from '../../../src/pf/publish-log.ts';
import type { AuditRecord } from '../../../src/ports/audit.ts';
import type { LogItem } from '../../../src/ports/public-log.ts';

const root = mkdtempSync(join(tmpdir(), 'jitsuin-publish-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const HOUR = 3_600_000;
let folders = 0;

/** A store of which only what is published is looked at. */
async function aStore() {
  const store = {
    now: 1_800_000_000_000,
    seals: [] as string[],
    decided: [] as { id: string; at: number }[],
    held: 'nobody' as string,
  };
  const publicLog = await openPublicLog({
    folder: join(root, String(++folders)),
    signer: { name: 'log.example', type: 'log', privateKey: generateKeyPairSync('ed25519').privateKey },
    blindKey: Buffer.alloc(32),
    leastBatch: 1,
    witnesses: [],
  });
  const publishing = {
    publicLog,
    interval: HOUR,
    heads: {
      newest: async () => {
        const seq = store.seals.length;
        return seq === 0 ? {} : { seal: { seq, hash: store.seals[seq - 1] ?? '' } };
      },
      hashAt: async (_chain: string, seq: number) => store.seals[seq - 1],
    },
    trail: {
      page: async ({ before, limit }: { before?: { at: number }; limit: number }) =>
        store.decided
          .filter(({ at }) => before === undefined || at < before.at)
          .sort((a, b) => b.at - a.at)
          .slice(0, limit)
          .map(({ id, at }) => ({ subject: id, at }) as AuditRecord),
    },
    operator: {
      verifications: { get: async (id: string) => ({ receipt: `receipt of ${id}` }) },
      leases: { acquire: async () => store.held === 'nobody', release: async () => undefined },
      clock: { now: () => store.now as EpochMillis },
      random: { octets: (n: number) => randomBytes(n) },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
  } as unknown as LogPublishing;
  const item = (id: string): LogItem => ({ kind: 'receipt', id, content: `receipt of ${id}` });
  const indexOf = async (id: string) => (await publicLog.proof(item(id)))?.index;
  return { store, publish: () => publishLog(publishing), indexOf, publicLog };
}

describe('publishing', () => {
  it('puts what was decided and the heads into one entry an interval, each once', async () => {
    const { store, publish, indexOf, publicLog } = await aStore();
    store.seals.push('a');
    for (const id of ['v1', 'v2']) store.decided.push({ id, at: store.now - 5 });
    expect(await publish()).toBe(3);
    expect([await indexOf('v1'), await indexOf('v2')]).toEqual([0, 0]);
    store.decided.push({ id: 'v3', at: store.now });
    store.now += HOUR / 2;
    expect(await publish()).toBe(0);
    store.now += HOUR / 2;
    expect(await publish()).toBe(1);
    expect(await indexOf('v3')).toBe(1);
    store.now += HOUR;
    expect(await publish()).toBe(0);
    expect(await publicLog.proof({ kind: 'audit-seal', id: '1', content: 'a' })).toMatchObject({ index: 0 });
  });

  it('takes up a decision whose commit came late', async () => {
    const { store, publish, indexOf } = await aStore();
    store.decided.push({ id: 'v1', at: store.now });
    await publish();
    store.decided.push({ id: 'late', at: store.now - 60_000 });
    store.now += HOUR;
    expect(await publish()).toBe(1);
    expect(await indexOf('late')).toBe(1);
  });

  it('publishes nothing of a store that was put back from a backup or written anew', async () => {
    const { store, publish, indexOf } = await aStore();
    store.seals.push('a', 'b');
    expect(await publish()).toBe(1);
    store.now += HOUR;
    store.decided.push({ id: 'v1', at: store.now });
    for (const seals of [['a'], ['a', 'other'], []]) {
      store.seals = seals;
      await expect(publish()).rejects.toEqual(expect.objectContaining({ code: 'tlog.broken', at: 'seal' }));
      expect(await indexOf('v1')).toBeUndefined();
    }
    store.seals = ['a', 'b', 'c'];
    expect(await publish()).toBe(2);
  });

  it('is one process at a time', async () => {
    const { store, publish } = await aStore();
    store.seals.push('a');
    store.held = 'another';
    expect(await publish()).toBe(0);
    store.held = 'nobody';
    expect(await publish()).toBe(1);
  });
});
