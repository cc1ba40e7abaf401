import { describe, expect, it } from 'vitest';
import { hexSha256 } from '../../../src/core/digest/sha256.ts';
import { asJitsuinError, JitsuinError } from '../../../src/core/errors.ts';
import type { TokenSet } from '../../../src/ports/auth-and-sign.ts';
import type { LoginPorts } from '../../../src/ports/login.ts';
import type { LoginAttempt, LoginOutcome, LoginStore } from '../../../src/ports/login-store.ts';
import { beginLogin, handleLoginCallback } from '../../../src/rp/login.ts';
import { hashOfCookie, openLoginSession } from '../../../src/rp/sessions.ts';
import { FakePasskeyStore } from '../../support/fake-passkey-store.ts';
import { FAKE_TOKENS, fakeWorld, hashSubject } from '../../support/fakes.ts';

const ISSUER = 'https://op.example';
const STATE_LIFE = 600_000;
const BROWSER = 'b'.repeat(64);
const SUBJECT_HASH = hashSubject('MARK-subject');

class FakeLogins implements LoginStore {
  readonly attempts = new Map<string, LoginAttempt>();
  async insert(attempt: LoginAttempt): Promise<void> {
    this.attempts.set(attempt.stateHash, attempt);
  }
  async find(stateHash: string): Promise<LoginAttempt | undefined> {
    return this.attempts.get(stateHash);
  }
  async claim(stateHash: string): Promise<boolean> {
    if (this.attempts.get(stateHash)?.outcome.kind !== 'sent') return false;
    await this.finish(stateHash, { kind: 'claimed' });
    return true;
  }
  async finish(stateHash: string, outcome: LoginOutcome): Promise<void> {
    const attempt = this.attempts.get(stateHash);
    if (attempt !== undefined) this.attempts.set(stateHash, { ...attempt, outcome });
  }
  async purge(): Promise<number> {
    return 0;
  }
}

type Answer = TokenSet | Error;
/** A relying party with a provider that gives these answers, and what it was asked. */
function bench(change: { attributes?: 'none' | 'userinfo' | 'id-token'; passkeys?: 'on' } = {}) {
  const { sessions, clock, random, audit } = fakeWorld();
  const logins = new FakeLogins();
  const asked: unknown[][] = [];
  const state = { exchanged: FAKE_TOKENS as Answer, users: [] as (object | Error)[] };
  const store = new FakePasskeyStore();
  const confirmed: unknown[][] = [];
  store.confirmCard = async (...args) => void confirmed.push(args);
  const ports = {
    ...{ sessions, clock, random, audit, logins },
    loginProvider: {
      authorizationUrl: async (request: object) => {
        asked.push(['url', request]);
        return 'https://op.example/auth';
      },
      exchangeCode: async (...args: unknown[]) => {
        asked.push(['exchange', ...args]);
        if (state.exchanged instanceof Error) throw state.exchanged;
        return state.exchanged;
      },
      refresh: async () => {
        asked.push(['refresh']);
        return { ...FAKE_TOKENS, accessToken: 'second' };
      },
      userInfo: async (...args: unknown[]) => {
        asked.push(['userinfo', ...args]);
        const answer = state.users.shift() ?? { subject: 'MARK-subject' };
        if (answer instanceof Error) throw answer;
        return answer;
      },
      logoutTokens: { verify: () => Promise.reject(new Error('not used')) },
    },
    loginSettings: {
      ...{ issuer: ISSUER, redirectUri: 'https://rp.example/login/callback', scope: ['openid', 'name'] },
      ...{ attributes: change.attributes ?? 'none', stateLife: STATE_LIFE, hashSubject },
    },
    ...(change.passkeys === undefined ? {} : { passkeys: { store, tenant: 'RP1' } }),
  } as object as LoginPorts;
  const begun = async () => {
    await beginLogin(ports, BROWSER, '/me');
    const [attempt] = [...logins.attempts.values()];
    if (attempt === undefined) throw new Error('nothing was kept');
    return attempt;
  };
  const back = (
    attempt: LoginAttempt,
    fields: Record<string, string> = { code: 'c' },
    cookie?: string,
    browser: string | undefined = BROWSER,
  ) => handleLoginCallback(ports, new URLSearchParams({ state: attempt.state, ...fields }), browser, cookie);
  return { ports, logins, asked, state, confirmed, sessions, clock, audit, begun, back };
}
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (thrown: unknown) => asJitsuinError(thrown).code,
  );

