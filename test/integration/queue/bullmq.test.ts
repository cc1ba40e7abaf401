import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Queue } from 'bullmq';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { openQueue } from '../../../src/adapters/queue/open-queue.ts';
import { redisClient } from '../../../src/adapters/queue/redis-client.ts';
import { serverReachable, TEST_REDIS_URL } from '../../support/servers.ts';
import { sqliteHarness } from '../store/harness.ts';
import { at } from '../store/records.ts';
import { queueBehaviour } from './behaviour.ts';
import { deleteKeys, queueHarness, recorder, redisBytes, settled, until } from './harness.ts';

const there = await serverReachable(TEST_REDIS_URL, 'the BullMQ half of the queue suite');

describe.skipIf(!there)('with a Redis server', () => {
  queueBehaviour('BullMQ on Redis', sqliteHarness, true);
  describe('queue: BullMQ only', redisOnly);
});

function redisOnly(): void {
  it('puts four opaque fields into Redis and nothing else of the record', async () => {
    const harness = await queueHarness(sqliteHarness, true);
    const queue = await harness.open();
    await harness.publish({ subject: 'SUBJECT-ID' });
    await queue.relay();
    await until(async () => (await redisBytes(TEST_REDIS_URL, harness.prefix)).bytes.includes('SUBJECT-ID'));
    const { keys, bytes } = await redisBytes(TEST_REDIS_URL, harness.prefix);
    expect(keys.length).toBeGreaterThan(0);
    for (const word of ['tenant-a', 'service-1', 'MARK', '<s/>', 'key-'])
      expect(bytes.includes(word)).toBe(false);
    await harness.end();
  });

  it('rebuilds a flushed Redis from the outbox', async () => {
    const harness = await queueHarness(sqliteHarness, true);
    const queue = await harness.open({ republishMillis: 300 });
    await harness.publish(...Array.from({ length: 20 }, (_, n) => ({ subject: `job-${n}` })));
    await until(async () => (await redisBytes(TEST_REDIS_URL, harness.prefix)).bytes.includes('job-19'));
    await deleteKeys(TEST_REDIS_URL, harness.prefix);
    const { handler, jobs } = recorder();
    queue.work({ verify: handler }, { concurrency: 5 });
    await until(() => jobs.length === 20 && settled(queue));
    expect(new Set(jobs.map(({ subject }) => subject)).size).toBe(20);
    await harness.end();
  });

  it('is ready while its Redis answers, and by itself again afterwards', async () => {
    const there = new URL(TEST_REDIS_URL);
    const sockets = new Set<Socket>();
    const way = createServer((incoming) => {
      const outgoing = connect(Number(there.port || 6379), there.hostname);
      for (const socket of [incoming, outgoing]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
      }
      incoming.pipe(outgoing).pipe(incoming);
    });
    const listening = (port: number) =>
      new Promise<number>((done) =>
        way.listen(port, '127.0.0.1', () => done((way.address() as AddressInfo).port)),
      );
    const port = await listening(0);
    const harness = await queueHarness(sqliteHarness, true);
    const queue = await openQueue({
      store: harness.store,
      clock: systemClock,
      log: silentLog,
      redisUrl: `redis://127.0.0.1:${port}`,
      prefix: harness.prefix,
    });
    const state = () =>
      queue.ready().then(
        () => 'ready',
        () => 'not',
      );
    await expect.poll(state, { timeout: 15_000 }).toBe('ready');
    const closed = new Promise<void>((done) => way.close(() => done()));
    for (const socket of sockets) socket.destroy();
    await closed;
    await expect(queue.ready()).rejects.toThrow();
    await listening(port);
    await expect.poll(state, { timeout: 15_000 }).toBe('ready');
    await queue.close();
    await harness.end();
    await new Promise<void>((done) => {
      way.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  });

  it('goes over to the SQL queue and back without losing a job', async () => {
    const harness = await queueHarness(sqliteHarness, true);
    const redis = await harness.open();
    await harness.publish({ subject: 'handed over' });
    await redis.relay();
    await redis.close();
    const alone = await openQueue({
      store: harness.store,
      clock: systemClock,
      log: silentLog,
      pollMillis: 50,
    });
    const { handler, subjects } = recorder();
    alone.work({ verify: handler }, { concurrency: 1 });
    await until(() => subjects().length === 1);
    await alone.close();
    const again = await harness.open();
    again.work({ verify: handler }, { concurrency: 1 });
    await harness.publish({ subject: 'after' });
    await until(() => subjects().length === 2 && settled(again));
    expect(subjects()).toEqual(['after', 'handed over']);
    await harness.end();
  });

  it('who writes Redis can have a job of ours run now, once, as what it is: nothing else', async () => {
    const harness = await queueHarness(sqliteHarness, true);
    await harness.publish({ subject: 'ours' }, { subject: 'later', notBefore: at(Date.now() + 3_600_000) });
    const { rows } = await sql<{ id: string }>`select id from jobs order by subject desc`.execute(
      harness.store.kysely,
    );
    const client = redisClient({ url: TEST_REDIS_URL, cluster: false }, 'producer', () => undefined);
    const forged = (name: string) => new Queue(name, { connection: client, prefix: harness.prefix });
    const [verify, fetch] = [forged('verify'), forged('fetch-result')];
    const runs: string[] = [];
    const handler = (kind: string) => async (job: { readonly name: string; readonly subject: string }) => {
      runs.push(`${kind} ${job.name} ${job.subject}`);
      return { kind: 'done' as const };
    };
    const queue = await harness.open();
    queue.work({ verify: handler('verify'), 'fetch-result': handler('fetch-result') }, { concurrency: 2 });
    for (const { id } of rows) {
      // under another name, of another subject, more than once, and what is no payload at all
      await fetch.add('fetch-result', { v: 1, id, name: 'fetch-result', subject: 'theirs' });
      await verify.add('verify', { v: 1, id, name: 'fetch-result', subject: 'theirs' });
      await verify.add('verify', { v: 1, id, name: 'verify', subject: 'theirs' });
    }
    for (const data of [
      null,
      'text',
      {},
      { v: 1, id: { id: 1 } },
      { v: 1, id: 'x\u0000' },
      { v: 'one', id: rows[0]?.id },
    ])
      await verify.add('verify', data);
    const left = async () =>
      (await Promise.all([verify, fetch].map((one) => one.getJobCountByTypes('waiting', 'active')))).join();
    await until(async () => (await left()) === '0,0' && runs.length === 1);
    expect(runs).toEqual(['verify verify ours']);
    expect((await queue.counts()).dead).toBe(0);
    await verify.close();
    await fetch.close();
    client.disconnect();
    await harness.end();
  });

  it('says that Redis is not there instead of waiting for it', async () => {
    const harness = await queueHarness(sqliteHarness, false);
    const refused = harness.open({ redisUrl: 'redis://127.0.0.1:1' });
    await expect(refused).rejects.toEqual(expect.objectContaining({ code: 'queue.unavailable' }));
    await harness.end();
  });
}
