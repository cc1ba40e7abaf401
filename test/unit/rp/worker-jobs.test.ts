import { describe, expect, it } from 'vitest';
import type {
  VerificationReceipt,
  VerificationStatus,
  VerificationSubmission,
} from '../../../src/contracts/verification.ts';
import type { EpochMillis, SignatureProfileName } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { upstreamFailure } from '../../../src/core/sign-transaction/upstream-errors.ts';
import type { InsideOutcome, InsideVerification } from '../../../src/ports/inside-verification.ts';
import type { Job } from '../../../src/ports/job-queue.ts';
import type { VerificationService } from '../../../src/ports/verification-service.ts';
import { awaitVerification } from '../../../src/rp/await-verification.ts';
import { fetchResult } from '../../../src/rp/fetch-result.ts';
import { applicationJob } from '../../../src/rp/job-handlers.ts';
import { submitVerification } from '../../../src/rp/submit-verification.ts';
import { verifyApplication } from '../../../src/rp/verify-application.ts';
import { DOCUMENT, type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { authorized, DIGEST_INFO_DATA, fetched, stored } from '../../support/flow.ts';
import { DOCUMENT_SHA256, honestReceipts } from '../../support/receipts.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const result = (error: string, status = 400) => upstreamFailure('result', { status, error });

describe('fetchResult', () => {
  it('seals the result as received, drops the tokens, queues the hand-off', async () => {
    const world = fakeWorld();
    const { id } = await authorized(world);
    expect(await fetchResult(world, id)).toEqual({ kind: 'done' });
    const application = await stored(world, id);
    expect(application.state).toBe('fetched');
    expect(application.secrets?.resultJwe).toBe('h..i.c.t');
    expect(application.secrets).not.toHaveProperty('accessToken');
    expect(world.applications.jobs.at(-1)?.name).toBe('submit-verification');
  });

  it('a clear result (gov) queues the own verification', async () => {
    const world = fakeWorld();
    world.authAndSign.results = [
      { kind: 'clear', certificate: new Uint8Array([1]), signatureValue: new Uint8Array([2]) },
    ];
    const { id } = await fetched(world);
    expect((await stored(world, id)).secrets?.clearCertificate).toEqual(new Uint8Array([1]));
    expect(world.applications.jobs.at(-1)?.name).toBe('verify-application');
  });

  it('delivered ten times: one effect', async () => {
    const world = fakeWorld();
    const { id } = await authorized(world);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => fetchResult(world, id)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'store.conflict' });
    expect(world.applications.jobs.filter(({ name }) => name === 'submit-verification')).toHaveLength(1);
  });

  it('401: one refresh, then the result with the new token', async () => {
    const world = fakeWorld();
    const jwe = world.authAndSign.results[0];
    if (jwe === undefined) throw new Error('no result');
    world.authAndSign.results = [result('invalid_token', 401), jwe];
    const { id } = await fetched(world);
    expect((await stored(world, id)).state).toBe('fetched');
    expect(world.authAndSign.askedWith).toEqual(['MARK-access-token', 'MARK-second-access-token']);
    expect(world.authAndSign.calls.refresh).toBe(1);
  });

  it('401 again after the refresh: restart-needed, no second refresh', async () => {
    const world = fakeWorld();
    world.authAndSign.results = [result('invalid_token', 401)];
    const application = await fetched(world);
    expect(application.state).toBe('restart-needed');
    expect(world.authAndSign.calls).toMatchObject({ refresh: 1, result: 2 });
  });

  it('a refresh that fails ends by name, even when it was only a time-out: a refresh token may work once', async () => {
    const world = fakeWorld();
    world.authAndSign.results = [result('invalid_token', 401)];
    world.authAndSign.refreshed = [new JitsuinError('upstream.timeout', 'no answer')];
    expect((await fetched(world)).state).toBe('restart-needed');
  });

  it.each([
    ['locked_certificate', 'refused', 'result-7'],
    ['not_installed_certificate', 'refused', 'result-8'],
    ['expired_certificate', 'refused', 'result-4'],
    ['revoked_certificate', 'refused', 'result-5'],
    ['certificate_not_match', 'refused', 'result-6'],
    ['expired_sign_transaction', 'restart-needed', 'result-1'],
    ['expired_pf_provider_public_key', 'failed', 'result-9'],
  ])('%s ends as %s by its row', async (error, state, row) => {
    const world = fakeWorld();
    world.authAndSign.results = [result(error)];
    const application = await fetched(world);
    expect([application.state, application.failure?.row]).toEqual([state, row]);
    expect(application.secrets).not.toHaveProperty('accessToken');
  });

  it('maintenance: thrown to the queue, the application waits', async () => {
    const world = fakeWorld();
    const { id } = await authorized(world);
    world.authAndSign.results = [result('service_temporarily_unavailable', 503)];
    await expect(fetchResult(world, id)).rejects.toMatchObject({ retryable: true });
    expect((await stored(world, id)).state).toBe('authorized');
  });

  it('past the hour: restart-needed by name, the service is not asked', async () => {
    const world = fakeWorld();
    const { id } = await authorized(world);
    world.clock.advance(50 * 60_000);
    await fetchResult(world, id);
    expect(await stored(world, id)).toMatchObject({
      state: 'restart-needed',
      failure: { code: 'transaction.expired' },
    });
    expect(world.authAndSign.calls.result).toBe(0);
  });

  it('killed after the answer and before the commit: the next run fetches again', async () => {
    const world = fakeWorld();
    const { id } = await authorized(world);
    world.applications.crashNextUpdate = new Error('killed');
    await expect(fetchResult(world, id)).rejects.toThrow('killed');
    await fetchResult(world, id);
    expect((await stored(world, id)).state).toBe('fetched');
  });

  it('a job that comes too early or too late does nothing', async () => {
    const world = fakeWorld();
    const { id } = await fetched(world);
    const before = await stored(world, id);
    await fetchResult(world, id);
    expect(await stored(world, id)).toBe(before);
  });
});

