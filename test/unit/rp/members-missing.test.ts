import { describe, expect, it } from 'vitest';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { Application, ApplicationSecrets } from '../../../src/core/sign-transaction/application.ts';
import { upstreamFailure } from '../../../src/core/sign-transaction/upstream-errors.ts';
import { agreedSignature } from '../../../src/rp/agreed-signature.ts';
import { handleCallback } from '../../../src/rp/callback.ts';
import { fetchResult } from '../../../src/rp/fetch-result.ts';
import { hashOfCookie } from '../../../src/rp/sessions.ts';
import { startSignature } from '../../../src/rp/start-signature.ts';
import { type FakeWorld, fakeWorld } from '../../support/fakes.ts';
import { authorized, authorizing, BROWSER, callbackQuery, received, stored } from '../../support/flow.ts';

const refused = () => upstreamFailure('result', { status: 401, error: 'invalid_token' });

/** A record as a purge, an old version or a hand in the database leaves it: without one of its members. */
function without<T extends object>(record: T, member: keyof T): T {
  const { [member]: _gone, ...rest } = record;
  return rest as T;
}
function withoutSecret(world: FakeWorld, application: Application, member: keyof ApplicationSecrets) {
  const secrets = without(application.secrets ?? ({} as ApplicationSecrets), member);
  world.applications.records.set(application.id, { ...application, secrets });
}

describe('a member that the result’s retrieval needs is not there', () => {
  const ended = async (world: FakeWorld, { id }: Application) => {
    await fetchResult(world, id);
    const { state, failure } = await stored(world, id);
    const { result, refresh } = world.authAndSign.calls;
    return [state, failure?.code, { result, refresh }];
  };

  it.each(['signTransactionId', 'secrets'] as const)('%s: nothing is asked for', async (member) => {
    const world = fakeWorld();
    const application = await authorized(world);
    world.applications.records.set(application.id, without(application, member));
    const nothing = { result: 0, refresh: 0 };
    expect(await ended(world, application)).toEqual(['restart-needed', 'login.tokens-gone', nothing]);
  });

  it('the access token: nothing is asked for', async () => {
    const world = fakeWorld();
    const application = await authorized(world);
    withoutSecret(world, application, 'accessToken');
    const nothing = { result: 0, refresh: 0 };
    expect(await ended(world, application)).toEqual(['restart-needed', 'login.tokens-gone', nothing]);
  });

  it.each(['refreshToken', 'idToken', 'subject'] as const)('the %s: no refresh is sent', async (member) => {
    const world = fakeWorld();
    const application = await authorized(world);
    withoutSecret(world, application, member);
    world.authAndSign.results = [refused()];
    const asked = { result: 1, refresh: 0 };
    expect(await ended(world, application)).toEqual(['restart-needed', 'login.tokens-gone', asked]);
  });

  it('the answer to the refresh: its own code, and the result is not asked for again', async () => {
    const world = fakeWorld();
    world.authAndSign.results = [refused()];
    world.authAndSign.refreshed = [new JitsuinError('upstream.timeout', 'no answer')];
    const asked = { result: 1, refresh: 1 };
    const application = await authorized(world);
    expect(await ended(world, application)).toEqual(['restart-needed', 'upstream.timeout', asked]);
  });

  it('a refusal that no refresh heals asks for none', async () => {
    const world = fakeWorld();
    world.authAndSign.results = [upstreamFailure('result', { status: 400, error: 'revoked_certificate' })];
    const application = await authorized(world);
    expect((await ended(world, application)).at(-1)).toEqual({ result: 1, refresh: 0 });
  });
});

describe('a callback', () => {
  it.each(['browserHash', 'everything sealed'] as const)(
    'for an application that has lost %s: oidc.state, and the code goes nowhere',
    async (what) => {
      const world = fakeWorld();
      const application = await authorizing(world);
      if (what === 'browserHash') withoutSecret(world, application, what);
      else world.applications.records.set(application.id, without(application, 'secrets'));
      await expect(handleCallback(world, callbackQuery(world), BROWSER)).rejects.toThrow(
        expect.objectContaining({ code: 'oidc.state' }),
      );
      expect(world.authAndSign.calls.exchange).toBe(0);
    },
  );
});

describe('a start', () => {
  it('of an application whose document is gone agrees on nothing', async () => {
    const world = fakeWorld();
    const purged = without(await received(world), 'secrets');
    expect(() => agreedSignature(purged, world.forms)).toThrow(
      expect.objectContaining({ code: 'transaction.state' }),
    );
  });

  it.each([
    [14_999, 'store.conflict', 0],
    [15_000, 'opened', 1],
  ])('%d ms after an attempt that never answered: %s', async (age, outcome, calls) => {
    const world = fakeWorld();
    const application = await received(world, { startAttemptedAt: world.clock.now() });
    world.clock.advance(age);
    const started = await startSignature(world, application).then(
      ({ state }) => state,
      (thrown: JitsuinError) => thrown.code,
    );
    expect([started, world.authAndSign.calls.start]).toEqual([outcome, calls]);
  });
});

describe('a cookie that we did not issue has no hash to look for', () => {
  it.each([undefined, '', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}\n`])(
    '%j',
    (cookie) => expect(hashOfCookie(cookie)).toBeUndefined(),
  );

  it('one of ours has', () => expect(hashOfCookie('A'.repeat(43))).toMatch(/^[0-9a-f]{64}$/));
});
