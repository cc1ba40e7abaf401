import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Store, StoreRole } from '../../../src/adapters/store/open-store.ts';
import { sealAuditRegularly } from '../../../src/adapters/store/seal-audit.ts';
import { declareRestored } from '../../../src/adapters/store/upkeep/restore.ts';
import { until } from '../queue/harness.ts';
import { type StoreHarness, sqliteHarness } from './harness.ts';
import { auditEvent } from './records.ts';

const append = (store: Store, subject: string) => store.audit.append(auditEvent(subject));

/** What a snapshot leaves of the chain: its end as it was after the first record. Records themselves cannot be deleted. */
async function backToTheFirstRecord(store: Store, { seq, hash, mac }: ChainEnd): Promise<void> {
  await sql`update audit_chains set seq = ${seq}, hash = ${hash}, mac = ${mac}`.execute(store.kysely);
}

interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
  readonly mac: Uint8Array | string | null;
}

async function wentBack(role: StoreRole): Promise<{ readonly place: StoreHarness; readonly store: Store }> {
  const place = sqliteHarness();
  const store = await place.open({ role });
  await append(store, 'first');
  const then = await store.kysely.selectFrom('audit_chains').selectAll().executeTakeFirstOrThrow();
  await append(store, 'second');
  await store.trial();
  await backToTheFirstRecord(store, then);
  return { place, store };
}

const lost = { code: 'store.went-back', at: '1:2' };

describe('a store that went back in time', () => {
  it.each(['pf', 'gov'] as const)(
    'a %s notices without a commit, and takes nothing until it is declared',
    async (role) => {
      const { place, store } = await wentBack(role);
      await expect(store.trial()).rejects.toMatchObject(lost);
      await expect(append(store, 'third')).rejects.toMatchObject(lost);
      await expect(store.trial()).rejects.toMatchObject(lost);
      await store.close();
      await expect(place.open({ role })).rejects.toMatchObject({ code: 'store.went-back' });
      const drill = await place.open({ role, putBack: 'accepted' });
      await declareRestored(drill, { now: place.clock.now(), ended: 0, keys: 'any' });
      await drill.close();
      const again = await place.open({ role });
      await append(again, 'third');
      await again.close();
      await place.end();
    },
  );

  it('a pf notices with its next commit, which is not made', async () => {
    const { place, store } = await wentBack('pf');
    await expect(append(store, 'third')).rejects.toMatchObject(lost);
    const { rows } = await sql<{ n: number }>`select count(*) as n from audit_records`.execute(store.kysely);
    expect(rows[0]?.n).toBe(2);
    await store.close();
    await place.end();
  });

  it('an sp tells it once and goes on: the operator tells it what it forgot', async () => {
    const { place, store } = await wentBack('sp');
    const said: string[] = [];
    const log = {
      error: (event: string) => void said.push(event),
      warn: () => undefined,
      info: () => undefined,
    };
    await expect(append(store, 'third')).rejects.toMatchObject(lost);
    await append(store, 'fourth');
    await expect(store.audit.seal()).rejects.toMatchObject(lost);
    const sealing = sealAuditRegularly(store, log);
    await store.audit.seal();
    await sealing.stop();
    expect(said).toEqual([]);
    await store.close();
    await (await place.open({ role: 'sp' })).close();
    await place.end();
  });

  it('the log and its alarm say it by its name', async () => {
    const { place, store } = await wentBack('pf');
    const said: string[] = [];
    const log = {
      error: (event: string) => void said.push(event),
      warn: () => undefined,
      info: () => undefined,
    };
    const sealing = sealAuditRegularly(store, log);
    await until(() => said.length > 0);
    await sealing.stop();
    expect(said[0]).toBe('store.went-back');
    await store.close();
    await place.end();
  });

  it('a chain that somebody changed is still told as that', async () => {
    const place = sqliteHarness();
    const store = await place.open({ role: 'pf' });
    await append(store, 'first');
    await sql`update audit_chains set hash = ${'f'.repeat(64)}`.execute(store.kysely);
    await expect(append(store, 'second')).rejects.toMatchObject({ code: 'seal.integrity' });
    await store.close();
    await place.end();
  });
});
