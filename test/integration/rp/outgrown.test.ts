import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainGenesis } from '../../../src/adapters/store/evidence/audit-chain.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { JOSE } from '../../support/jose.ts';
import { serverReachable, TEST_DATABASE_URL, TEST_REDIS_URL } from '../../support/servers.ts';
import { makeOutgrownWorld, type OutgrownWorld } from './outgrown-world.ts';
import { api, ended, sign, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>MARK模擬𠮷田</氏名></届出>\n';
const half = 'sp, pf and gov end to end on PostgreSQL and Redis';
const servers =
  (await serverReachable(TEST_DATABASE_URL, half)) && (await serverReachable(TEST_REDIS_URL, half));

describe.skipIf(!servers)('sp, pf and gov on PostgreSQL and Redis, by configuration alone', () => {
  let world: OutgrownWorld;
  let other: OutgrownWorld;
  beforeAll(async () => {
    [world, other] = await Promise.all([makeOutgrownWorld(), makeOutgrownWorld()]);
    await world.start('pf', 'pf-worker', 'sp', 'sp-worker', 'gov', 'gov-worker');
  });
  afterAll(async () => {
    await Promise.all([world.close(), other.close()]);
  });

  async function query<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> {
    const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
    await client.connect();
    const { rows } = await client.query<Row>(text);
    await client.end();
    return rows;
  }

  it('without its migrations a role refuses to start and names the command', async () => {
    await query(`drop table "${other.schemaOf('sp')}".kysely_migration`);
    await expect(other.start('sp')).rejects.toMatchObject({ code: 'store.migration' });
  });

  it('an sp hands over, the platform operator decides, verdict and receipt come back', async () => {
    const application = await submitted(world.sp, DOCUMENT);
    expect((await sign(new Browser(), application.sign_url ?? '')).status).toBe(200);
    const done = await ended(world.sp, application.id);
    expect(done.verdict).toMatchObject({ indication: 'TOTAL-PASSED' });
    expect((await api(world.sp, `/v1/applications/${application.id}/receipt`)).status).toBe(200);
    const rows = await query<{ result: string }>(
      `select result from "${world.schemaOf('pf')}".verifications where submission_key = '${application.id}'`,
    );
    expect(rows).toEqual([{ result: 'OK' }]);
  });

  it('an agency verifies for itself', async () => {
    const application = await submitted(world.gov, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '', { person: 'hanako' });
    expect((await ended(world.gov, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
    expect((await api(world.gov, `/v1/applications/${application.id}/report`)).status).toBe(200);
  });

  it('two worlds share the servers and never take each other’s jobs', async () => {
    const application = await submitted(world.sp, DOCUMENT);
    await world.stop('sp-worker');
    await other.start('gov', 'gov-worker', 'pf', 'pf-worker');
    await sign(new Browser(), application.sign_url ?? '');
    const foreign = await submitted(other.gov, DOCUMENT);
    await sign(new Browser(), foreign.sign_url ?? '');
    expect((await ended(other.gov, foreign.id)).verdict?.indication).toBe('TOTAL-PASSED');
    expect((await ended(world.sp, application.id, 'authorized')).state).toBe('authorized');
    await world.start('sp-worker');
    expect((await ended(world.sp, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
  });

  it('a Redis that forgets everything under the prefix loses nothing', async () => {
    await world.stop('sp-worker');
    const application = await submitted(world.sp, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '');
    const redis = new Redis(TEST_REDIS_URL);
    const keys = await redis.keys(`${world.prefix}:sp:*`);
    expect(keys.length).toBeGreaterThan(0);
    await redis.del(...keys);
    redis.disconnect();
    await query(`update "${world.schemaOf('sp')}".jobs set published_at = published_at - 60000, run_at = run_at - 60000
      where state = 'waiting'`);
    await world.start('sp-worker');
    expect((await ended(world.sp, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
  });

  it('Redis holds ids only, and neither it nor a log holds a document, a token or a result', async () => {
    const redis = new Redis(TEST_REDIS_URL);
    const keys = await redis.keys(`${world.prefix}:*`);
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    redis.disconnect();
    expect(world.logLines.length).toBeGreaterThan(10);
    const written = [
      ...values.map((value) => value ?? Buffer.alloc(0)),
      Buffer.from(world.logLines.join('')),
    ];
    for (const octets of written) {
      expect(octets.includes('MARK模擬')).toBe(false);
      expect(octets.toString('latin1')).not.toMatch(JOSE);
    }
  });

  it.each(['sp', 'gov', 'pf'] as const)('the audit chain of %s is whole', async (role) => {
    const records = await query<{
      seq: string;
      previous_hash: string;
      hash: string;
      chain: string;
      opened_at: string;
    }>(
      `select r.seq, r.previous_hash, r.hash, r.chain, c.opened_at from "${world.schemaOf(role)}".audit_records r
        join "${world.schemaOf(role)}".audit_chains c on c.id = r.chain order by r.chain, r.seq`,
    );
    expect(records.length).toBeGreaterThan(2);
    for (const [index, record] of records.entries()) {
      const first = chainGenesis({ id: Number(record.chain), opened_at: Number(record.opened_at) });
      expect(record.previous_hash).toBe(Number(record.seq) === 1 ? first : records[index - 1]?.hash);
    }
  });
});
