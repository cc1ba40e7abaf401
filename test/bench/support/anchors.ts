import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import Database from 'libsql';
import pg from 'pg';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { deleteKeys } from '../../integration/queue/harness.ts';
import {
  authorizationUrl,
  clientToken,
  DIGEST_INFO_DATA,
  exchange,
  get,
  makeTestWorld,
  postStart,
  redirected,
  resultPath,
  startBody,
} from '../../unit/simulator/relying-party.ts';

/** Jobs a second of BullMQ with a handler that does nothing: added one by one, ten at a time. */
export async function bareJobs(redisUrl: string, jobs: number): Promise<number> {
  const prefix = `jb-${randomBytes(4).toString('hex')}`;
  const producer = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const consumer = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('noop', { connection: producer, prefix });
  let done = 0;
  const started = performance.now();
  await new Promise<void>((resolve, reject) => {
    const worker = new Worker('noop', async () => undefined, {
      connection: consumer,
      prefix,
      concurrency: 10,
    });
    worker.on('error', reject);
    worker.on('completed', () => {
      done += 1;
      if (done === jobs) void worker.close().then(() => resolve());
    });
    void inParallel(jobs, 10, async (n) => {
      await queue.add('noop', { n }, { removeOnComplete: true });
    }).catch(reject);
  });
  const rate = (jobs * 1_000) / (performance.now() - started);
  await queue.close();
  producer.disconnect();
  consumer.disconnect();
  await deleteKeys(redisUrl, prefix);
  return rate;
}

/** Requests a second of an Express route that does nothing, asked by `fetch` in the same process, ten at a time. */
export async function bareRoute(requests: number): Promise<number> {
  const app = express();
  app.get('/', (_request, response) => void response.json({ ok: true }));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const started = performance.now();
  await inParallel(requests, 10, async () => {
    await (await fetch(url)).arrayBuffer();
  });
  const rate = (requests * 1_000) / (performance.now() - started);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return rate;
}

/**
 * Signatures a second at the simulated service, with the citizen's browser and a relying party that keeps and judges nothing, all
 * in this process as in the pipeline's run.
 */
export async function bareSignatures(signatures: number): Promise<number> {
  const world = await makeTestWorld();
  const token = await clientToken(world);
  const started = performance.now();
  await inParallel(signatures, 10, async () => {
    const { body } = await postStart(world, token, startBody(DIGEST_INFO_DATA));
    const id = String(body['sign_transaction_id']);
    const { code = '' } = redirected(
      await driveCitizen(authorizationUrl(world, { sign_transaction_id: id })),
    );
    const tokens = await exchange(world, code);
    const result = await get(world, resultPath(id), String(tokens.body['access_token']));
    if (result.status !== 200) throw new Error(`The simulator answered ${result.status}.`);
  });
  const rate = (signatures * 1_000) / (performance.now() - started);
  await world.simulator.close();
  return rate;
}

/** Octets of a bare commit: about what a state change with its audit record writes. */
const COMMITTED = Buffer.alloc(2_048, 1);

/** Durable commits of one row a second on SQLite (WAL, synchronous=FULL), one after the other as one file has them. */
export function bareSqliteCommits(commits: number): number {
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  const database = new Database(join(dir, 'bare.sqlite3'));
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL']) database.pragma(pragma);
  database.exec('create table bare (id integer primary key, octets blob)');
  const insert = database.prepare('insert into bare (octets) values (?)');
  const started = performance.now();
  for (let n = 0; n < commits; n += 1) insert.run([COMMITTED]);
  const rate = (commits * 1_000) / (performance.now() - started);
  database.close();
  rmSync(dir, { recursive: true });
  return rate;
}

/** The same on PostgreSQL, ten connections at a time. */
export async function barePostgresCommits(url: string, commits: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  const table = `bare_${randomBytes(4).toString('hex')}`;
  await pool.query(`create table ${table} (octets bytea)`);
  const started = performance.now();
  await inParallel(commits, 10, async () => {
    await pool.query(`insert into ${table} values ($1)`, [COMMITTED]);
  });
  const rate = (commits * 1_000) / (performance.now() - started);
  await pool.query(`drop table ${table}`);
  await pool.end();
  return rate;
}

export async function inParallel(
  count: number,
  width: number,
  act: (n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const n = next;
      next += 1;
      await act(n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
