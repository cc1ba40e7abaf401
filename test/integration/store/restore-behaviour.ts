import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { backUp, declareRestored } from '../../../src/adapters/store/upkeep/restore.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { code } from './code.ts';
import type { StoreHarness } from './harness.ts';
import { PASSKEY } from './passkey-behaviour.ts';
import { SESSION, TENANT } from './records.ts';

const DAY = 24 * 3_600_000;
const answer = { status: 201, headers: {}, body: Buffer.from('{}') };
const at = (millis: number) => millis as EpochMillis;

/** Q18: what may have been used since the backup was taken works no second time. */
export function restoreBehaviour(harnessOfAll: StoreHarness): void {
  async function restored(keys: 'new-prefix' | 'any') {
    const harness = harnessOfAll.fresh();
    const before = await harness.open();
    await before.idempotency.claim(TENANT, 'answered', 'hash', at(1_000), 'r1');
    await before.idempotency.answer(TENANT, 'answered', answer);
    await before.idempotency.claim(TENANT, 'running', 'hash', at(1_000), 'r2');
    await before.sessions.put({ ...SESSION, idHash: 's1' });
    await before.leases.acquire('token', 'a', at(1_000), at(9_000));
    await before.passkeys.add(PASSKEY, 9);
    await before.passkeys.putChallenge('c', at(99_000));
    const done = await declareRestored(before, { now: at(10_000), ended: 0, keys });
    await before.close();
    const store = await harness.open();
    const claim = async (key: string, now: number) =>
      (await store.idempotency.claim(TENANT, key, 'hash', at(now), 'r9')).kind;
    return { harness, store, done, claim };
  }

  it('idempotency keys after a restore: answers stay, the rest is spoilt for a day, new ones have the prefix', async () => {
    const { harness, store, done, claim } = await restored('new-prefix');
    expect(done.keyPrefix).toMatch(/^r[0-9a-f]{8}-$/);
    expect(await claim('answered', 11_000)).toBe('answered');
    for (const key of ['running', 'unknown']) expect(await claim(key, 10_000 + DAY), key).toBe('restored');
    expect(await claim(`${done.keyPrefix}1`, 11_000)).toBe('first');
    expect(await claim(`${done.keyPrefix}1`, 11_001)).toBe('running');
    expect(await claim('unknown', 10_001 + DAY)).toBe('first');
    await store.close();
    await harness.end();
  });

  it('with any key accepted only what was running stays spoilt', async () => {
    const { harness, store, done, claim } = await restored('any');
    expect(done.keyPrefix).toBeUndefined();
    expect(await claim('running', 50_000)).toBe('restored');
    expect(await claim('unknown', 50_000)).toBe('first');
    expect(await claim('unknown', 50_001)).toBe('running');
    await store.close();
    await harness.end();
  });

  it('a jti from before the restore, or from the minute after it, is refused for good', async () => {
    const { harness, store } = await restored('any');
    const first = (value: string, issuedAt: number) =>
      store.replay.remember('logout-jti', value, at(9e12), at(issuedAt));
    expect(await first('before', 9_999)).toBe(false);
    expect(await first('skew', 70_000)).toBe(false);
    expect([await first('after', 70_001), await first('after', 70_001)]).toEqual([true, false]);
    await store.close();
    await harness.end();
  });

  it('sessions, leases, passkeys and their challenges are gone, the audit chain tells of it, and it may be declared once more', async () => {
    const { harness, store } = await restored('new-prefix');
    expect(await store.sessions.get('s1')).toBeUndefined();
    expect(await store.passkeys.list(PASSKEY)).toEqual([]);
    expect(await store.passkeys.takeChallenge('c', at(11_000))).toBe(false);
    expect(await store.leases.acquire('token', 'b', at(2_000), at(9_000))).toBe(true);
    const { sessions } = await declareRestored(store, { now: at(20_000), ended: 0, keys: 'any' });
    expect(sessions).toBe(0);
    const events = await store.kysely.selectFrom('audit_records').select('event').execute();
    expect(events.map(({ event }) => event)).toEqual(['store.restored', 'store.restored']);
    expect((await store.audit.verify()).brokenAt).toBeUndefined();
    await store.close();
    await harness.end();
  });

  it('a copy that was put back is refused until it is declared restored', async () => {
    const harness = harnessOfAll.fresh();
    const store = await harness.open();
    if (harness.engine === 'postgres') {
      // a dump brings the table back with its comment and under another id
      const other = `comment on table audit_records is 'jitsuin place 1'`;
      await sql.raw(other).execute(store.kysely);
      const backing = backUp(store, join(harness.folder, 'copy'), at(1));
      await expect(backing).rejects.toEqual(code('usage.arguments'));
    } else {
      const file = join(harness.folder, 'copy.sqlite3');
      await backUp(store, file, at(1));
      expect(existsSync(file)).toBe(true);
      await expect(backUp(store, file, at(1))).rejects.toEqual(code('usage.arguments'));
      await (await harness.open()).close();
      await store.kysely.insertInto('store_marks').values({ name: 'backup', value: '1' }).execute();
    }
    await expect(harness.open()).rejects.toEqual(code('store.put-back'));
    const put = await harness.open({ putBack: 'accepted' });
    await declareRestored(put, { now: at(1), ended: 0, keys: 'any' });
    await put.close();
    const opened = await harness.open();
    await opened.close();
    await store.close();
    await harness.end();
  });
}
