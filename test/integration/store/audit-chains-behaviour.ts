import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { CLOSED } from '../../../src/cli/storage-arguments.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { startChild } from '../../support/child.ts';
import { code } from './code.ts';
import type { StoreHarness } from './harness.ts';
import { makeOldAuditLog } from './old-audit-log.ts';
import { application, applicationId, auditEvent } from './records.ts';

const WRITER = new URL('./writer-child.ts', import.meta.url);
const MINUTE = 60_000;

/** Each committing process has a chain of its own; the ends of all of them are sealed. */
export function auditChainsBehaviour(name: string, makeHarness: () => StoreHarness): void {
  describe(`audit chains on ${name}`, () => {
    const within = async (act: (harness: StoreHarness, store: Store) => Promise<void>) => {
      const harness = makeHarness();
      const store = await harness.open();
      await act(harness, store);
      await store.close();
      await harness.end();
    };

    it(
      'each process has one, in the order of its commits; a killed one is named, and ended once it was silent for long',
      async () =>
        within(async (harness, store) => {
          const children = ['one', 'two'].map((child) =>
            startChild(WRITER, { ...harness.childEnv, CHILD_NAME: child }),
          );
          await Promise.all(children.map((child) => child.said(10)));
          for (const child of children) await child.kill();
          await store.audit.append(auditEvent('ours'));
          const records = await store.kysely
            .selectFrom('audit_records')
            .selectAll()
            .orderBy('chain')
            .orderBy('seq')
            .execute();
          const byChain = new Map<number, string[]>();
          for (const { chain, subject } of records)
            byChain.set(chain, [...(byChain.get(chain) ?? []), subject]);
          const written = [...byChain.values()].filter(([first]) => first !== 'subject-1');
          expect(
            written.map((subjects) => subjects.map((subject) => subject.replace(/-\d+$/, '')).at(0)).sort(),
          ).toEqual(['one', 'two']);
          for (const subjects of written) {
            const of = subjects[0]?.split('-')[0];
            expect(subjects).toEqual(subjects.map((_, n) => `${of}-${n}`));
          }
          const state = await store.audit.verify();
          expect([state.brokenAt, state.chains, state.unclosed.map(({ ended }) => ended)]).toEqual([
            undefined,
            3,
            [false, false, false],
          ]);
          harness.clock.millis = Date.now() + 11 * MINUTE;
          expect(await store.audit.seal()).toBe(true);
          const later = await store.audit.verify();
          expect([later.brokenAt, later.unsealed, later.unclosed.map(({ ended }) => ended)]).toEqual([
            undefined,
            0,
            [true, true, false],
          ]);
        }),
      60_000,
    );

    it('one that is closed is sealed with its close and named no more', async () => {
      const harness = makeHarness();
      const first = await harness.open();
      await first.audit.append(auditEvent('first'));
      expect((await first.audit.verify()).unclosed).toMatchObject([{ chain: 1, records: 1, ended: false }]);
      await first.close();
      const second = await harness.open();
      expect(await second.audit.verify()).toMatchObject({ records: 1, seals: 1, unsealed: 0, unclosed: [] });
      await second.audit.append(auditEvent('second'));
      const records = await second.audit.page({ limit: 5 });
      expect(records.map(({ chain, seq, event }) => [chain, seq, event])).toEqual([
        [2, 1, 'second'],
        [1, 1, 'first'],
      ]);
      await second.close();
      await harness.end();
    });

    it('who only reads has none', async () =>
      within(async (_harness, store) => {
        await store.audit.verify();
        await store.audit.page({ limit: 1 });
        expect(await store.audit.seal()).toBe(false);
        expect(await store.audit.verify()).toMatchObject({ chains: 0, seals: 0 });
      }));

    it('are sealed once a minute while there is something new, under the root of RFC 6962, each seal chained to the one before', async () =>
      within(async (harness, store) => {
        const { audit, kysely } = store;
        await audit.append(auditEvent('a'));
        expect(await audit.seal()).toBe(true);
        await audit.append(auditEvent('b'));
        expect(await audit.seal()).toBe(false);
        harness.clock.millis += MINUTE;
        expect(await audit.seal()).toBe(true);
        harness.clock.millis += MINUTE;
        expect(await audit.seal()).toBe(false);
        const seals = await kysely.selectFrom('audit_seals').selectAll().orderBy('seq').execute();
        expect(seals.map(({ seq }) => seq)).toEqual([1, 2]);
        let before = '0'.repeat(64);
        for (const seal of seals) {
          const ends = JSON.parse(seal.leaves) as [number, number, string, string | null][];
          const [end = []] = ends;
          // a tree of one leaf: its root is the hash of the leaf behind an octet 00
          const leaf = JSON.stringify(['audit end', ...end]);
          expect(seal.root).toBe(sha256(Buffer.concat([Buffer.of(0), Buffer.from(leaf)])));
          expect(seal.previous_hash).toBe(before);
          const open = ['audit seal', seal.seq, seal.at, seal.root, seal.previous_hash];
          expect(seal.hash).toBe(sha256(JSON.stringify(open)));
          before = seal.hash;
          const record = await kysely
            .selectFrom('audit_records')
            .select('hash')
            .where('chain', '=', end[0] ?? 0)
            .where('seq', '=', end[1] ?? 0)
            .executeTakeFirst();
          expect(record?.hash).toBe(end[2]);
        }
        expect(await audit.verify()).toMatchObject({ head: before, seals: 2, unsealed: 0 });
      }));

    it('a head noted at any time is found: of a seal, of a record, and none that never was', async () =>
      within(async (harness, store) => {
        const { audit } = store;
        const noted: string[] = [(await audit.verify()).head];
        for (const event of ['a', 'b', 'c']) {
          await audit.append(auditEvent(event));
          harness.clock.millis += MINUTE;
          await audit.seal();
          noted.push((await audit.verify()).head);
          noted.push((await audit.page({ limit: 1 }))[0]?.hash ?? '');
        }
        expect(new Set(noted).size).toBe(7);
        for (const head of noted) expect((await audit.verify(head)).brokenAt, head).toBeUndefined();
        expect((await audit.verify('f'.repeat(64))).brokenAt).toBe(4);
      }));

    it('goes on after a commit whose answer was lost, whether it stayed or not', async () =>
      within(async (_harness, store) => {
        const { audit, kysely } = store;
        await audit.append(auditEvent('before'));
        for (const stays of [true, false]) {
          const real = kysely.transaction.bind(kysely);
          const lost = vi.spyOn(kysely, 'transaction').mockImplementationOnce(() => {
            const builder = real();
            const execute = builder.execute.bind(builder);
            builder.execute = async (act) => {
              if (stays) await execute(act);
              else
                await execute(async (transaction) => {
                  await act(transaction);
                  throw new Error('Connection terminated');
                });
              throw new Error('Connection terminated');
            };
            return builder;
          });
          await expect(audit.append(auditEvent(`lost ${stays}`))).rejects.toEqual(code('store.unavailable'));
          lost.mockRestore();
          await audit.append(auditEvent(`after ${stays}`));
        }
        const state = await audit.verify();
        expect([state.brokenAt, state.chains, state.records]).toEqual([undefined, 1, 4]);
      }));

    it('a process that was taken for dead and comes back opens another, and loses nothing', async () =>
      within(async (harness, store) => {
        const { audit, kysely } = store;
        await audit.append(auditEvent('before'));
        await kysely.updateTable('audit_chains').set({ beat_at: 0 }).execute();
        const other = harness.engine === 'postgres' ? await harness.open() : undefined;
        if (other === undefined) {
          const row = await kysely.selectFrom('audit_chains').selectAll().executeTakeFirstOrThrow();
          const ended = store.rows.sealed('audit_chains', { ...row, closed_at: 9, ended_by: 'silence' });
          await kysely.updateTable('audit_chains').set(ended).execute();
        } else expect(await other.audit.seal()).toBe(true);
        await store.applications.insert(application('again'), { audit: [auditEvent('after')] });
        const state = await audit.verify();
        expect([
          state.brokenAt,
          state.records,
          state.unclosed.map(({ chain, ended }) => [chain, ended]),
        ]).toEqual([
          undefined,
          2,
          [
            [1, true],
            [2, false],
          ],
        ]);
        expect(await store.applications.get(applicationId('again'))).toBeDefined();
        await other?.close();
      }));

    it('many at once, of many processes, fork nothing and lose nothing', async () =>
      within(async (harness, store) => {
        const others = await Promise.all([harness.open(), harness.open()]);
        const stores = [store, ...others];
        const writes = Array.from({ length: 150 }, (_, n) =>
          stores[n % 3]?.applications.insert(application(`m-${n}`), {
            audit: [auditEvent('a'), auditEvent('b')],
          }),
        );
        const sealing = Promise.all(stores.map((one) => one.audit.seal()));
        await Promise.all([...writes, sealing]);
        for (const other of others) await other.close();
        const state = await store.audit.verify();
        expect([state.records, state.brokenAt, state.chains]).toEqual([
          300,
          undefined,
          harness.engine === 'postgres' ? 3 : 1,
        ]);
      }));

    it('a log of before the chains stays as it is: chain 0, its head a noted one; a program of before writes no more', async () => {
      const harness = makeHarness();
      const old = await harness.open();
      for (const event of ['a', 'b', 'c']) await old.audit.append(auditEvent(event));
      const count = await makeOldAuditLog(old, openFileSealer(harness.keyFile));
      const { rows } = await sql<{ hash: string }>`select hash from audit_head`.execute(old.kysely);
      const noted = rows[0]?.hash ?? '';
      // its process was a program of before: it has no chain to close
      Object.assign(old.changes, { macs: undefined });
      await old.close();
      const store = await harness.open();
      expect(await store.audit.verify(noted)).toMatchObject({ records: count, head: noted, chains: 0 });
      await store.audit.append(auditEvent('d'));
      harness.clock.millis += MINUTE;
      await store.audit.seal();
      const state = await store.audit.verify(noted);
      expect([state.records, state.brokenAt, state.chains, state.unsealed]).toEqual([
        count + 1,
        undefined,
        1,
        0,
      ]);
      const events = (await store.audit.page({ limit: 9 })).map(({ chain, event }) => `${chain} ${event}`);
      expect(events).toEqual(['1 d', '0 c', '0 b', '0 a']);
      // what that program asks first at each change
      await expect(sql`select * from audit_head where id = 1`.execute(store.kysely)).rejects.toThrow();
      for (const changed of ['hash', 'seq']) {
        const value = changed === 'hash' ? 'f'.repeat(64) : 2;
        await sql`update audit_first_log set ${sql.ref(changed)} = ${value}`.execute(store.kysely);
        expect((await store.audit.verify()).brokenChain, changed).toBe(0);
        await sql`update audit_first_log set hash = ${noted}, seq = ${count}`.execute(store.kysely);
      }
      expect((await store.audit.verify()).brokenAt).toBeUndefined();
      await store.close();
      await harness.end();
    });

    it('brought up without the key, such a log waits for "jitsuin migrate" with it', async () => {
      const harness = makeHarness();
      const old = await harness.open();
      await old.audit.append(auditEvent('a'));
      await makeOldAuditLog(old, openFileSealer(harness.keyFile));
      Object.assign(old.changes, { macs: undefined });
      await old.close();
      await (await harness.open({ sealer: CLOSED, migrations: 'migrate' })).close();
      await expect(harness.open({ migrations: 'require' })).rejects.toEqual(code('store.migration'));
      const migrating = await harness.open({ migrations: 'skip' });
      await migrating.migrate();
      await migrating.close();
      const store = await harness.open();
      await store.audit.append(auditEvent('b'));
      expect(await store.audit.verify()).toMatchObject({ records: 2, chains: 1 });
      // whoever takes the MAC of the head away afterwards has not made an old log of it
      await sql`update audit_seal_head set mac = null`.execute(store.kysely);
      await expect(store.migrate()).rejects.toEqual(code('seal.integrity'));
      expect((await store.audit.verify()).brokenAt).toBeDefined();
      await store.close();
      await harness.end();
    });

    it('the clock of a process that goes back does not stop the seals', async () =>
      within(async (harness, store) => {
        await store.audit.append(auditEvent('a'));
        await store.audit.seal();
        harness.clock.millis = (harness.clock.millis - 60 * MINUTE) as EpochMillis;
        await store.audit.append(auditEvent('b'));
        expect(await store.audit.seal()).toBe(true);
        expect(await store.audit.verify()).toMatchObject({ seals: 2, unsealed: 0 });
      }));
  });
}

function sha256(octets: Buffer | string): string {
  return createHash('sha256').update(octets).digest('hex');
}