class FakePf implements VerificationService {
  readonly submissions: VerificationSubmission[] = [];
  answer: VerificationStatus | Error = status('received');
  async submit(submission: VerificationSubmission): Promise<VerificationStatus> {
    this.submissions.push(submission);
    return this.told(submission.submission_id);
  }
  known: VerificationStatus | undefined;
  readonly sought: string[] = [];
  async find(submissionId: string): Promise<VerificationStatus | undefined> {
    this.sought.push(submissionId);
    return this.known;
  }
  async status(): Promise<VerificationStatus> {
    return this.told(this.submissions[0]?.submission_id ?? '');
  }
  async receipt(): Promise<VerificationReceipt | undefined> {
    return { id: 'v1', receipt: 'a.b.c' };
  }
  private told(submissionId: string): VerificationStatus {
    if (this.answer instanceof Error) throw this.answer;
    return { ...this.answer, submission_id: this.answer.submission_id ?? submissionId };
  }
}

function status(
  state: VerificationStatus['state'],
  fields: Partial<VerificationStatus> = {},
): VerificationStatus {
  const answer = { id: 'v1', state, check_method: 'CRL', created_at: '2026-01-01T00:00:00Z', ...fields };
  return answer as VerificationStatus;
}

const DECIDED = status('decided', {
  indication: 'TOTAL-PASSED',
  result: 'OK',
  signed_octets_sha256: DOCUMENT_SHA256,
  decided_at: '2026-01-01T00:00:01Z',
});

function handOff(world: FakeWorld, verifications: FakePf) {
  const receipts = honestReceipts(verifications);
  return {
    ...world,
    verifications,
    receipts,
    service: 's',
    environment: 'test',
    checkMethod: 'CRL',
  } as const;
}

