import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { LogoutTokenClaims } from '../../../src/core/oidc/logout-token.ts';
import { backChannelLogout } from '../../../src/rp/back-channel-logout.ts';
import { handleCallback } from '../../../src/rp/callback.ts';
import { cancelApplication } from '../../../src/rp/cancel.ts';
import { findSession, hashOfCookie, openBrowserSession, openLoginSession } from '../../../src/rp/sessions.ts';
import { sweep } from '../../../src/rp/sweep.ts';
import { type FakeWorld, fakeWorld, hashSubject } from '../../support/fakes.ts';
import {
  authorized,
  authorizing,
  BROWSER,
  callbackQuery,
  fetched,
  opened,
  stored,
} from '../../support/flow.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const MINUTE = 60_000;

describe('sweep', () => {
  it('a callback that never comes ends as expired within 60 minutes', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    world.clock.advance(59 * MINUTE);
    expect((await sweep(world)).timedOut).toBe(0);
    world.clock.advance(MINUTE);
    expect((await sweep(world)).timedOut).toBe(1);
    expect((await stored(world, id)).state).toBe('expired');
    expect((await stored(world, id)).secrets).not.toHaveProperty('codeVerifier');
  });

  it('an exchange that a crash cut ends as restart-needed after two minutes', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    world.authAndSign.duringExchange = async () => {
      world.applications.crashNextUpdate = new Error('killed');
    };
    await expect(handleCallback(world, callbackQuery(world), BROWSER)).rejects.toThrow('killed');
    world.clock.advance(2 * MINUTE);
    await sweep(world);
    expect((await stored(world, id)).state).toBe('restart-needed');
    expect(world.authAndSign.calls.exchange).toBe(1);
  });

  it('gives a new job to what waits too long, once in its time, under another key', async () => {
    const world = fakeWorld();
    await authorized(world);
    const first = world.applications.jobs.at(-1);
    world.clock.advance(6 * MINUTE);
    expect((await sweep(world)).renewed).toBe(1);
    expect((await sweep(world)).renewed).toBe(0);
    const second = world.applications.jobs.at(-1);
    expect(second?.name).toBe('fetch-result');
    expect(second?.key).not.toBe(first?.key);
  });

  it('purges the document by its clock, in every end, and only then', async () => {
    const world = fakeWorld();
    const { id } = await opened(world);
    await cancelApplication(world, await stored(world, id), 'tenant');
    world.clock.advance(23 * 60 * MINUTE);
    expect((await sweep(world)).purged).toBe(0);
    world.clock.advance(2 * 60 * MINUTE);
    expect((await sweep(world)).purged).toBe(1);
    expect(await stored(world, id)).not.toHaveProperty('secrets');
    expect((await sweep(world)).purged).toBe(0);
  });

  it('purges a crowd in one round, not a page of it', async () => {
    const world = fakeWorld();
    for (let n = 0; n < 450; n += 1) {
      const { id } = await opened(world);
      await cancelApplication(world, await stored(world, id), 'tenant');
    }
    world.clock.advance(25 * 60 * MINUTE);
    expect((await sweep(world)).purged).toBe(450);
  });

  it('a lost race is nobody’s end', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    world.clock.advance(61 * MINUTE);
    world.applications.failNextUpdates = 1;
    expect((await sweep(world)).timedOut).toBe(0);
    expect((await stored(world, id)).state).toBe('authorizing');
  });
});

describe('cancelApplication', () => {
  it('ends what was not fetched, twice without effect', async () => {
    const world = fakeWorld();
    const { id } = await authorizing(world);
    const cancelled = await cancelApplication(world, await stored(world, id), 'tenant');
    expect(cancelled.state).toBe('cancelled');
    expect(await cancelApplication(world, cancelled, 'tenant')).toBe(cancelled);
    const { application } = await handleCallback(world, callbackQuery(world), BROWSER);
    expect(application.state).toBe('cancelled');
    expect(world.authAndSign.calls.exchange).toBe(0);
  });

  it('is refused once the result is in hand', async () => {
    const world = fakeWorld();
    const { id } = await fetched(world);
    await expect(cancelApplication(world, await stored(world, id), 'tenant')).rejects.toThrow(
      code('transaction.state'),
    );
  });
});

function logoutPorts(world: FakeWorld, claims: Partial<LogoutTokenClaims> | Error) {
  return {
    ...world,
    logoutTokens: {
      verify: async () => {
        if (claims instanceof Error) throw claims;
        const times = {
          issuedAt: world.clock.now(),
          replayableUntil: (world.clock.now() + 1000) as EpochMillis,
        };
        return { jti: 'j1', ...times, ...claims };
      },
    },
  };
}

