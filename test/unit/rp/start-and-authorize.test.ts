import { describe, expect, it } from 'vitest';
import type { SigningInput, TenantId } from '../../../src/core/brand.ts';
import { toBase64, toUtf8 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { upstreamFailure } from '../../../src/core/sign-transaction/upstream-errors.ts';
import { prepareDetached } from '../../../src/core/xmldsig/prepare-detached.ts';
import { authorize, hashOfState } from '../../../src/rp/authorize.ts';
import { receiveApplication } from '../../../src/rp/receive-application.ts';
import { startByItself, startSignature } from '../../../src/rp/start-signature.ts';
import { DOCUMENT, fakeWorld } from '../../support/fakes.ts';
import { BROWSER, DIGEST_INFO_DATA, opened, received, stored } from '../../support/flow.ts';

const unreachable = new JitsuinError('upstream.timeout', 'no answer', { at: 'response' });
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('startSignature', () => {
  it('opens one sign transaction and records the proof of data', async () => {
    const world = fakeWorld();
    const application = await opened(world);
    expect(application.state).toBe('opened');
    expect(world.authAndSign.started).toEqual([
      { displayName: '届出', identificationCode: 'ACDE-3467', data: DIGEST_INFO_DATA },
    ]);
    const event = world.applications.audit.find(({ event }) => event === 'application.transaction-opened');
    expect(event?.facts).toMatchObject({ data: DIGEST_INFO_DATA, octets: 51, digestInfo: 'sha-256' });
  });

  it('writes the attempt before the call leaves', async () => {
    const world = fakeWorld();
    await opened(world);
    expect(world.applications.states).toEqual(['received', 'received', 'opened']);
  });

  it.each([
    ['DigestInfo missing', toBase64(new Uint8Array(32)), 'digest-info'],
    ['one octet short', toBase64(Buffer.from(DIGEST_INFO_DATA, 'base64').subarray(0, 50)), 'digest-info'],
    [
      'trailing octet',
      toBase64(Buffer.concat([Buffer.from(DIGEST_INFO_DATA, 'base64'), Buffer.alloc(1)])),
      'digest-info',
    ],
    ['other DigestInfo', toBase64(Buffer.alloc(51, 1)), 'digest-info'],
    ['31 octets', toBase64(new Uint8Array(31)), 'digest'],
    ['DigestInfo in mode digest', DIGEST_INFO_DATA, 'digest'],
  ] as const)('%s: nothing is sent (digest.data)', async (_name, data, mode) => {
    const world = fakeWorld();
    const good = await received(world);
    await expect(startSignature(world, { ...good, mode, data: data as SigningInput })).rejects.toThrow(
      code('digest.data'),
    );
    expect(world.authAndSign.calls.start).toBe(0);
  });

  it.each([
    ['data', { data: prepareDetached(toUtf8('another'), 'digest-info').data }],
    ['mode and data', { mode: 'digest', data: prepareDetached(DOCUMENT, 'digest').data }],
    ['display_name', { displayName: '別の届出' }],
    ['identification_code', { identificationCode: 'ZZZZ-9999' }],
    ['profile', { profile: 'enveloped' }],
  ] as const)('a changed column (%s) is not what the card signs: nothing is sent', async (_name, change) => {
    const world = fakeWorld();
    const settings = { ...world.settings, filesInDigestInfo: 'allowed' as const };
    const good = await receiveApplication(
      { ...world, settings },
      { tenant: 'city' as TenantId, document: DOCUMENT, profile: 'detached', mode: 'digest-info' },
    );
    const refused = { code: expect.stringMatching(/^(?:seal\.integrity|xmldsig\.state)$/) };
    await expect(startSignature(world, { ...good, ...change })).rejects.toMatchObject(refused);
    expect(world.authAndSign.calls.start).toBe(0);
    expect((await startSignature(world, good)).state).toBe('opened');
  });

  it('a lost answer: the application stays received, a later attempt opens another and uses only that', async () => {
    const world = fakeWorld();
    world.authAndSign.start = [unreachable, 'second-transaction'];
    const application = await received(world);
    await expect(startSignature(world, application)).rejects.toThrow(code('upstream.timeout'));
    const afterFirst = await stored(world, application.id);
    expect(afterFirst).toMatchObject({ state: 'received', failure: { code: 'upstream.timeout' } });
    const second = await startSignature(world, afterFirst);
    expect(second.signTransactionId).toBe('second-transaction');
    expect(second).not.toHaveProperty('failure');
    expect(world.authAndSign.calls.start).toBe(2);
  });

  it('one sign transaction serves one application: an id that was given before is never used', async () => {
    const world = fakeWorld();
    world.authAndSign.start = ['same', 'same', 'other'];
    const [one, two] = [await received(world), await received(world)];
    expect((await startSignature(world, one)).signTransactionId).toBe('same');
    await expect(startSignature(world, two)).rejects.toMatchObject({ code: 'upstream.response', at: 'id' });
    const left = await stored(world, two.id);
    expect(left).toMatchObject({ state: 'received', failure: { code: 'upstream.response' } });
    expect(left).not.toHaveProperty('signTransactionId');
    expect((await startSignature(world, left)).signTransactionId).toBe('other');
  });

  it('a start that failed is tried again by one job, until the application has left its state', async () => {
    const world = fakeWorld();
    world.authAndSign.start = [unreachable, unreachable, 'third-transaction'];
    const application = await received(world);
    await expect(startSignature(world, application)).rejects.toThrow(code('upstream.timeout'));
    const jobs = () => world.applications.jobs.filter(({ name }) => name === 'start-signature');
    expect(jobs()).toEqual([
      expect.objectContaining({ subject: application.id, key: `start-signature:${application.id}` }),
    ]);
    await expect(startByItself(world, application.id)).rejects.toThrow(code('upstream.timeout'));
    expect(new Set(jobs().map(({ key }) => key)).size).toBe(1);
    expect(await startByItself(world, application.id)).toEqual({ kind: 'done' });
    expect((await stored(world, application.id)).state).toBe('opened');
    expect(await startByItself(world, application.id)).toEqual({ kind: 'done' });
    expect(world.authAndSign.calls.start).toBe(3);
  });

  it('a start is not tried again once its clock has run out', async () => {
    const world = fakeWorld();
    const application = await received(world);
    world.clock.advance(application.deadline - world.clock.now());
    expect(await startByItself(world, application.id)).toEqual({ kind: 'done' });
    expect(world.authAndSign.calls.start).toBe(0);
  });

  it('an attempt under way is not joined by another', async () => {
    const world = fakeWorld();
    const application = await received(world);
    const original = world.authAndSign.startSignature.bind(world.authAndSign);
    let second: Promise<unknown> = Promise.resolve();
    world.authAndSign.startSignature = async (request) => {
      second = startSignature(world, await stored(world, application.id));
      await expect(second).rejects.toThrow(code('store.conflict'));
      return original(request);
    };
    await startSignature(world, application);
    expect(world.authAndSign.calls.start).toBe(1);
  });

  it('two at once: one start call, one transaction', async () => {
    const world = fakeWorld();
    const application = await received(world);
    const results = await Promise.allSettled([
      startSignature(world, application),
      startSignature(world, application),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(world.authAndSign.calls.start).toBe(1);
  });

  it('an operator row ends the application as failed, with its row', async () => {
    const world = fakeWorld();
    world.authAndSign.start = [
      upstreamFailure('start', {
        status: 400,
        error: 'invalid_request',
        error_description: 'パラメータエラー。',
        item: '署名対象データ名の桁数が不正です。',
      }),
    ];
    const ended = await opened(world);
    expect(ended.state).toBe('failed');
    expect(ended.failure).toEqual({ code: 'upstream.operator', row: 'start-4' });
  });

  it('after its clock nothing is opened', async () => {
    const world = fakeWorld();
    const application = await received(world);
    world.clock.advance(31 * 60_000);
    await expect(startSignature(world, application)).rejects.toThrow(code('transaction.expired'));
    expect((await stored(world, application.id)).state).toBe('expired');
    expect(world.authAndSign.calls.start).toBe(0);
  });

  it('a crash between the answer and the commit leaves an application that can be started again', async () => {
    const world = fakeWorld();
    const application = await received(world);
    const original = world.authAndSign.startSignature.bind(world.authAndSign);
    world.authAndSign.startSignature = async (request) => {
      const answer = await original(request);
      world.applications.crashNextUpdate = new Error('killed');
      return answer;
    };
    await expect(startSignature(world, application)).rejects.toThrow('killed');
    expect((await stored(world, application.id)).state).toBe('received');
    world.authAndSign.startSignature = original;
    world.clock.advance(16_000);
    expect((await startSignature(world, await stored(world, application.id))).state).toBe('opened');
  });
});

describe('authorize', () => {
  it('sends a fresh state, nonce and verifier each time, bound to the browser, stored before the redirect', async () => {
    const world = fakeWorld();
    const application = await opened(world);
    const url = await authorize(world, application, BROWSER);
    const sent = await stored(world, application.id);
    expect(sent.state).toBe('authorizing');
    expect(sent.secrets?.browserHash).toBe(BROWSER);
    expect(new URL(url).searchParams.get('state')).toBe(sent.secrets?.state);
    expect(sent.stateHash).toBe(hashOfState(sent.secrets?.state ?? ''));
    await authorize(world, sent, BROWSER);
    const [first, second] = world.authAndSign.sent;
    expect(new Set([first?.state, second?.state, first?.nonce, second?.nonce]).size).toBe(4);
    expect(first?.codeVerifier).not.toBe(second?.codeVerifier);
    expect(first?.codeVerifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(first?.signTransactionId).toBe(application.signTransactionId);
  });

  it('opens the sign transaction when that was not possible at receipt', async () => {
    const world = fakeWorld();
    const application = await received(world);
    await authorize(world, application, BROWSER);
    expect((await stored(world, application.id)).state).toBe('authorizing');
  });

  it('is refused once the application has ended', async () => {
    const world = fakeWorld();
    const application = await received(world, { state: 'cancelled' });
    await expect(authorize(world, application, BROWSER)).rejects.toThrow(code('transaction.state'));
    expect(world.authAndSign.sent).toEqual([]);
  });

  it('expires after 60 minutes, however often the citizen was sent', async () => {
    const world = fakeWorld();
    const application = await opened(world);
    await authorize(world, application, BROWSER);
    world.clock.advance(59 * 60_000);
    await authorize(world, await stored(world, application.id), BROWSER);
    world.clock.advance(2 * 60_000);
    await expect(authorize(world, await stored(world, application.id), BROWSER)).rejects.toThrow(
      code('transaction.expired'),
    );
  });
});
