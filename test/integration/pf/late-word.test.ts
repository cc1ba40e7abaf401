import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { VerificationId } from '../../../src/core/brand.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import { type OpenedPf, openPf } from '../../../src/roles/pf/wiring.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';

let world: PfWorld;
let pf: OpenedPf;
beforeAll(async () => {
  world = await startPfWorld();
  pf = await openPf(world.config, 'pf-worker', world.url, world);
});
beforeEach(() => {
  world.source.mode = 'up';
  world.log.lines.length = 0;
});
afterAll(async () => {
  await pf.close();
  await world.close();
});

const run = (subject: string, operator: PlatformOperator = pf.operator) =>
  verify(operator, {
    id: 'job',
    name: 'verify',
    version: 1,
    subject,
    attempt: 1,
    signal: AbortSignal.timeout(20_000),
  });
const events = () => world.log.lines.map((line) => (JSON.parse(line) as { event: string }).event);

/** A worker that read the record before it was frozen. */
function frozenWith(record: Verification): PlatformOperator {
  const { verifications } = pf.operator;
  return { ...pf.operator, verifications: { ...verifications, get: async () => record } };
}

async function received(options: Parameters<typeof submissionOf>[1] = {}) {
  const { id } = await world.service('alpha').submit(await submissionOf(world, options));
  const record = await pf.store.verifications.get(id as VerificationId);
  if (record === undefined) throw new Error('not stored');
  return { id, record };
}

const AGAIN = { kind: 'later', notBefore: expect.any(Number) };

describe('the word of a worker that was frozen past its lease', () => {
  it('a postponement after the verdict does not count and is not told', async () => {
    const { id, record } = await received();
    await run(id);
    world.log.lines.length = 0;
    world.source.mode = 'down';
    expect(await run(id, frozenWith({ ...record }))).toEqual(AGAIN);
    expect(await world.service('alpha').status(id)).toMatchObject({ state: 'decided', result: 'OK' });
    expect(events()).not.toContain('verification.postponed');
  });

  it('a postponement before the verdict drops no verdict: it is not told as decided, and comes with the next look', async () => {
    const { id, record } = await received();
    world.source.mode = 'down';
    await run(id);
    world.source.mode = 'up';
    world.log.lines.length = 0;
    expect(await run(id, frozenWith(record))).toEqual(AGAIN);
    expect(events()).toContain('verification.overtaken');
    expect(events()).not.toContain('verification.decided');
    expect(await run(id)).toEqual({ kind: 'done' });
    expect(events()).toContain('verification.decided');
    expect(await world.service('alpha').status(id)).toMatchObject({ state: 'decided', result: 'OK' });
  });

  it('a late postponement is not told where the record has moved on', async () => {
    const { id, record } = await received();
    world.source.mode = 'down';
    await run(id);
    world.log.lines.length = 0;
    expect(await run(id, frozenWith(record))).toEqual(AGAIN);
    expect(events()).not.toContain('verification.postponed');
  });

  it('a refusal is fenced like a verdict', async () => {
    const { id, record } = await received({ fault: 'damaged-jwe' });
    world.source.mode = 'down';
    const moved = { ...record, revision: record.revision + 1 };
    expect(await pf.store.verifications.update(moved, { audit: [] })).toBe(true);
    const outcome = await run(id, frozenWith(record));
    expect(outcome).toEqual(AGAIN);
    expect(events()).not.toContain('verification.refused');
    expect((await world.service('alpha').status(id)).state).toBe('received');
  });

  it('the sweep tells of an end only when it was the one that made it', async () => {
    const { id, record } = await received();
    await run(id);
    world.log.lines.length = 0;
    const { verifications } = pf.operator;
    let once = [{ ...record, deadline: world.clock.now() }];
    const due = async () => once.splice(0);
    await sweep({ ...pf.operator, verifications: { ...verifications, due } });
    once = [];
    expect(events()).not.toContain('verification.expired');
  });
});