describe('a login that begins', () => {
  it('keeps three fresh secrets of 32 octets, bound to its browser, for the life of a state', async () => {
    const { begun, asked, clock, ports } = bench();
    const attempt = await begun();
    const { state, nonce, codeVerifier } = attempt;
    expect(new Set([state, nonce, codeVerifier]).size).toBe(3);
    for (const secret of [state, nonce, codeVerifier]) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(attempt).toEqual({
      ...{ state, nonce, codeVerifier, browserHash: BROWSER, returnTo: '/me', outcome: { kind: 'sent' } },
      stateHash: hexSha256(state),
      createdAt: clock.now(),
      expiresAt: clock.now() + STATE_LIFE,
    });
    const { scope, redirectUri } = ports.loginSettings;
    expect(asked).toEqual([['url', { state, nonce, codeVerifier, scope, redirectUri }]]);
  });
});

describe('a callback', () => {
  it('exchanges its code once, opens a session under a fresh cookie, and says so in the chain', async () => {
    const { begun, back, asked, audit, logins, clock, sessions, confirmed } = bench({ passkeys: 'on' });
    const attempt = await begun();
    const former = await openLoginSession(
      { sessions, clock, random: fakeWorld().random },
      { subject: 's', subjectHash: 'h' },
      undefined,
    );
    asked.length = 0;
    clock.advance(STATE_LIFE - 1);
    const result = await back(attempt, { code: 'c', iss: ISSUER }, former.cookie);
    const { state, nonce, codeVerifier, createdAt, stateHash } = attempt;
    const request = {
      state,
      nonce,
      codeVerifier,
      scope: ['openid', 'name'],
      redirectUri: 'https://rp.example/login/callback',
    };
    expect(asked).toEqual([['exchange', 'c', { ...request, begunAt: createdAt }, 'named']]);
    const { opened } = result;
    expect(result).toEqual({ outcome: { kind: 'done' }, returnTo: '/me', opened });
    expect(opened?.session).toMatchObject({
      idHash: hashOfCookie(opened?.cookie),
      subject: 'MARK-subject',
      subjectHash: SUBJECT_HASH,
      sid: 'sid-1',
      login: { revision: 1, idToken: 'MARK-id-token', refreshToken: 'MARK-refresh-token' },
    });
    expect([...sessions.sessions.keys()]).toEqual([opened?.session.idHash]);
    expect(logins.attempts.get(stateHash)?.outcome).toEqual({ kind: 'done' });
    const at = clock.now();
    expect(audit.events).toEqual([{ event: 'login.done', subject: SUBJECT_HASH, tenant: '', at }]);
    expect(confirmed).toEqual([[{ tenant: 'RP1', subjectHash: SUBJECT_HASH }, at]]);
    // again, and later: the stored outcome, and no session
    clock.advance(STATE_LIFE);
    expect(await back(attempt)).toEqual({ outcome: { kind: 'done' }, returnTo: '/me' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [STATE_LIFE - 1, 'accepted'],
    [STATE_LIFE, 'oidc.state'],
  ])('after %d ms: %s', async (gone, code) => {
    const { begun, back, clock } = bench();
    const attempt = await begun();
    clock.advance(gone);
    expect(await codeOf(back(attempt))).toBe(code);
  });

  it('without the browser that began, or in another: nothing is exchanged', async () => {
    const { begun, back, ports, asked, audit } = bench();
    const attempt = await begun();
    const query = new URLSearchParams({ state: attempt.state, code: 'c' });
    expect(await codeOf(handleLoginCallback(ports, query, undefined, undefined))).toBe('oidc.state');
    expect(await codeOf(back(attempt, { code: 'c' }, undefined, 'c'.repeat(64)))).toBe('oidc.state');
    expect(await codeOf(back({ ...attempt, state: 'other' }))).toBe('oidc.state');
    expect([asked.length, audit.events]).toEqual([1, []]);
  });

  it('at the same time as another: the other one’s outcome, or that it is under way', async () => {
    const outcomes: [LoginOutcome | undefined, object][] = [
      [{ kind: 'claimed' }, { kind: 'claimed' }],
      [{ kind: 'done' }, { kind: 'done' }],
      [{ kind: 'sent' }, { kind: 'claimed' }],
      [undefined, { kind: 'claimed' }],
    ];
    for (const [stored, outcome] of outcomes) {
      const { begun, back, logins, asked } = bench();
      const attempt = await begun();
      logins.claim = async () => {
        if (stored === undefined) logins.attempts.clear();
        else await logins.finish(attempt.stateHash, stored);
        return false;
      };
      expect(await back(attempt)).toEqual({ outcome, returnTo: '/me' });
      expect(asked).toHaveLength(1);
    }
  });

  const REFUSALS: readonly (readonly [string, Record<string, string>, Error | undefined])[] = [
    ['an error of the provider', { error: 'access_denied' }, undefined],
    ['a code that is refused', { code: 'c' }, new JitsuinError('upstream.final', '')],
    ['a token that is not believed', { code: 'c' }, new JitsuinError('oidc.nonce', '')],
  ];
  it.each(REFUSALS)(
    '%s: kept as the outcome, told in the chain, no session',
    async (_what, fields, error) => {
      const { begun, back, state, audit, sessions, logins, clock, confirmed } = bench({ passkeys: 'on' });
      const attempt = await begun();
      if (error !== undefined) state.exchanged = error;
      const { outcome, opened } = await back(attempt, fields);
      if (outcome.kind !== 'failed') throw new Error('it did not fail');
      const { code } = outcome.failure;
      expect(logins.attempts.get(attempt.stateHash)?.outcome).toEqual(outcome);
      expect(audit.events).toEqual([
        { event: 'login.refused', subject: '', tenant: '', at: clock.now(), code },
      ]);
      expect([opened, sessions.sessions.size, confirmed]).toEqual([undefined, 0, []]);
      if (error instanceof JitsuinError) expect(code).toBe(error.code);
    },
  );
});

describe('where a citizen’s attributes come from', () => {
  const all = { name: '模擬', address: '東京', birthdate: '2000-01-01', gender: 'female' };
  const kept = async (one: ReturnType<typeof bench>) => {
    const { opened, outcome } = await one.back(await one.begun());
    return outcome.kind === 'done' ? opened?.session.login?.attributes : outcome;
  };

  it('nowhere, the ID token, or UserInfo of that very sub, and those four alone', async () => {
    const none = bench({ attributes: 'none' });
    expect(await kept(none)).toBeUndefined();
    expect(none.asked.map(([name]) => name)).toEqual(['url', 'exchange']);
    const token = bench({ attributes: 'id-token' });
    token.state.exchanged = { ...FAKE_TOKENS, claims: { ...all, more: 'x' } } as TokenSet;
    expect(await kept(token)).toEqual(all);
    const without = bench({ attributes: 'id-token' });
    expect(await kept(without)).toBeUndefined();
    const userinfo = bench({ attributes: 'userinfo' });
    userinfo.state.users = [{ subject: 'MARK-subject', ...all, more: 'x' }];
    expect(await kept(userinfo)).toEqual(all);
    expect(userinfo.asked.at(-1)).toEqual(['userinfo', 'MARK-access-token', 'MARK-subject']);
  });

  it.each([
    ['an access token that is refused', 'upstream.refresh', ['userinfo', 'refresh', 'userinfo'], 'second'],
    ['a service that cannot now', 'upstream.temporary', ['userinfo', 'userinfo'], 'MARK-access-token'],
  ] as const)('%s: asked once more', async (_what, code, calls, token) => {
    const one = bench({ attributes: 'userinfo' });
    one.state.users = [new JitsuinError(code, ''), { subject: 'MARK-subject', name: '模擬' }];
    expect(await kept(one)).toEqual({ name: '模擬' });
    expect(one.asked.slice(2).map(([name]) => name)).toEqual(calls);
    expect(one.asked.at(-1)?.[1]).toBe(token);
  });

  it('of somebody else: no login, and nobody is asked again', async () => {
    const one = bench({ attributes: 'userinfo' });
    one.state.users = [new JitsuinError('oidc.subject', '')];
    expect(await kept(one)).toMatchObject({ kind: 'failed', failure: { code: 'oidc.subject' } });
    expect(one.asked).toHaveLength(3);
  });
});
