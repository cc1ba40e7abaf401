import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';
import { serverReachable, TEST_REDIS_URL } from '../../support/servers.ts';
import { deleteKeys, until } from '../queue/harness.ts';

const PREFIX = `jitsuin-test:pf-${process.pid}`;

/** Subjects of the jobs that Redis holds. */
async function handedOver(): Promise<readonly string[]> {
  const redis = new Redis(TEST_REDIS_URL);
  try {
    const keys = (await redis.keys(`${PREFIX}:verify:*`)).filter((key) => /:[0-9a-f-]{36}-[0-9]+$/.test(key));
    const data = await Promise.all(keys.map((key) => redis.hget(key, 'data')));
    return data.map((text) => (JSON.parse(text ?? '{}') as { subject?: string }).subject ?? '');
  } finally {
    redis.disconnect();
  }
}

const there = await serverReachable(TEST_REDIS_URL, 'the hand-over of the platform operator through Redis');

describe.skipIf(!there)('the API of the platform operator beside Redis', () => {
  let world: PfWorld;
  beforeAll(async () => {
    world = await startPfWorld({ REDIS_URL: TEST_REDIS_URL, JITSUIN_QUEUE_PREFIX: PREFIX });
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await deleteKeys(TEST_REDIS_URL, PREFIX);
  });

  it('hands its own jobs over, without a worker that would look for them', async () => {
    const { id } = await world.service('alpha').submit(await submissionOf(world));
    await until(async () => (await handedOver()).length > 0, 30_000);
    expect(await handedOver()).toEqual([id]);
  }, 60_000);
});
