import { describe, expect, it } from 'vitest';
import type { VerificationStatus, VerificationSubmission } from '../../../src/contracts/verification.ts';
import { asJitsuinError } from '../../../src/core/errors.ts';
import type { Application } from '../../../src/core/sign-transaction/application.ts';
import { isFinal } from '../../../src/core/sign-transaction/machine.ts';
import type { Effects } from '../../../src/ports/effects.ts';
import { authorize } from '../../../src/rp/authorize.ts';
import { awaitVerification } from '../../../src/rp/await-verification.ts';
import { handleCallback } from '../../../src/rp/callback.ts';
import { fetchResult } from '../../../src/rp/fetch-result.ts';
import { submitVerification } from '../../../src/rp/submit-verification.ts';
import { sweep } from '../../../src/rp/sweep.ts';
import { FakeApplications, type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { BROWSER, callbackQuery, received, stored } from '../../support/flow.ts';
import { DOCUMENT_SHA256, honestReceipts } from '../../support/receipts.ts';

class Killed extends Error {}

/** Dies at the n-th update: before its commit, or just after it. */
class KilledApplications extends FakeApplications {
  private count = 0;
  private readonly fatal: number;
  private readonly moment: 'before' | 'after';
  constructor(fatal: number, moment: 'before' | 'after') {
    super();
    this.fatal = fatal;
    this.moment = moment;
  }
  override async update(next: Application, effects: Effects): Promise<boolean> {
    this.count += 1;
    if (this.count !== this.fatal) return super.update(next, effects);
    if (this.moment === 'after') await super.update(next, effects);
    throw new Killed('SIGKILL');
  }
  get reached(): boolean {
    return this.count >= this.fatal;
  }
}

function operator() {
  const submissions: VerificationSubmission[] = [];
  const answer = (state: VerificationStatus['state']): VerificationStatus => ({
    id: 'v1',
    submission_id: submissions[0]?.submission_id ?? '',
    state,
    check_method: 'CRL',
    created_at: '2026-01-01T00:00:00Z',
    ...(state === 'decided'
      ? { indication: 'TOTAL-PASSED', result: 'OK', signed_octets_sha256: DOCUMENT_SHA256 }
      : {}),
  });
  return {
    submissions,
    submit: async (submission: VerificationSubmission) => {
      submissions.push(submission);
      return answer('received');
    },
    status: async () => answer('decided'),
    find: async () => undefined,
    receipt: async () => ({ id: 'v1', receipt: 'a.b.c' }),
  };
}

/** What everybody does next, whatever state they find: the citizen, the worker, the sweep. */
async function nextMove(
  world: FakeWorld,
  pf: ReturnType<typeof operator>,
  application: Application,
): Promise<void> {
  const ports = {
    ...world,
    verifications: pf,
    receipts: honestReceipts(pf),
    service: 's',
    environment: 'test',
    checkMethod: 'CRL',
  } as const;
  switch (application.state) {
    case 'received':
    case 'opened':
      await authorize(world, application, BROWSER);
      return;
    case 'authorizing':
      await handleCallback(
        world,
        callbackQuery(world, { code: `code-${world.authAndSign.sent.length}` }),
        BROWSER,
      );
      return;
    case 'authorized':
      await fetchResult(world, application.id);
      return;
    case 'fetched':
      await submitVerification(ports, application.id);
      return;
    case 'submitted':
      await awaitVerification(ports, application.id);
      return;
    default:
      await sweep(world);
  }
}

async function runToTheEnd(fatal: number, moment: 'before' | 'after') {
  const applications = new KilledApplications(fatal, moment);
  const world: FakeWorld = { ...fakeWorld(), applications };
  const pf = operator();
  const { id } = await received(world);
  for (let moves = 0; moves < 40; moves += 1) {
    const application = await stored(world, id);
    if (isFinal(application.state)) break;
    try {
      await nextMove(world, pf, application);
    } catch (thrown) {
      if (!(thrown instanceof Killed) && asJitsuinError(thrown).kind !== 'conflict') throw thrown;
    }
    world.clock.advance(20_000);
  }
  return { world, pf, application: await stored(world, id), killed: applications.reached };
}

describe('killed at every commit of the way', () => {
  const points = Array.from({ length: 12 }, (_, index) => index + 1).flatMap((fatal) =>
    (['before', 'after'] as const).map((moment) => ({ fatal, moment })),
  );

  it.each(points)(
    '$moment update $fatal: ends, with no code exchanged twice and no step lost',
    async (point) => {
      const { world, pf, application } = await runToTheEnd(point.fatal, point.moment);
      expect(['decided', 'restart-needed']).toContain(application.state);
      const codes = world.authAndSign.exchanged.map(({ code }) => code);
      expect(new Set(codes).size).toBe(codes.length);
      expect(codes.length).toBeLessThanOrEqual(1);
      expect(new Set(pf.submissions.map(({ submission_id }) => submission_id)).size).toBeLessThanOrEqual(1);
      const { states, audit } = world.applications;
      expect(audit).toHaveLength(states.length);
      expect(states.filter((state) => state === 'decided')).toHaveLength(
        application.state === 'decided' ? 1 : 0,
      );
      expect(application.secrets).not.toHaveProperty('accessToken');
    },
  );

  it('only a code that was away ends as restart-needed; everything else ends decided', async () => {
    const ends = await Promise.all(points.map(({ fatal, moment }) => runToTheEnd(fatal, moment)));
    const restarts = points.filter((_, index) => ends[index]?.application.state === 'restart-needed');
    expect(restarts).toEqual([
      { fatal: 4, moment: 'after' }, // exchanging was committed, the code never left
      { fatal: 5, moment: 'before' }, // the tokens came, their commit did not
    ]);
    expect(ends.some(({ killed }) => !killed)).toBe(true);
  });
});
