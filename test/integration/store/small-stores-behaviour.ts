import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { databaseTime } from '../../../src/adapters/store/upkeep/database-time.ts';
import { code } from './code.ts';
import { applicationId, at, OTHER_TENANT, SESSION, TENANT } from './records.ts';

export function smallStoresBehaviour(store: () => Store): void {
  it('keeps a CRL once, while a record uses it, however putting and collecting cross', async () => {
    const { evidence, kysely } = store();
    const sha256 = createHash('sha256').update('crl').digest('hex');
    const record = (n: number) =>
      Buffer.from(
        `{"n":${n},"parts":[{"name":"crl:0:0","octets":"${Buffer.from('crl').toString('base64')}","sha256":"${sha256}"}]}`,
      );
    const files = async () =>
      (await kysely.selectFrom('evidence_files').select('sha256').execute()).map((row) => row.sha256);
    for (let n = 0; n < 10; n += 1) {
      await Promise.all([evidence.put(`shared-${n}`, TENANT, record(n)), evidence.collectFiles(10)]);
      expect(await evidence.get(`shared-${n}`)).toEqual(new Uint8Array(record(n)));
      if (n > 0) await evidence.delete(`shared-${n - 1}`, TENANT, at(1));
    }
    expect([await evidence.collectFiles(10), await files()]).toEqual([0, [sha256]]);
    await evidence.delete('shared-9', OTHER_TENANT, at(1));
    expect(await evidence.collectFiles(10)).toBe(0);
    await evidence.delete('shared-9', TENANT, at(1));
    expect([await evidence.collectFiles(10), await files()]).toEqual([1, []]);
  });

  it('keeps a file of before the list of uses for ever', async () => {
    const { evidence, kysely } = store();
    const old = { sha256: 'old', sealed_octets: new Uint8Array([1]), counted: 0 };
    await kysely.insertInto('evidence_files').values(old).execute();
    expect(await evidence.collectFiles(10)).toBe(0);
    await kysely.deleteFrom('evidence_files').where('sha256', '=', 'old').execute();
  });

  it('keeps evidence once', async () => {
    const { evidence } = store();
    await evidence.put('ev-1', TENANT, Buffer.from('octets'));
    await evidence.put('ev-1', TENANT, Buffer.from('octets'));
    await expect(evidence.put('ev-1', TENANT, Buffer.from('others'))).rejects.toEqual(code('store.conflict'));
    await expect(evidence.put('ev-1', OTHER_TENANT, Buffer.from('octets'))).rejects.toEqual(
      code('store.conflict'),
    );
    expect(Buffer.from((await evidence.get('ev-1')) ?? []).toString()).toBe('octets');
    expect(await evidence.get('ev-1', OTHER_TENANT)).toBeUndefined();
  });

  it('moves the mark of a distribution point forward only, however many raise it, and believes none that is not ours', async () => {
    const { crlMarks, kysely } = store();
    const mark = (number: string, thisUpdate: number) => ({ number, thisUpdate: at(thisUpdate) });
    expect(await crlMarks.get('p')).toBeUndefined();
    await Promise.all([3, 1, 2].map((n) => crlMarks.raise('p', mark(`0${n}`, n * 10))));
    for (let n = 0; n < 3; n += 1) await crlMarks.raise('p', mark('03', 30));
    for (const behind of [mark('04', 20), mark('02', 40), mark('03', 30)]) await crlMarks.raise('p', behind);
    expect(await crlMarks.get('p')).toEqual(mark('03', 30));
    expect(await crlMarks.get('other')).toBeUndefined();
    const own = kysely.updateTable('store_marks').where('name', '=', 'crl p');
    await own.set({ value: '1 01' }).execute();
    await expect(crlMarks.get('p')).rejects.toEqual(code('seal.integrity'));
    await kysely.deleteFrom('store_marks').where('name', '=', 'crl p').execute();
  });

  it('answers an idempotency key: first, running, answered, mismatch, released, abandoned, purged', async () => {
    const { idempotency } = store();
    let asked = 0;
    const claim = (hash: string, now: number, tenant = 'idem') =>
      idempotency.claim(tenant, 'k1', hash, at(now), `request-${++asked}`);
    const all = await Promise.all(Array.from({ length: 20 }, () => claim('h', 1)));
    expect(all.filter(({ kind }) => kind === 'first')).toHaveLength(1);
    expect(all.filter(({ kind }) => kind === 'running')).toHaveLength(19);
    expect(await claim('other', 1)).toEqual({ kind: 'mismatch' });
    const first = all.find(({ kind }) => kind === 'first');
    expect(await claim('h', 1, 'idem-2')).toEqual({ kind: 'first', requestId: 'request-22' });
    expect(await claim('h', 30_000)).toEqual({ kind: 'running' });
    // who takes over makes what the first one may have made already
    expect(await claim('h', 30_001)).toEqual(first);
    // the one who was taken over from says late what became of it: that is no longer its to say
    await idempotency.release('idem', 'k1', at(1));
    await idempotency.abandon('idem', 'k1', at(1));
    expect(await claim('h', 30_002)).toEqual({ kind: 'running' });
    await idempotency.abandon('idem', 'k1', at(30_001));
    expect(await claim('h', 40_001)).toEqual(first);
    expect(await claim('h', 40_001)).toEqual({ kind: 'running' });
    const answer = {
      status: 201,
      headers: { location: '/x' },
      body: new Uint8Array(Buffer.from('{"id":"申請"}')),
    };
    await idempotency.answer('idem', 'k1', answer);
    await idempotency.answer('idem', 'k1', { ...answer, status: 500 });
    expect(await claim('h', 60_002)).toEqual({ kind: 'answered', answer });
    await idempotency.release('idem', 'k1', at(40_001));
    await idempotency.abandon('idem', 'k1', at(40_001));
    expect((await claim('h', 60_002)).kind).toBe('answered');
    await idempotency.release('idem-2', 'k1', at(1));
    expect(await claim('h2', 60_002, 'idem-2')).toMatchObject({ kind: 'first' });
    expect(await idempotency.purge(at(60_002))).toBeGreaterThanOrEqual(1);
    expect(await claim('h', 60_003)).toMatchObject({ kind: 'first' });
  });

  it('gives turns out one after another to everybody at once, bounded, and survives a clock set back', async () => {
    const { leases } = store();
    const take = (now: number, longest = 1_000) => leases.takePermit('service', at(now), 100, longest);
    const turns = await Promise.all(Array.from({ length: 20 }, () => take(5_000_000)));
    const given = turns.filter((turn) => turn !== undefined).sort((a, b) => a - b);
    expect(given).toEqual(Array.from({ length: 11 }, (_, index) => 5_000_000 + index * 100));
    expect(await take(5_000_000)).toBeUndefined();
    expect(await take(5_000_000, 2_000)).toBe(5_001_100);
    expect(await take(5_010_000)).toBe(5_010_000);
    expect(await take(1_000_000)).toBe(1_000_000);
    expect(await take(1_000_000)).toBe(1_000_100);
  });

  it('keeps places in line: fair between tenants, the same after a reload, and who sleeps holds nobody up', async () => {
    const { waiting, leases } = store();
    const id = (name: string) => applicationId(`waits-${name}`);
    const enter = (name: string, tenant: typeof TENANT, n: number) =>
      waiting.enter({ application: id(name), tenant, now: at(1_000 + n) });
    const ahead = (name: string, now = 2_000, since = 0) => waiting.ahead(id(name), at(now), at(since));
    // a tenant with many people comes first, another with two
    for (const n of [1, 2, 3, 4]) await enter(`big-${n}`, TENANT, n);
    for (const n of [1, 2]) await enter(`small-${n}`, OTHER_TENANT, 10 + n);
    expect([await ahead('big-1'), await ahead('small-1'), await ahead('big-2')]).toEqual([0, 1, 2]);
    expect([await ahead('small-2'), await ahead('big-3'), await ahead('big-4')]).toEqual([3, 4, 5]);
    await enter('big-2', TENANT, 50);
    expect(await ahead('big-2')).toBe(2);
    // the one who goes leaves the others where they were, and a newcomer of the small one still comes before the many
    await waiting.leave(id('big-1'));
    await waiting.leave(id('small-1'));
    await enter('small-3', OTHER_TENANT, 60);
    expect([await ahead('big-2'), await ahead('small-2'), await ahead('small-3')]).toEqual([0, 1, 3]);
    // nobody but big-4 was seen since: the others sleep, and keep their places
    expect([await ahead('big-4', 9_000, 5_000), await waiting.size(at(5_000))]).toEqual([0, 1]);
    expect(await ahead('big-2', 9_500, 5_000)).toBe(0);
    expect(await ahead('nobody')).toBeUndefined();
    expect(await waiting.purge(at(9_100))).toBe(4);
    expect([await ahead('big-2', 9_500), await ahead('small-2', 9_500)]).toEqual([0, undefined]);
    await waiting.leave(id('big-2'));
    expect(await waiting.permitsAhead('line', at(5_000_000))).toBe(0);
    for (let n = 0; n < 3; n += 1) await leases.takePermit('line', at(5_000_000), 1_000, 5_000);
    expect(await waiting.permitsAhead('line', at(5_000_000))).toBe(3_000);
    expect(await waiting.permitsAhead('line', at(5_002_500))).toBe(500);
    expect(await waiting.permitsAhead('line', at(1_000_000))).toBe(0);
  });

  it('tells the time of a database that has a clock of its own', async () => {
    const now = await databaseTime(store());
    if (store().engine === 'postgres') expect(Math.abs((now ?? 0) - Date.now())).toBeLessThan(60_000);
    else expect(now).toBeUndefined();
  });

  it('gives permits closer together than a millisecond', async () => {
    const { leases } = store();
    const take = () => leases.takePermit('fast service', at(5_000_000), 0.25, 1_000);
    expect([await take(), await take(), await take()]).toEqual([5_000_000, 5_000_000.25, 5_000_000.5]);
  });

  it('leases leave nothing behind: released without a value they are gone, and forgotten ones are purged', async () => {
    const { leases, kysely } = store();
    const ours = async () =>
      (await kysely.selectFrom('leases').select('name').orderBy('name').execute())
        .map(({ name }) => name)
        .filter((name) => name.startsWith('bundle ') || name === 'kept');
    for (const n of [1, 2, 3]) {
      expect(await leases.acquire(`bundle ${n}`, 'a', at(1_000), at(31_000))).toBe(true);
      if (n < 3) await leases.release(`bundle ${n}`, 'a');
    }
    expect(await leases.acquire('kept', 'a', at(1_000), at(31_000))).toBe(true);
    await leases.write('kept', 'a', new Uint8Array([1]), at(31_000));
    await leases.release('kept', 'a');
    expect(await ours()).toEqual(['bundle 3', 'kept']);
    await leases.purge(at(31_000), 100);
    expect(await ours()).toEqual(['bundle 3', 'kept']);
    expect(await leases.purge(at(31_001), 100)).toBe(1);
    expect(await ours()).toEqual(['kept']);
  });

  it('a lease far ahead of the clock was left by one that was set back: it is free', async () => {
    const { leases } = store();
    expect(await leases.acquire('back', 'a', at(8_000_000), at(8_030_000))).toBe(true);
    expect(await leases.acquire('back', 'b', at(8_000_000), at(8_030_000))).toBe(false);
    expect(await leases.acquire('back', 'b', at(1_000_000), at(1_030_000))).toBe(true);
  });

  it('remembers once what works once', async () => {
    const { replay } = store();
    const tries = Array.from({ length: 20 }, () => replay.remember('jti', 'j1', at(50), at(0)));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await replay.remember('nonce', 'j1', at(50), at(0))).toBe(true);
    expect(await replay.purge(at(50))).toBeGreaterThanOrEqual(0);
    expect(await replay.remember('jti', 'j1', at(50), at(0))).toBe(false);
    expect(await replay.purge(at(51))).toBeGreaterThanOrEqual(2);
    expect(await replay.remember('jti', 'j1', at(90), at(0))).toBe(true);
  });

  it('keeps sessions and ends them by subject or sid', async () => {
    const { sessions } = store();
    const full = { ...SESSION, idHash: 's1', subject: 'sub', subjectHash: 'sh', sid: 'sid-1' };
    await sessions.put(full);
    await sessions.put({ ...full, idHash: 's2', sid: 'sid-2' });
    expect(await sessions.get('s1')).toEqual(full);
    await sessions.put({ ...SESSION, idHash: 's1b' });
    expect(await sessions.get('s1b')).toEqual({ ...SESSION, idHash: 's1b' });
    expect(await sessions.endAll('sh', 'sid-2')).toBe(1);
    expect(await sessions.endAll('sh')).toBe(1);
    expect(await sessions.get('s1')).toBeUndefined();
    await sessions.delete('s1b');
    expect(await sessions.get('s1b')).toBeUndefined();
    await sessions.put({ ...SESSION, idHash: 'old', expiresAt: at(5) });
    expect(await sessions.purge(at(6))).toBe(1);
  });

  it('lets one owner refresh a lease at a time', async () => {
    const { leases } = store();
    const tries = Array.from({ length: 20 }, (_, n) => leases.acquire('token', `owner-${n}`, at(1), at(10)));
    const winners = (await Promise.all(tries)).flatMap((won, n) => (won ? [`owner-${n}`] : []));
    expect(winners).toHaveLength(1);
    expect(await leases.acquire('token', 'late', at(9), at(20))).toBe(false);
    await leases.write('token', 'late', Buffer.from('not mine'), at(99));
    expect(await leases.read('token')).toBeUndefined();
    expect(await leases.acquire('token', 'late', at(10), at(20))).toBe(true);
    await leases.write('token', 'late', Buffer.from('value'), at(99));
    const read = await leases.read('token');
    expect([Buffer.from(read?.value ?? []).toString(), read?.expiresAt]).toEqual(['value', 99]);
    await leases.release('token', 'late');
    expect(await leases.acquire('token', 'next', at(11), at(20))).toBe(true);
    expect((await leases.read('token'))?.expiresAt).toBe(99);
  });
}
