import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { VerificationStatus } from '../../../src/contracts/verification.ts';
import type { VerificationId } from '../../../src/core/brand.ts';
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

afterEach(() => {
  world.source.mode = 'up';
});

afterAll(async () => {
  await pf.close();
  await world.close();
});

const run = (operator: PlatformOperator, subject: string, attempt = 1) =>
  verify(operator, {
    id: 'job',
    name: 'verify',
    version: 1,
    subject,
    attempt,
    signal: AbortSignal.timeout(20_000),
  });
const statusOf = (id: string): Promise<VerificationStatus> => world.service('alpha').status(id);
const stored = (id: string) => pf.store.verifications.get(id as VerificationId);
const submitted = async () => (await world.service('alpha').submit(await submissionOf(world))).id;
const withoutAnchors = (): PlatformOperator => ({ ...pf.operator, trustAnchors: [] });
const heldLines = (id: string) =>
  world.log.lines.filter((line) => line.includes('"event":"verification.held"') && line.includes(id));

describe('what is about the operator’s own side', () => {
  it('stays open with an alarm at once, and is judged when the anchor is there', async () => {
    const id = await submitted();
    expect(await run(withoutAnchors(), id)).toEqual({ kind: 'later', notBefore: world.clock.now() + 5_000 });
    expect(await statusOf(id)).toMatchObject({ state: 'received', failure: 'certificate.anchor-missing' });
    expect((await statusOf(id)).result).toBeUndefined();
    const [line] = heldLines(id);
    expect(JSON.parse(line ?? '{}')).toMatchObject({ code: 'certificate.anchor-missing' });
    expect(await pf.store.evidence.get(id)).toBeUndefined();
    world.clock.millis += 5_000;
    expect(await run(pf.operator, id, 2)).toEqual({ kind: 'done' });
    const status = await statusOf(id);
    expect(status).toMatchObject({ state: 'decided', result: 'OK' });
    expect(status.failure).toBeUndefined();
  });

  it('ends at its deadline with the true reason, never as a fault of the certificate', async () => {
    const id = await submitted();
    const { deadline = 0 } = (await stored(id)) ?? {};
    world.clock.millis = deadline - 1_000;
    expect(await run(withoutAnchors(), id, 9)).toEqual({ kind: 'later', notBefore: deadline });
    world.clock.millis = deadline + 1;
    await sweep(pf.operator);
    expect(await stored(id)).toMatchObject({
      state: 'expired',
      failure: { code: 'certificate.anchor-missing' },
    });
    expect((await stored(id))?.result).toBeUndefined();
  });
});
