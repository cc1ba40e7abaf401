import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openFileSealer, retireSealKey, rotateSealKey } from '../../../src/adapters/keys/sealer-file.ts';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { SEALED_COLUMNS } from '../../../src/adapters/store/records/sealed-columns.ts';
import { reseal, valuesSealedBy } from '../../../src/adapters/store/upkeep/reseal.ts';
import { code } from './code.ts';
import type { StoreHarness } from './harness.ts';
import { PASSKEY } from './passkey-behaviour.ts';
import {
  application,
  applicationId,
  at,
  FULL_APPLICATION,
  FULL_VERIFICATION,
  MARKED,
  NOTHING,
  SESSION,
  TENANT,
} from './records.ts';

export function sealingBehaviour(store: () => Store, harness: StoreHarness): void {
  it('leaves no protected value in any octet the engine keeps', async () => {
    await fillSmallStores(store());
    const bytes = await harness.bytes(store());
    expect(bytes.includes('xx市ZZ申請')).toBe(true);
    expect(bytes.includes('MARK-')).toBe(false);
  });

  it('refuses a sealed value that was changed, moved to another row, or put back from an older revision', async () => {
    const { kysely, applications } = store();
    for (const id of ['seal-1', 'seal-2']) {
      await applications.insert(
        application(id, { secrets: { ...MARKED, document: Buffer.from(id) } }),
        NOTHING,
      );
    }
    const rowOf = (id: string) =>
      kysely.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const put = (id: string, sealed_access_token: Uint8Array | null) =>
      kysely.updateTable('applications').set({ sealed_access_token }).where('id', '=', id).execute();
    const old = (await rowOf('seal-1')).sealed_access_token;
    await put('seal-1', (await rowOf('seal-2')).sealed_access_token);
    await expect(applications.get(applicationId('seal-1'))).rejects.toEqual(code('seal.integrity'));
    await put('seal-1', (await rowOf('seal-1')).sealed_refresh_token);
    await expect(applications.get(applicationId('seal-1'))).rejects.toEqual(code('seal.integrity'));
    await put('seal-1', old);
    const whole = await applications.get(applicationId('seal-1'));
    expect(whole?.secrets?.accessToken).toBe(MARKED.accessToken);
    const secrets = { ...MARKED, document: Buffer.from('seal-1'), accessToken: 'newer' };
    expect(await applications.update(application('seal-1', { revision: 2, secrets }), NOTHING)).toBe(true);
    await put('seal-1', old);
    await expect(applications.get(applicationId('seal-1'))).rejects.toEqual(code('seal.integrity'));
  });

  it('gives an sp no place for certificates, signature values and evidence', async () => {
    const own = harness.fresh();
    const sp = await own.open({ role: 'sp' });
    const secrets = { document: MARKED.document, prepared: '{}' };
    const with1 = application('sp-1', { secrets: { ...secrets, clearCertificate: MARKED.clearCertificate } });
    const with2 = application('sp-2', {
      secrets: { ...secrets, clearSignatureValue: MARKED.clearSignatureValue },
    });
    for (const one of [with1, with2]) {
      await expect(sp.applications.insert(one, NOTHING)).rejects.toEqual(code('config.role-key'));
    }
    await expect(sp.evidence.put('e', TENANT, Buffer.from('x'))).rejects.toEqual(code('config.role-key'));
    await sp.applications.insert(application('sp-3', { secrets }), NOTHING);
    await sp.close();
    await own.end();
  });

  it('re-seals every value under a new key, goes on after a stop, and lets the old key go only then', async () => {
    const own = harness.fresh();
    const before = await own.open();
    await before.applications.insert(FULL_APPLICATION, NOTHING);
    await before.verifications.insert(FULL_VERIFICATION, NOTHING);
    await fillSmallStores(before);
    const oldKey = openFileSealer(own.keyFile).activeKey;
    await before.close();
    rotateSealKey(own.keyFile);
    const sealer = openFileSealer(own.keyFile);
    const store = await own.open({ sealer });
    const total = await valuesSealedBy(store, oldKey);
    // 25 sealed values and the MACs of 17 rows; PostgreSQL's timeline is one more
    expect(total).toBe(store.engine === 'postgres' ? 43 : 42);
    for (let stopped = 1; stopped <= 3; stopped += 1) {
      expect(await reseal(store, sealer, stopAfter(stopped))).toEqual({ resealed: stopped, failed: [] });
    }
    expect(await valuesSealedBy(store, oldKey)).toBe(total - 6);
    await expect(retireSealKey(own.keyFile, oldKey, (id) => valuesSealedBy(store, id))).rejects.toEqual(
      code('key.state'),
    );
    expect(await reseal(store, sealer)).toEqual({ resealed: total - 6, failed: [] });
    expect([await valuesSealedBy(store, oldKey), await valuesSealedBy(store, sealer.activeKey)]).toEqual([
      0,
      total,
    ]);
    await retireSealKey(own.keyFile, oldKey, (id) => valuesSealedBy(store, id));
    const after = await own.open({ sealer: openFileSealer(own.keyFile) });
    expect(await after.applications.get(FULL_APPLICATION.id)).toEqual(FULL_APPLICATION);
    expect(await after.verifications.get(FULL_VERIFICATION.id)).toEqual(FULL_VERIFICATION);
    expect(Buffer.from((await after.evidence.get('evidence-mark')) ?? []).toString()).toBe('MARK-EVIDENCE');
    expect((await after.sessions.get(SESSION.idHash))?.csrf).toBe('MARK-CSRF');
    await after.close();
    await store.close();
    await own.end();
  });

  it('names a value that cannot be re-sealed and goes on with the others', async () => {
    const own = harness.fresh();
    const first = await own.open();
    await fillSmallStores(first);
    await first.kysely.updateTable('evidence').set({ tenant: 'moved' }).execute();
    rotateSealKey(own.keyFile);
    const sealer = openFileSealer(own.keyFile);
    const { resealed, failed } = await reseal(first, sealer);
    expect(failed).toEqual([
      { table: 'evidence', column: 'sealed_octets', record: 'evidence-mark', code: 'seal.integrity' },
    ]);
    expect(resealed).toBe(first.engine === 'postgres' ? 22 : 21);
    await first.close();
    await own.end();
  });

  it('knows every sealed column of the schema', async () => {
    const all = await store().kysely.introspection.getTables();
    // other test files have schemas beside ours
    const own = store().engine === 'sqlite' ? undefined : await ownSchema(store());
    const tables = all.filter(({ schema }) => own === undefined || schema === own);
    const inSchema = tables.flatMap(({ name, columns }) =>
      columns.filter((column) => column.name.startsWith('sealed_')).map((column) => `${name}.${column.name}`),
    );
    expect(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(
      [...new Set(inSchema)].sort(),
    );
  });
}

async function ownSchema({ kysely }: Store): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(kysely);
  return rows[0]?.name;
}

