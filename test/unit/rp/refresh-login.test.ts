import { describe, expect, it } from 'vitest';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { TokenSet } from '../../../src/ports/auth-and-sign.ts';
import type { LoginPorts } from '../../../src/ports/login.ts';
import { refreshLogin } from '../../../src/rp/refresh-login.ts';
import { findSession, openLoginSession } from '../../../src/rp/sessions.ts';
import { FAKE_TOKENS, type FakeWorld, fakeWorld, hashSubject } from '../../support/fakes.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const FRESH: TokenSet = { ...FAKE_TOKENS, idToken: 'new-id', refreshToken: 'new-refresh' };

interface Script {
  readonly refresh: () => Promise<TokenSet>;
  readonly userInfo?: LoginPorts['loginProvider']['userInfo'];
}

function portsOf(world: FakeWorld, { refresh, userInfo }: Script): LoginPorts {
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    sessions: world.sessions,
    clock: world.clock,
    random: world.random,
    audit: world.audit,
    logins: { insert: unused, find: unused, claim: unused, finish: unused, purge: unused },
    loginProvider: {
      authorizationUrl: unused,
      exchangeCode: unused,
      refresh,
      userInfo: userInfo ?? (async (_token, subject) => ({ subject, name: '模擬 新' })),
      logoutTokens: { verify: unused },
    },
    loginSettings: {
      issuer: 'https://op.example',
      redirectUri: 'https://rp.example/login/callback',
      scope: ['openid', 'name'],
      attributes: 'userinfo',
      stateLife: 600_000,
      hashSubject,
    },
  };
}

async function loggedIn(world: FakeWorld, refreshingSince?: number) {
  const { subject } = FAKE_TOKENS;
  const login = {
    revision: 1,
    idToken: 'old-id',
    refreshToken: 'old-refresh',
    attributes: { name: '模擬 旧' },
    ...(refreshingSince === undefined ? {} : { refreshingSince: refreshingSince as TokenSet['expiresAt'] }),
  };
  const { cookie, session } = await openLoginSession(
    world,
    { subject, subjectHash: hashSubject(subject), login },
    undefined,
  );
  return { session, now: () => findSession(world, cookie) };
}

const failing = (error: JitsuinError): Script => ({ refresh: () => Promise.reject(error) });

describe('refreshLogin', () => {
  it('keeps the new tokens and attributes; the session ends when it would have', async () => {
    const world = fakeWorld();
    const { session, now } = await loggedIn(world);
    world.clock.advance(60_000);
    await refreshLogin(portsOf(world, { refresh: async () => FRESH }), session);
    const after = await now();
    expect(after?.login).toEqual({
      revision: 3,
      idToken: 'new-id',
      refreshToken: 'new-refresh',
      attributes: { name: '模擬 新' },
    });
    expect(after?.expiresAt).toBe(session.expiresAt);
    expect(JSON.stringify(world.audit.events)).not.toContain('MARK');
  });

  it('O23: an answer without a refresh token keeps the one there is', async () => {
    const world = fakeWorld();
    const { session, now } = await loggedIn(world);
    const { refreshToken: _none, ...without } = FRESH;
    await refreshLogin(portsOf(world, { refresh: async () => without }), session);
    expect((await now())?.login).toMatchObject({ idToken: 'new-id', refreshToken: 'old-refresh' });
  });

  it('the service was not reached: nothing was sent, the session goes on and can be refreshed again', async () => {
    const world = fakeWorld();
    const { session, now } = await loggedIn(world);
    const unreached = new JitsuinError('upstream.unreachable', 'no', { at: 'connect' });
    await expect(refreshLogin(portsOf(world, failing(unreached)), session)).rejects.toEqual(
      code('upstream.unreachable'),
    );
    const again = await now();
    if (again === undefined) throw new Error('the session ended');
    expect(again.login).toMatchObject({ refreshToken: 'old-refresh' });
    expect(await refreshLogin(portsOf(world, { refresh: async () => FRESH }), again)).toBeDefined();
  });

  it.each([
    ['no answer', new JitsuinError('upstream.timeout', 'no', { at: 'response' })],
    ['refused', new JitsuinError('upstream.restart', 'no')],
    ['another sub', new JitsuinError('oidc.subject', 'no')],
  ])('%s: the session ends', async (_name, error) => {
    const world = fakeWorld();
    const { session, now } = await loggedIn(world);
    await expect(refreshLogin(portsOf(world, failing(error)), session)).rejects.toEqual(code(error.code));
    expect(await now()).toBeUndefined();
    expect(world.audit.events.at(-1)).toMatchObject({ event: 'login.ended', code: error.code });
  });

  it('UserInfo cannot be had now: the new tokens are kept with the old attributes', async () => {
    const world = fakeWorld();
    const { session, now } = await loggedIn(world);
    const userInfo = () => Promise.reject(new JitsuinError('upstream.temporary', 'maintenance'));
    const ports = portsOf(world, { refresh: async () => FRESH, userInfo });
    await expect(refreshLogin(ports, session)).rejects.toEqual(code('upstream.temporary'));
    expect((await now())?.login).toMatchObject({
      refreshToken: 'new-refresh',
      attributes: { name: '模擬 旧' },
    });
  });

  it('one under way is not joined; one that was lost with its process ends the session', async () => {
    const world = fakeWorld();
    const fresh = await loggedIn(world, world.clock.now());
    const ports = portsOf(world, { refresh: async () => FRESH });
    await expect(refreshLogin(ports, fresh.session)).rejects.toEqual(code('store.conflict'));
    expect(await fresh.now()).toBeDefined();
    world.clock.advance(30_000);
    await expect(refreshLogin(ports, fresh.session)).rejects.toEqual(code('login.tokens-gone'));
    expect(await fresh.now()).toBeUndefined();
  });

  it.each(['refreshToken', 'idToken', 'subject'] as const)(
    'a login without %s: log in anew, nothing is sent',
    async (member) => {
      const world = fakeWorld();
      const { session } = await loggedIn(world);
      const { refreshToken, ...noRefresh } = session.login ?? { revision: 1 };
      const { idToken, ...noId } = session.login ?? { revision: 1 };
      const { subject, ...nobody } = session;
      const given = {
        refreshToken: { ...session, login: noRefresh },
        idToken: { ...session, login: noId },
        subject: nobody,
      }[member];
      expect([refreshToken, idToken, subject]).not.toContain(undefined);
      let sent = 0;
      const refresh = async () => {
        sent += 1;
        return FRESH;
      };
      await expect(refreshLogin(portsOf(world, { refresh }), given)).rejects.toEqual(
        code('login.tokens-gone'),
      );
      expect(sent).toBe(0);
    },
  );

  it('a refresh is taken to be under way for 30 s, and lost from then on', async () => {
    for (const [age, expected] of [
      [29_999, 'store.conflict'],
      [30_000, 'login.tokens-gone'],
    ] as const) {
      const world = fakeWorld();
      const { session } = await loggedIn(world, world.clock.now());
      world.clock.advance(age);
      await expect(refreshLogin(portsOf(world, { refresh: async () => FRESH }), session)).rejects.toEqual(
        code(expected),
      );
    }
  });
});