describe('submitVerification and awaitVerification', () => {
  it('hands over skeleton, JWE, data and mode under the own id, then keeps verdict and receipt', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    expect(pf.submissions).toEqual([
      {
        submission_id: id,
        service: 's',
        environment: 'test',
        profile: 'detached' satisfies SignatureProfileName,
        mode: 'digest-info',
        skeleton: Buffer.from(DOCUMENT).toString('base64'),
        jwe: 'h..i.c.t',
        data: DIGEST_INFO_DATA,
        check_method: 'CRL',
      },
    ]);
    expect(await awaitVerification(handOff(world, pf), id)).toMatchObject({ kind: 'later' });
    pf.answer = DECIDED;
    await awaitVerification(handOff(world, pf), id);
    const application = await stored(world, id);
    expect(application.verdict).toMatchObject({ indication: 'TOTAL-PASSED', reference: 'v1' });
    expect(application.secrets?.receipt).toBe('a.b.c');
    expect(application.secrets).not.toHaveProperty('resultJwe');
  });

  it.each([
    ['away', new JitsuinError('upstream.unreachable', 'away')],
    ['our registration there is wrong', new JitsuinError('upstream.operator', 'unknown tenant')],
  ])('the operator (%s): the JWE stays, the queue tries again', async (_name, error) => {
    const world = fakeWorld();
    const pf = new FakePf();
    pf.answer = error;
    const { id } = await fetched(world);
    await expect(submitVerification(handOff(world, pf), id)).rejects.toBe(error);
    expect(await stored(world, id)).toMatchObject({ state: 'fetched', secrets: { resultJwe: 'h..i.c.t' } });
  });

  it('a refused bundle ends as failed with its code', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    pf.answer = new JitsuinError('jwe.header', 'refused');
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    expect(await stored(world, id)).toMatchObject({ state: 'failed', failure: { code: 'jwe.header' } });
  });

  it('a submission that the operator has with another encryption is asked for by our id and goes on', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    pf.answer = new JitsuinError('binding.transaction', 'other content');
    const { id } = await fetched(world);
    pf.known = status('received', { id: 'v0', submission_id: id });
    await submitVerification(handOff(world, pf), id);
    expect(await stored(world, id)).toMatchObject({ state: 'submitted', verificationId: 'v0' });
    expect(pf.sought).toEqual([id]);
  });

  it('and one that it does not have ends by what was said', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    pf.answer = new JitsuinError('binding.transaction', 'data of another skeleton');
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    expect(await stored(world, id)).toMatchObject({
      state: 'failed',
      failure: { code: 'binding.transaction' },
    });
  });

  it('a submission that the operator lost is handed in again, under the same clock', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    const { deadline } = await stored(world, id);
    const lost = new JitsuinError('upstream.final', 'not known', {
      upstream: { status: 404, error: 'http.not-found' },
    });
    const ask = pf.status.bind(pf);
    pf.status = () => Promise.reject(lost);
    pf.answer = status('received', { id: 'v2' });
    world.clock.advance(1_000);
    expect(await awaitVerification(handOff(world, pf), id)).toMatchObject({ kind: 'later' });
    expect(pf.submissions).toHaveLength(2);
    expect(pf.submissions[1]).toEqual(pf.submissions[0]);
    expect(await stored(world, id)).toMatchObject({ state: 'submitted', verificationId: 'v2', deadline });
    pf.status = ask;
    pf.answer = { ...DECIDED, id: 'v2' };
    await awaitVerification(handOff(world, pf), id);
    expect((await stored(world, id)).verdict).toMatchObject({ reference: 'v2' });
  });

  it('what a proxy does not know is not lost there', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    const proxy = new JitsuinError('upstream.operator', 'x', { upstream: { status: 404 } });
    pf.answer = proxy;
    await expect(awaitVerification(handOff(world, pf), id)).rejects.toBe(proxy);
    expect(pf.submissions).toHaveLength(1);
  });

  it('an answer about another submission is not believed', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    pf.answer = { ...DECIDED, submission_id: 'other' };
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    expect(await stored(world, id)).toMatchObject({
      state: 'failed',
      failure: { code: 'binding.transaction' },
    });
  });

  it('a verdict about another submission is not believed', async () => {
    const world = fakeWorld();
    const pf = new FakePf();
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    pf.answer = { ...DECIDED, submission_id: 'other' };
    await awaitVerification(handOff(world, pf), id);
    expect(await stored(world, id)).toMatchObject({
      state: 'failed',
      failure: { code: 'binding.transaction' },
    });
    expect(await stored(world, id)).not.toHaveProperty('verdict');
  });

  it.each([
    ['refused', status('refused', { failure: 'jwe.decrypt' }), 'failed', 'jwe.decrypt'],
    [
      'refused with a word that we do not know',
      status('refused', { failure: '<b>' }),
      'failed',
      'upstream.final',
    ],
    ['expired', status('expired'), 'restart-needed', 'transaction.expired'],
    ['decided without an indication', status('decided'), 'failed', 'upstream.response'],
    [
      'passed without the hash of what was signed',
      status('decided', { indication: 'TOTAL-PASSED' }),
      'failed',
      'upstream.response',
    ],
  ])('the verification was %s', async (_name, answer, state, failure) => {
    const world = fakeWorld();
    const pf = new FakePf();
    const { id } = await fetched(world);
    await submitVerification(handOff(world, pf), id);
    pf.answer = answer;
    await awaitVerification(handOff(world, pf), id);
    expect(await stored(world, id)).toMatchObject({ state, failure: { code: failure } });
  });
});

