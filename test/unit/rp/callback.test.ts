import { describe, expect, it } from 'vitest';
import { JitsuinError } from '../../../src/core/errors.ts';
import { upstreamFailure } from '../../../src/core/sign-transaction/upstream-errors.ts';
import { authorize } from '../../../src/rp/authorize.ts';
import { handleCallback } from '../../../src/rp/callback.ts';
import { FAKE_TOKENS, fakeWorld, hashSubject } from '../../support/fakes.ts';
import { authorizing, BROWSER, callbackQuery, opened, stored } from '../../support/flow.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('handleCallback', () => {
  it('exchanges the code once, seals the tokens, queues the retrieval', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    const sent = await stored(world, id);
    const { application, login } = await handleCallback(world, callbackQuery(world), BROWSER);
    expect(application.state).toBe('authorized');
    expect(login).toEqual({
      subject: 'MARK-subject',
      subjectHash: hashSubject('MARK-subject'),
      sid: 'sid-1',
    });
    expect(application.secrets?.accessToken).toBe(FAKE_TOKENS.accessToken);
    expect(world.authAndSign.exchanged[0]?.request).toMatchObject({
      nonce: sent.secrets?.nonce,
      codeVerifier: sent.secrets?.codeVerifier,
      redirectUri: 'https://rp.example/callback',
    });
    expect(world.applications.jobs.map(({ name, subject }) => [name, subject])).toEqual([
      ['fetch-result', id],
    ]);
  });

  it('exchanging is committed before the code leaves', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    let during = '';
    world.authAndSign.duringExchange = async () => {
      during = (await stored(world, id)).state;
    };
    await handleCallback(world, callbackQuery(world), BROWSER);
    expect(during).toBe('exchanging');
  });

  it('50 callbacks at once: one exchange, the others get the stored outcome', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => handleCallback(world, callbackQuery(world), BROWSER)),
    );
    expect(world.authAndSign.calls.exchange).toBe(1);
    expect(outcomes.filter(({ login }) => login !== undefined)).toHaveLength(1);
    expect(outcomes.every(({ application }) => application.id === id)).toBe(true);
    expect((await stored(world, id)).state).toBe('authorized');
  });

  it('the same callback later: no second exchange', async () => {
    const world = fakeWorld();
    await authorizing(world);
    await handleCallback(world, callbackQuery(world), BROWSER);
    const again = await handleCallback(world, callbackQuery(world), BROWSER);
    expect(again.application.state).toBe('authorized');
    expect(again.login).toBeUndefined();
    expect(world.authAndSign.calls.exchange).toBe(1);
  });

  it.each([
    ['no state', new URLSearchParams({ code: 'c' }), BROWSER],
    ['unknown state', new URLSearchParams({ code: 'c', state: 'other' }), BROWSER],
  ])('%s: oidc.state before the token endpoint', async (_name, query, browser) => {
    const world = fakeWorld();
    await authorizing(world);
    await expect(handleCallback(world, query, browser)).rejects.toThrow(code('oidc.state'));
    expect(world.authAndSign.calls.exchange).toBe(0);
  });

  it.each([
    ['another browser (state fixation)', 'c'.repeat(64)],
    ['no cookie', undefined],
  ])('%s: oidc.state before the token endpoint, the flow is untouched', async (_name, browser) => {
    const world = fakeWorld();
    const { id, revision } = await authorizing(world);
    await expect(handleCallback(world, callbackQuery(world), browser)).rejects.toThrow(code('oidc.state'));
    expect(world.authAndSign.calls.exchange).toBe(0);
    expect((await stored(world, id)).revision).toBe(revision);
  });

  it('a state older than its life is refused; the citizen can be sent again', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    world.clock.advance(10 * 60_000);
    await expect(handleCallback(world, callbackQuery(world), BROWSER)).rejects.toThrow(code('oidc.state'));
    expect(world.authAndSign.calls.exchange).toBe(0);
    await authorize(world, await stored(world, id), BROWSER);
    expect((await handleCallback(world, callbackQuery(world), BROWSER)).application.state).toBe('authorized');
  });

  it('two tabs: the newest state wins, the older callback is refused', async () => {
    const world = fakeWorld();
    const application = await opened(world);
    await authorize(world, application, BROWSER);
    const older = callbackQuery(world);
    await authorize(world, await stored(world, application.id), BROWSER);
    await expect(handleCallback(world, older, BROWSER)).rejects.toThrow(code('oidc.state'));
    expect((await handleCallback(world, callbackQuery(world), BROWSER)).application.state).toBe('authorized');
  });

  it('two applications in one browser: each its own exchange with its own verifier', async () => {
    const world = fakeWorld();
    await authorizing(world);
    const first = callbackQuery(world);
    await authorizing(world);
    const second = callbackQuery(world);
    await handleCallback(world, second, BROWSER);
    await handleCallback(world, first, BROWSER);
    const [a, b] = world.authAndSign.exchanged;
    expect(a?.request.codeVerifier).not.toBe(b?.request.codeVerifier);
    expect(world.authAndSign.calls.exchange).toBe(2);
  });

  it.each([
    ['Consent rejected by user', 'authorization-7'],
    ['Authentication failed', 'authorization-8'],
  ])('access_denied, %s: refused, no exchange, a code beside it is ignored', async (description, row) => {
    const world = fakeWorld();
    await authorizing(world);
    const query = callbackQuery(world, { error: 'access_denied', error_description: description, code: 'c' });
    const { application } = await handleCallback(world, query, BROWSER);
    expect(application.state).toBe('refused');
    expect(application.failure?.row).toBe(row);
    expect(world.authAndSign.calls.exchange).toBe(0);
  });

  it('an unknown error with markup: restart needed, its text is kept nowhere', async () => {
    const world = fakeWorld();
    await authorizing(world);
    const query = callbackQuery(world, { error: 'strange', error_description: '<script>MARK</script>' });
    const { application } = await handleCallback(world, query, BROWSER);
    expect(application.state).toBe('restart-needed');
    expect(JSON.stringify([...world.applications.records.values(), world.applications.audit])).not.toContain(
      'MARK</',
    );
  });

  it('iss of another issuer: refused before the code leaves (mix-up)', async () => {
    const world = fakeWorld();
    await authorizing(world);
    const query = callbackQuery(world, { code: 'c', iss: 'https://evil.example' });
    await expect(handleCallback(world, query, BROWSER)).rejects.toThrow(code('oidc.issuer'));
    expect(world.authAndSign.calls.exchange).toBe(0);
  });

  it.each([
    [
      'code used twice',
      upstreamFailure('token', { status: 400, error: 'invalid_grant', error_description: 'Code not valid' }),
      'restart-needed',
      'token-4',
    ],
    [
      'maintenance',
      upstreamFailure('token', {
        status: 503,
        error: 'service_temporarily_unavailable',
        error_description: 'Service Temporarily Unavailable',
      }),
      'restart-needed',
      'token-17',
    ],
    [
      'what no row has, under a known error,',
      upstreamFailure('token', { status: 503, error: 'service_temporarily_unavailable' }),
      'restart-needed',
      'token-fallback-503-service_temporarily_unavailable',
    ],
    ['time-out after sending', new JitsuinError('upstream.restart', 'lost'), 'restart-needed', undefined],
    [
      'client key unknown',
      upstreamFailure('token', { status: 401, error: 'invalid_client' }),
      'failed',
      expect.stringMatching(/^token-/),
    ],
    ['ID token with a wrong nonce', new JitsuinError('oidc.nonce', 'nonce'), 'failed', undefined],
  ])('%s at the token endpoint ends by name and is not repeated', async (_name, error, state, row) => {
    const world = fakeWorld();
    world.authAndSign.tokens = [error];
    await authorizing(world);
    const { application } = await handleCallback(world, callbackQuery(world), BROWSER);
    expect(application.state).toBe(state);
    expect(application.failure?.row).toEqual(row);
    await handleCallback(world, callbackQuery(world), BROWSER);
    expect(world.authAndSign.calls.exchange).toBe(1);
    expect(application.secrets).not.toHaveProperty('codeVerifier');
    expect(world.log.lines.at(-1)?.level).toBe(state === 'failed' ? 'error' : 'info');
  });

  it('killed while the code was away: exchanging, no second exchange, restart-needed by its clock', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    world.authAndSign.duringExchange = async () => {
      world.applications.crashNextUpdate = new Error('killed');
    };
    await expect(handleCallback(world, callbackQuery(world), BROWSER)).rejects.toThrow('killed');
    expect((await stored(world, id)).state).toBe('exchanging');
    world.authAndSign.duringExchange = async () => undefined;
    const again = await handleCallback(world, callbackQuery(world), BROWSER);
    expect(again.application.state).toBe('exchanging');
    expect(world.authAndSign.calls.exchange).toBe(1);
  });

  it('a lost compare-and-set after the exchange tells the stored outcome and commits nothing', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    world.authAndSign.duringExchange = async () => {
      world.applications.failNextUpdates = 1;
    };
    const { application, login } = await handleCallback(world, callbackQuery(world), BROWSER);
    expect(application.state).toBe('exchanging');
    expect(login).toBeUndefined();
    expect((await stored(world, id)).secrets).not.toHaveProperty('accessToken');
  });

  it('neither code nor sub nor token stands in audit, jobs or log', async () => {
    const world = fakeWorld();
    await authorizing(world);
    await handleCallback(world, callbackQuery(world), BROWSER);
    const { audit, jobs } = world.applications;
    const written = JSON.stringify([audit, jobs, world.audit.events, world.log.lines]);
    expect(world.log.lines.at(-1)).toMatchObject({ level: 'info', event: 'application.tokens-verified' });
    expect(written).not.toContain('MARK-');
  });
});
