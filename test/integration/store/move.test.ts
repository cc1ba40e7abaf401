import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { moveStore } from '../../../src/adapters/store/upkeep/move-store.ts';
import { storeMove } from '../../../src/cli/store/move.ts';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness, type StoreHarness, sqliteHarness } from './harness.ts';
import { applicationId, at, auditEvent, FULL_APPLICATION, FULL_VERIFICATION, TENANT } from './records.ts';

const FILES = [
  { name: '申請 1.xml', octets: new Uint8Array(Buffer.from('<申請/>')) },
  { name: '図.tif', octets: Uint8Array.of(0, 255, 0) },
];

const reachable = await serverReachable(TEST_DATABASE_URL, 'moving an embedded store to PostgreSQL');

describe.skipIf(!reachable)('store move', () => {
  const embedded: StoreHarness = sqliteHarness();
  const targets: StoreHarness[] = [];
  let source: Store;

  const makeTarget = (): StoreHarness => {
    const target = postgresHarness();
    targets.push(target);
    return target;
  };
  const open = (target: StoreHarness) => target.open({ sealer: openFileSealer(embedded.keyFile) });

  beforeAll(async () => {
    source = await embedded.open();
    const effects = {
      audit: [auditEvent('one'), auditEvent('two')],
      jobs: [{ name: 'fetch-result', subject: 'full', key: 'job-1' } as const],
    };
    await source.applications.insert(FULL_APPLICATION, effects, FILES);
    for (let n = 0; n < 450; n += 1)
      await source.applications.insert(
        { ...FULL_APPLICATION, id: applicationId(`a${n}`), stateHash: `${n}`.padStart(64, '0') },
        { audit: [auditEvent(`n${n}`)] },
      );
    await source.verifications.insert(FULL_VERIFICATION, { audit: [] }, FILES.slice(0, 1));
    await source.evidence.put('ev-1', TENANT, Buffer.from('octets 🈴 \u0000'));
    await source.idempotency.claim(TENANT, 'k', 'hash', at(1), 'r');
    await source.replay.remember('logout-jti', 'used', at(9_000_000_000_000), at(1));
  });
  afterAll(async () => {
    await source.close();
    await embedded.end();
    for (const target of targets) await target.end();
  });

  it('moves every row of every table, and everything opens under the same key', async () => {
    const target = await open(makeTarget());
    const moved = await moveStore(source, target);
    const rows = Object.fromEntries(moved.map(({ table, rows: count }) => [table, count]));
    expect(rows).toMatchObject({ applications: 451, application_documents: 451, jobs: 1, evidence: 1 });
    expect(rows).toMatchObject({ application_files: 2, verification_files: 1 });
    for (const { table, rows: count } of moved) {
      const found = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(
        target.kysely,
      );
      expect(found.rows[0]?.n, table).toBe(count);
    }
    expect(await target.applications.get(applicationId('full'))).toEqual(FULL_APPLICATION);
    expect(await target.verifications.get(FULL_VERIFICATION.id)).toEqual(FULL_VERIFICATION);
    // files beside a document, sealed each in its row
    expect(await target.applications.files(applicationId('full'), TENANT)).toEqual(FILES);
    expect(await target.verifications.files(FULL_VERIFICATION.id, TENANT)).toEqual(FILES.slice(0, 1));
    expect(Buffer.from((await target.evidence.get('ev-1')) ?? []).toString()).toBe('octets 🈴 \u0000');
    expect(await target.audit.verify()).toEqual(await source.audit.verify());
    // what works once has worked, and the chain goes on
    expect(await target.replay.remember('logout-jti', 'used', at(9_000_000_000_000), at(1))).toBe(false);
    await target.audit.append(auditEvent('after'));
    expect((await target.audit.verify()).brokenAt).toBeUndefined();
    await target.close();
  });

  it('refuses a target that holds anything, and leaves it as it was', async () => {
    const target = await open(makeTarget());
    await target.audit.append(auditEvent('mine'));
    await expect(moveStore(source, target)).rejects.toMatchObject({ code: 'store.not-empty' });
    expect((await target.audit.verify()).records).toBe(1);
    expect(await target.applications.get(applicationId('full'))).toBeUndefined();
    await target.close();
  });

  it('a row that comes back changed: nothing is moved', async () => {
    const target = await open(makeTarget());
    await sql`create function spoil() returns trigger language plpgsql as
      'begin new.display_name = new.display_name || ''x''; return new; end'`.execute(target.kysely);
    await sql`create trigger spoil before insert on applications for each row execute function spoil()`.execute(
      target.kysely,
    );
    await expect(moveStore(source, target)).rejects.toMatchObject({
      code: 'internal.unexpected',
      at: 'applications',
    });
    expect(await target.applications.get(applicationId('full'))).toBeUndefined();
    await target.close();
  });

  it('as a command: brings the schema up, moves, says counts; a second time it refuses', async () => {
    const target = makeTarget();
    const said: string[] = [];
    const io = {
      stdout: (text: string) => void said.push(text),
      stderr: () => undefined,
      isTty: false,
      signal: new AbortController().signal,
      env: {
        DATABASE_URL: TEST_DATABASE_URL,
        JITSUIN_DATABASE_SCHEMA: target.childEnv['CHILD_SCHEMA'],
        JITSUIN_DATA_DIR: embedded.folder,
      },
    };
    expect(await storeMove.run(['--role', 'gov', '--json'], io)).toBe(0);
    const answer = JSON.parse(said.join('')) as { audit: { records: number }; tables: { rows: number }[] };
    expect(answer.audit.records).toBe(452);
    await expect(storeMove.run(['--role', 'gov'], io)).rejects.toMatchObject({ code: 'store.not-empty' });
    await expect(
      storeMove.run(['--role', 'gov'], { ...io, env: { JITSUIN_DATA_DIR: embedded.folder } }),
    ).rejects.toThrow('DATABASE_URL');
    expect(readFileSync(join(embedded.folder, 'gov.sqlite3')).length).toBeGreaterThan(0);
  });
});