/** A signal that reads as aborted from the second question of the next value on. */
function stopAfter(values: number): AbortSignal {
  let asked = 0;
  const { signal } = new AbortController();
  return Object.create(signal, {
    aborted: {
      get: () => {
        asked += 1;
        return asked > values;
      },
    },
  });
}

async function fillSmallStores(store: Store): Promise<void> {
  await store.evidence.put('evidence-mark', TENANT, Buffer.from('MARK-EVIDENCE'));
  await store.idempotency.claim(TENANT, 'MARK-IDEMPOTENCY-KEY', 'hash', at(1), 'request-1');
  const answer = { status: 201, headers: { location: 'MARK-HEADER' }, body: Buffer.from('MARK-BODY') };
  await store.idempotency.answer(TENANT, 'MARK-IDEMPOTENCY-KEY', answer);
  await store.sessions.put({ ...SESSION, subject: 'MARK-SESSION-SUBJECT', csrf: 'MARK-CSRF' });
  await store.leases.acquire('lease-mark', 'owner', at(1), at(10));
  await store.leases.write('lease-mark', 'owner', Buffer.from('MARK-LEASE'), at(10));
  await store.replay.remember('logout-jti', 'MARK-JTI', at(10), at(1));
  await store.passkeys.add({ ...PASSKEY, key: 'passkey-mark' }, 99);
}
