import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPublicLog } from '../../../src/adapters/transparency/public-log.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { type LogPublishing, publishLog } from '../../../src/pf/publish-log.ts';
import type { AuditRecord } from '../../../src/ports/audit.ts';
import type { LogItem, LogState } from '../../../src/ports/public-log.ts';

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
    evidence: [] as string[],
    records: new Map<string, string>(),
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
        const [seal, evidence] = [store.seals, store.evidence].map((chain) =>
          chain.length === 0 ? undefined : { seq: chain.length, hash: chain.at(-1) ?? '' },
        );
        return { ...(seal && { seal }), ...(evidence && { evidence }) };
      },
      recordHash: async (id: string) => store.records.get(id),
      hashAt: async (chain: string, seq: number) =>
        (chain === 'seal' ? store.seals : store.evidence)[seq - 1],
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
      leases: {
        acquire: async (_name: string, owner: string) => {
          if (store.held !== 'nobody') return false;
          store.held = owner;
          return true;
        },
        release: async (_name: string, owner: string) => {
          if (store.held === owner) store.held = 'nobody';
        },
      },
      clock: { now: () => store.now as EpochMillis },
      random: { octets: (n: number) => randomBytes(n) },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
  } as unknown as LogPublishing;
  const item = (id: string): LogItem => ({ kind: 'receipt', id, content: `receipt of ${id}` });
  const indexOf = async (id: string) => (await publicLog.proof(item(id)))?.index;
  return { store, publishing, publish: () => publishLog(publishing), indexOf, publicLog };
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

  it('puts each record of evidence in by its hash, one that was judged again anew', async () => {
    const { store, publish, publicLog } = await aStore();
    const at = async (hash: string) =>
      (await publicLog.proof({ kind: 'evidence', id: hash, content: hash }))?.index;
    store.decided.push({ id: 'v1', at: store.now - 5 });
    store.records.set('v1', 'a'.repeat(64));
    expect(await publish()).toBe(2);
    store.now += HOUR;
    store.decided.push({ id: 'v1', at: store.now - 5 });
    store.records.set('v1', 'b'.repeat(64));
    expect(await publish()).toBe(1);
    expect([await at('a'.repeat(64)), await at('b'.repeat(64)), await at('c'.repeat(64))]).toEqual([
      0,
      1,
      undefined,
    ]);
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

  it('gives its turn back, also where it publishes nothing', async () => {
    const { store, publish } = await aStore();
    store.seals.push('a');
    await publish();
    expect(store.held).toBe('nobody');
    store.seals = [];
    await expect(publish()).rejects.toMatchObject({ code: 'tlog.broken' });
    expect(store.held).toBe('nobody');
  });

  it('puts the head of the evidence chain in when it has moved, and looks for it in the store', async () => {
    const { store, publish, publicLog } = await aStore();
    store.evidence.push('e1');
    expect(await publish()).toBe(1);
    expect(await publicLog.proof({ kind: 'evidence-head', id: '1', content: 'e1' })).toMatchObject({
      index: 0,
    });
    store.now += HOUR;
    expect(await publish()).toBe(0);
    store.evidence.push('e2');
    store.now += HOUR;
    expect(await publish()).toBe(1);
    store.evidence = ['other', 'e2'];
    store.now += HOUR;
    expect(await publish()).toBe(0);
    store.evidence = ['e1', 'other'];
    await expect(publish()).rejects.toMatchObject({ code: 'tlog.broken', at: 'evidence' });
  });

  it('has 4,000 items in one entry at most; the rest comes with the next round, which does not wait', async () => {
    const { store, publishing } = await aStore();
    const entries: number[] = [];
    const known = new Set<string>();
    let kept: LogState | undefined;
    const publicLog = {
      reload: async () => kept,
      has: async (_kind: string, id: string) => known.has(id),
      append: async (_now: number, items: readonly LogItem[], next: LogState) => {
        entries.push(items.length);
        for (const { id } of items) known.add(id);
        kept = next;
      },
      witness: async () => ({ signed: 0, of: 0 }),
    } as object as LogPublishing['publicLog'];
    store.decided = Array.from({ length: 4_001 }, (_, n) => ({ id: `v${n}`, at: store.now - n }));
    expect(await publishLog({ ...publishing, publicLog })).toBe(4_000);
    expect(known.has('v4000')).toBe(false);
    expect(await publishLog({ ...publishing, publicLog })).toBe(1);
    expect(known.has('v4000')).toBe(true);
    expect(await publishLog({ ...publishing, publicLog })).toBe(0);
    expect(entries).toEqual([4_000, 1]);
  });
});