describe('backChannelLogout', () => {
  const subject = 'MARK-subject';

  async function withSessions(world: FakeWorld, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await openLoginSession(world, { subject, subjectHash: hashSubject(subject) }, undefined);
    }
  }

  it('ends all sessions of the sub and cancels its running flow', async () => {
    const world = fakeWorld();
    await withSessions(world, 3);
    await openLoginSession(world, { subject: 'other', subjectHash: hashSubject('other') }, undefined);
    const { id } = await authorized(world);
    const counts = await backChannelLogout(logoutPorts(world, { subject }), 'token');
    expect(counts).toEqual({ kind: 'done', sessions: 3, cancelled: 1 });
    expect(world.sessions.sessions.size).toBe(1);
    expect((await stored(world, id)).state).toBe('cancelled');
    expect(JSON.stringify(world.audit.events)).not.toContain('MARK');
  });

  it('leaves a signature that is in hand alone', async () => {
    const world = fakeWorld();
    const { id } = await fetched(world);
    expect(await backChannelLogout(logoutPorts(world, { subject }), 'token')).toMatchObject({ cancelled: 0 });
    expect((await stored(world, id)).state).toBe('fetched');
  });

  it('20 replays at once: one effect', async () => {
    const world = fakeWorld();
    await withSessions(world, 1);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => backChannelLogout(logoutPorts(world, { subject }), 'token')),
    );
    expect(all.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect(all.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(1);
    await withSessions(world, 1);
    await backChannelLogout(logoutPorts(world, { subject }), 'token');
    expect(world.sessions.sessions.size).toBe(1);
  });

  it('an effect that failed gives the jti back: sent again it works', async () => {
    const world = fakeWorld();
    await withSessions(world, 1);
    const { endAll } = world.sessions;
    world.sessions.endAll = () => Promise.reject(new JitsuinError('store.unavailable', 'down'));
    const ports = logoutPorts(world, { subject });
    await expect(backChannelLogout(ports, 'token')).rejects.toThrow(code('store.unavailable'));
    world.sessions.endAll = endAll;
    expect(await backChannelLogout(ports, 'token')).toMatchObject({ kind: 'done', sessions: 1 });
  });

  it('an unknown sub is answered like a known one', async () => {
    const world = fakeWorld();
    const counts = await backChannelLogout(logoutPorts(world, { subject: 'nobody' }), 'token');
    expect(counts).toEqual({ kind: 'done', sessions: 0, cancelled: 0 });
  });

  it.each([
    ['a token that is refused', new JitsuinError('oidc.token-signature', 'no'), 'oidc.token-signature'],
    ['a token with a sid alone', { sid: 's' }, 'oidc.logout-token'],
  ])('%s touches no session', async (_name, claims, expected) => {
    const world = fakeWorld();
    await withSessions(world, 1);
    await expect(backChannelLogout(logoutPorts(world, claims), 'token')).rejects.toThrow(code(expected));
    expect(world.sessions.sessions.size).toBe(1);
    expect(world.replay.seen.size).toBe(0);
  });
});

describe('sessions', () => {
  it('a cookie value that we did not issue opens nothing, whatever its form', async () => {
    const world = fakeWorld();
    await openBrowserSession(world);
    for (const cookie of [undefined, '', 'x', 'A'.repeat(43), `${'A'.repeat(43)}=`]) {
      expect(await findSession(world, cookie)).toBeUndefined();
    }
  });

  it('the store holds the hash only; the session ends by its clock', async () => {
    const world = fakeWorld();
    const { cookie, session } = await openBrowserSession(world);
    expect(session.idHash).toBe(hashOfCookie(cookie));
    expect(JSON.stringify([...world.sessions.sessions.values()])).not.toContain(cookie);
    expect(await findSession(world, cookie)).toEqual(session);
    world.clock.advance(4 * 60 * MINUTE);
    expect(await findSession(world, cookie)).toBeUndefined();
  });

  it('every login gets a fresh value, and the one before it ends (no fixation)', async () => {
    const world = fakeWorld();
    const login = { subject: 's', subjectHash: 'h' };
    const first = await openLoginSession(world, login, undefined);
    const second = await openLoginSession(world, login, first.cookie);
    expect(second.cookie).not.toBe(first.cookie);
    expect(await findSession(world, first.cookie)).toBeUndefined();
    expect((await findSession(world, second.cookie))?.subjectHash).toBe('h');
  });
});
