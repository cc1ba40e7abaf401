import { JitsuinError } from '../core/errors.ts';
import type { LogoutTokens } from '../ports/logout-tokens.ts';
import type { PasskeyStore } from '../ports/passkey-store.ts';
import type { ReplayStore } from '../ports/replay-store.ts';
import type { SessionStore } from '../ports/session-store.ts';
import type { RelyingParty } from './relying-party.ts';
import { tryStep } from './step.ts';

export interface LogoutPorts extends RelyingParty {
  readonly logoutTokens: LogoutTokens;
  readonly replay: ReplayStore;
  readonly sessions: SessionStore;
  readonly passkeys: Pick<PasskeyStore, 'sleep' | 'purge'>;
}

interface LogoutCounts {
  /** `replayed`: this jti was seen before; nothing was done. */
  readonly kind: 'done' | 'replayed';
  readonly sessions: number;
  readonly cancelled: number;
}

/**
 * OpenID Connect Back-Channel Logout 1.0 section 2.5 and the guideline (logout トークンの検証): ends all sessions of the
 * sub and cancels its flows whose result was not fetched yet. A signature that is in our hands already goes its
 * way: the citizen made it, and no token of the citizen is used for it any more. Its passkeys fall asleep: the
 * guideline's token does not tell a logout from an unlinking or a deleted account. What failed half-way gives its
 * jti back, so that the service may send the token again. The guideline matches by `sub`; a token with a `sid`
 * alone is refused.
 * @throws JitsuinError as the judge; `oidc.logout-token` without `sub`
 */
export async function backChannelLogout(ports: LogoutPorts, token: unknown): Promise<LogoutCounts> {
  const claims = await ports.logoutTokens.verify(token);
  if (claims.subject === undefined) {
    throw new JitsuinError('oidc.logout-token', 'The logout token names no sub.', { at: 'logout_token' });
  }
  const value = `${ports.settings.issuer} ${claims.jti}`;
  if (!(await ports.replay.remember('logout-jti', value, claims.replayableUntil, claims.issuedAt))) {
    return { kind: 'replayed', sessions: 0, cancelled: 0 };
  }
  const subjectHash = ports.settings.hashSubject(claims.subject);
  const { sessions, cancelled } = await endAll(ports, subjectHash).catch(async (thrown: unknown) => {
    await ports.replay.forget('logout-jti', value);
    throw thrown;
  });
  await ports.audit.append({
    event: 'session.logged-out',
    subject: subjectHash,
    tenant: '',
    at: ports.clock.now(),
    facts: { sessions, cancelled },
  });
  return { kind: 'done', sessions, cancelled };
}

async function endAll(ports: LogoutPorts, subjectHash: string): Promise<Omit<LogoutCounts, 'kind'>> {
  await ports.passkeys.sleep(subjectHash);
  const sessions = await ports.sessions.endAll(subjectHash);
  let cancelled = 0;
  for (const application of await ports.applications.findBySubjectHash(subjectHash, ['authorized'])) {
    const step = await tryStep(ports, application, { kind: 'cancelled', by: 'logout' });
    if (step !== undefined) cancelled += 1;
  }
  return { sessions, cancelled };
}
