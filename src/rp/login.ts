import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { equalTexts } from '../core/digest/sha256.ts';
import { toBase64Url } from '../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { type AuthorizationCallback, readCallback } from '../core/oidc/callback.ts';
import { failureOf } from '../core/sign-transaction/failure.ts';
import { upstreamFailure } from '../core/sign-transaction/upstream-errors.ts';
import type { AuthorizationRequest } from '../ports/auth-and-sign.ts';
import type { LoginPorts } from '../ports/login.ts';
import type { LoginAttempt, LoginOutcome } from '../ports/login-store.ts';
import { hashOfState } from './authorize.ts';
import { attributesOf } from './login-attributes.ts';
import { type OpenedSession, openLoginSession } from './sessions.ts';

/** What the browser is told after a callback. `opened` is there for the one callback that made the exchange. */
export interface LoginResult {
  readonly outcome: Exclude<LoginOutcome, { kind: 'sent' }>;
  readonly returnTo: string;
  readonly opened?: OpenedSession;
}

const SECRET_OCTETS = 32;

/**
 * [02], [03] of the sequence 認証: a fresh state, nonce and PKCE verifier, bound to the citizen's browser and stored;
 * gives the URL to redirect to. There is no sign transaction in it. `browserHash`: hex SHA-256 of the `__Host-`
 * cookie.
 * @throws JitsuinError `upstream.*`, `oidc.metadata`, `oidc.issuer` when the provider's metadata cannot be had or
 * believed
 */
export async function beginLogin(ports: LoginPorts, browserHash: string, returnTo: string): Promise<string> {
  const now = ports.clock.now();
  const secrets = { state: secret(ports), nonce: secret(ports), codeVerifier: secret(ports) };
  const url = await ports.loginProvider.authorizationUrl(requestOf(ports, secrets));
  await ports.logins.insert({
    stateHash: hashOfState(secrets.state),
    browserHash,
    ...secrets,
    returnTo,
    outcome: { kind: 'sent' },
    createdAt: now,
    expiresAt: (now + ports.loginSettings.stateLife) as EpochMillis,
  });
  return url;
}

/**
 * [05]–[12] of the sequence 認証: judges the redirect back (state, then the browser it was given to, then error
 * parameters), exchanges the code exactly once, has the ID token judged, reads the attributes of the same `sub`,
 * and opens a session under a fresh cookie value. Callbacks that come at the same time or later get the stored
 * outcome. `formerCookie`: value of the login cookie that the browser held before; its session ends.
 * @throws JitsuinError `oidc.state` (unknown, of another browser, too old), `oidc.issuer`, `oidc.callback-error`
 */
export async function handleLoginCallback(
  ports: LoginPorts,
  query: URLSearchParams,
  browserHash: string | undefined,
  formerCookie: string | undefined,
): Promise<LoginResult> {
  const callback = readCallback(query, ports.loginSettings.issuer);
  const attempt = await findBound(ports, callback.state, browserHash);
  const { outcome, returnTo } = attempt;
  if (outcome.kind !== 'sent') return { outcome, returnTo };
  if (ports.clock.now() >= attempt.expiresAt) throw stateError('The state is too old.');
  if (!(await ports.logins.claim(attempt.stateHash))) {
    const stored = await ports.logins.find(attempt.stateHash);
    const claimed = stored === undefined || stored.outcome.kind === 'sent';
    return { outcome: claimed ? { kind: 'claimed' } : stored.outcome, returnTo };
  }
  return finish(ports, attempt, callback, formerCookie);
}

async function finish(
  ports: LoginPorts,
  attempt: LoginAttempt,
  callback: AuthorizationCallback,
  formerCookie: string | undefined,
): Promise<LoginResult> {
  const { returnTo, stateHash } = attempt;
  const opened = await logIn(ports, attempt, callback, formerCookie).catch((thrown: unknown) =>
    asJitsuinError(thrown),
  );
  const at = ports.clock.now();
  if (opened instanceof JitsuinError) {
    const outcome: LoginOutcome = { kind: 'failed', failure: failureOf(opened) };
    await ports.logins.finish(stateHash, outcome);
    await ports.audit.append({ event: 'login.refused', subject: '', tenant: '', at, code: opened.code });
    return { outcome, returnTo };
  }
  await ports.logins.finish(stateHash, { kind: 'done' });
  const subject = opened.session.subjectHash ?? '';
  const { store, tenant } = ports.passkeys ?? {};
  if (tenant !== undefined) await store?.confirmCard({ tenant, subjectHash: subject }, at);
  await ports.audit.append({ event: 'login.done', subject, tenant: '', at });
  return { outcome: { kind: 'done' }, returnTo, opened };
}

async function logIn(
  ports: LoginPorts,
  attempt: LoginAttempt,
  callback: AuthorizationCallback,
  formerCookie: string | undefined,
): Promise<OpenedSession> {
  if (callback.kind === 'error') {
    const { error, errorDescription } = callback.row;
    throw upstreamFailure('authorization', { status: 302, error, error_description: errorDescription });
  }
  const exchanged = await ports.loginProvider.exchangeCode(
    callback.code,
    { ...requestOf(ports, attempt), begunAt: attempt.createdAt },
    callback.sender,
  );
  const { tokens, attributes } = await attributesOf(ports, exchanged);
  const { subject, sid, idToken, refreshToken } = tokens;
  const login = defined({
    subject,
    subjectHash: ports.loginSettings.hashSubject(subject),
    sid,
    login: defined({
      revision: 1,
      idToken,
      refreshToken,
      attributes,
    }),
  });
  return openLoginSession(ports, login, formerCookie);
}

async function findBound(
  ports: LoginPorts,
  state: string,
  browserHash: string | undefined,
): Promise<LoginAttempt> {
  const attempt = await ports.logins.find(hashOfState(state));
  if (attempt === undefined || browserHash === undefined || !equalTexts(attempt.browserHash, browserHash)) {
    throw stateError('This browser has no login under way for this callback.');
  }
  return attempt;
}

function requestOf(
  ports: Pick<LoginPorts, 'loginSettings'>,
  { state, nonce, codeVerifier }: Pick<LoginAttempt, 'state' | 'nonce' | 'codeVerifier'>,
): AuthorizationRequest {
  const { scope, redirectUri } = ports.loginSettings;
  return { state, nonce, codeVerifier, scope, redirectUri };
}

function stateError(message: string): JitsuinError {
  return new JitsuinError('oidc.state', message, { at: 'state' });
}

function secret(ports: Pick<LoginPorts, 'random'>): string {
  return toBase64Url(ports.random.octets(SECRET_OCTETS));
}
