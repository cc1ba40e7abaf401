import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import type { LoginAttempt } from '../../../src/ports/login-store.ts';
import type { BrowserSession } from '../../../src/ports/session-store.ts';
import { code } from './code.ts';
import { at, SESSION } from './records.ts';

const ATTEMPT: LoginAttempt = {
  stateHash: 'state-1',
  browserHash: 'MARK-browser',
  state: 'MARK-state',
  nonce: 'MARK-nonce',
  codeVerifier: 'MARK-verifier',
  returnTo: '/account',
  outcome: { kind: 'sent' },
  createdAt: at(1),
  expiresAt: at(10),
};

const LOGIN = {
  revision: 1,
  idToken: 'MARK-id',
  refreshToken: 'MARK-refresh',
  attributes: { name: 'MARK-name' },
};

export function loginBehaviour(store: () => Store): void {
  it('keeps an attempt to log in, lets one claim it, keeps its end, purges it by its clock', async () => {
    const { logins } = store();
    await logins.insert(ATTEMPT);
    expect(await logins.find('state-1')).toEqual(ATTEMPT);
    expect(await logins.find('unknown')).toBeUndefined();
    const claims = await Promise.all(Array.from({ length: 20 }, () => logins.claim('state-1')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect((await logins.find('state-1'))?.outcome).toEqual({ kind: 'claimed' });
    const failure = { code: 'upstream.citizen', row: 'authorization-7' } as const;
    await logins.finish('state-1', { kind: 'failed', failure });
    await logins.finish('state-1', { kind: 'done' });
    expect((await logins.find('state-1'))?.outcome).toEqual({ kind: 'failed', failure });
    expect(await logins.claim('state-1')).toBe(false);
    expect(await logins.purge(at(10))).toBe(0);
    expect(await logins.purge(at(11))).toBe(1);
    expect(await logins.find('state-1')).toBeUndefined();
  });

  it('changes what a login left by compare-and-set; an older value put back does not open; it goes with the session', async () => {
    const { sessions, kysely } = store();
    const first: BrowserSession = {
      ...SESSION,
      idHash: 'l1',
      subject: 'MARK-sub',
      subjectHash: 'lh',
      login: LOGIN,
    };
    await sessions.put(first);
    expect(await sessions.get('l1')).toEqual(first);
    const older = await kysely
      .selectFrom('browser_sessions')
      .select('sealed_login')
      .where('id_hash', '=', 'l1')
      .executeTakeFirstOrThrow();
    const next = { ...first, login: { ...LOGIN, revision: 2, attributes: { name: 'MARK-other' } } };
    const tries = await Promise.all(Array.from({ length: 5 }, () => sessions.updateLogin(next)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await sessions.get('l1')).toEqual(next);
    await sql`update browser_sessions set sealed_login = ${older.sealed_login} where id_hash = 'l1'`.execute(
      kysely,
    );
    await expect(sessions.get('l1')).rejects.toEqual(code('seal.integrity'));
    expect(await sessions.updateLogin({ ...next, idHash: 'gone', login: { ...LOGIN, revision: 3 } })).toBe(
      false,
    );
    await sessions.delete('l1');
    expect(await sessions.get('l1')).toBeUndefined();
  });
}