describe('verifyApplication', () => {
  const passed: InsideOutcome = {
    kind: 'decided',
    verdict: {
      indication: 'TOTAL-PASSED',
      signedOctetsSha256: 'ab',
      decidedAt: 1 as EpochMillis,
      reference: 'e',
    },
  };

  async function clear() {
    const world = fakeWorld();
    const results = {
      kind: 'clear',
      certificate: new Uint8Array([1]),
      signatureValue: new Uint8Array([2]),
    } as const;
    world.authAndSign.results = [results];
    const { id } = await fetched(world);
    const asked: InsideVerification[] = [];
    const verify = (outcome: InsideOutcome | Error) => async (input: InsideVerification) => {
      asked.push(input);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    return { world, id, asked, verify };
  }

  it('gives everything that was recorded to the verifier, keeps the verdict, drops certificate and signature', async () => {
    const { world, id, asked, verify } = await clear();
    await verifyApplication({ ...world, verify: verify(passed) }, id);
    expect(asked[0]).toMatchObject({ data: DIGEST_INFO_DATA, mode: 'digest-info', patience: 'may-wait' });
    const application = await stored(world, id);
    expect(application.state).toBe('decided');
    expect(Object.keys(application.secrets ?? {}).sort()).toEqual(['browserHash', 'document', 'prepared']);
  });

  it('undecided: later; shortly before the deadline the last word is asked for', async () => {
    const { world, id, asked, verify } = await clear();
    const ports = { ...world, verify: verify({ kind: 'undecided' }) };
    expect(await verifyApplication(ports, id)).toMatchObject({ kind: 'later' });
    world.clock.advance(24 * 60 * 60_000 - 60_000);
    await verifyApplication(ports, id);
    expect(asked.map(({ patience }) => patience)).toEqual(['may-wait', 'last-word']);
  });

  it.each([
    [10 * 60_000 + 1, 'may-wait'],
    [10 * 60_000, 'last-word'],
    [1, 'last-word'],
  ])('%d ms before the deadline: %s', async (before, patience) => {
    const { world, id, asked, verify } = await clear();
    const { deadline } = await stored(world, id);
    world.clock.advance(deadline - before - world.clock.now());
    const outcome = await verifyApplication({ ...world, verify: verify({ kind: 'undecided' }) }, id);
    expect(asked.map((input) => input.patience)).toEqual([patience]);
    expect(outcome).toEqual({ kind: 'later', notBefore: world.clock.now() + 60_000 });
  });

  it('a fault of ours is no verdict', async () => {
    const { world, id, verify } = await clear();
    const error = new JitsuinError('store.unavailable', 'down');
    await expect(verifyApplication({ ...world, verify: verify(error) }, id)).rejects.toBe(error);
    expect((await stored(world, id)).state).toBe('fetched');
  });
});

describe('applicationJob', () => {
  const job = (version: number): Job => ({
    id: 'j',
    name: 'fetch-result',
    version,
    subject: 'a',
    attempt: 1,
    signal: new AbortController().signal,
  });

  it('waits for a newer worker when the payload has an unknown version', async () => {
    const world = fakeWorld();
    const handler = applicationJob(world.clock, async () => {
      throw new Error('not reached');
    });
    expect(await handler(job(2))).toMatchObject({ kind: 'later' });
  });

  it('reads again after a lost compare-and-set, throws all else', async () => {
    const world = fakeWorld();
    const failing = (errorCode: 'store.conflict' | 'upstream.timeout') =>
      applicationJob(world.clock, async () => {
        throw new JitsuinError(errorCode, 'x');
      });
    expect(await failing('store.conflict')(job(1))).toMatchObject({ kind: 'later' });
    await expect(failing('upstream.timeout')(job(1))).rejects.toThrow(code('upstream.timeout'));
  });
});
