import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { isUnused } from '../core/sign-transaction/unused.ts';
import type { TokenSet } from '../ports/auth-and-sign.ts';
import type { LoginPorts } from '../ports/login.ts';
import type { BrowserSession, CitizenAttributes, SessionLogin } from '../ports/session-store.ts';
import { attributesOf } from './login-attributes.ts';

/** Longer than a refresh may last; a refresh that began before was lost with its process. */
const ATTEMPT_MILLIS = 30_000;

/**
 * トークンリフレッシュ of a logged-in session: new tokens and the attributes as they are now. One refresh at a time for each
 * session, over all processes: the intention is committed before the refresh token leaves, since it may work once. A
 * refusal, another `sub`, or a refresh that was lost ends the session: the citizen logs in again. The session's own end
 * does not move.
 * @throws JitsuinError `store.conflict` (another refresh is under way), `upstream.*`, `oidc.*`
 */
export async function refreshLogin(ports: LoginPorts, session: BrowserSession): Promise<BrowserSession> {
  const begun = await begin(ports, session);
  const tokens = await ports.loginProvider
    .refresh(tokensOf(begun))
    .catch((thrown: unknown) => asJitsuinError(thrown));
  if (tokens instanceof JitsuinError) {
    if (isUnused(tokens)) await keep(ports, withLogin(begun, begun.login, {}));
    else await end(ports, begun, tokens);
    throw tokens;
  }
  const read = await attributesOf(ports, tokens).catch((thrown: unknown) => asJitsuinError(thrown));
  if (read instanceof JitsuinError) {
    if (read.retryable) await keep(ports, withTokens(begun, tokens, undefined));
    else await end(ports, begun, read);
    throw read;
  }
  const next = await keep(ports, withTokens(begun, read.tokens, read.attributes));
  const subject = session.subjectHash ?? '';
  await ports.audit.append({ event: 'login.refreshed', subject, tenant: '', at: ports.clock.now() });
  return next;
}

type LoggedIn = BrowserSession & { readonly login: SessionLogin; readonly subject: string };

async function begin(ports: LoginPorts, session: BrowserSession): Promise<LoggedIn> {
  const { login, subject } = session;
  if (login?.refreshToken === undefined || login.idToken === undefined || subject === undefined) {
    throw new JitsuinError('login.tokens-gone', 'This login came without a refresh token: log in anew.', {
      at: 'token',
    });
  }
  const now = ports.clock.now();
  if (login.refreshingSince !== undefined) {
    if (now - login.refreshingSince < ATTEMPT_MILLIS) throw conflict();
    const lost = new JitsuinError(
      'login.tokens-gone',
      'The answer to a refresh was lost and its token may be used up: log in anew.',
    );
    await end(ports, session, lost);
    throw lost;
  }
  const next = { ...withLogin(session, login, { refreshingSince: now }), subject };
  if (!(await ports.sessions.updateLogin(next))) throw conflict();
  return next;
}

function tokensOf({ login, subject, sid }: LoggedIn): TokenSet {
  return defined({
    accessToken: '',
    idToken: login.idToken ?? '',
    subject,
    expiresAt: 0 as EpochMillis,
    refreshToken: login.refreshToken,
    sid,
  });
}

function withTokens(
  session: LoggedIn,
  { idToken, refreshToken = session.login.refreshToken }: TokenSet,
  attributes: CitizenAttributes | undefined,
): BrowserSession {
  return withLogin(
    session,
    session.login,
    defined({
      idToken,
      refreshToken,
      attributes,
    }),
  );
}

/** @throws JitsuinError `store.conflict` when the session ended meanwhile */
async function keep(ports: LoginPorts, next: BrowserSession): Promise<BrowserSession> {
  if (await ports.sessions.updateLogin(next)) return next;
  throw conflict();
}

/** The next revision: what is kept of the login, without the mark of a refresh under way, and the changes. */
function withLogin(
  session: BrowserSession,
  login: SessionLogin,
  changes: Partial<SessionLogin>,
): BrowserSession & { readonly login: SessionLogin } {
  const { refreshingSince: _ended, ...kept } = login;
  return { ...session, login: { ...kept, ...changes, revision: login.revision + 1 } };
}

async function end(ports: LoginPorts, session: BrowserSession, error: JitsuinError): Promise<void> {
  await ports.sessions.delete(session.idHash);
  const subject = session.subjectHash ?? '';
  const at = ports.clock.now();
  await ports.audit.append({ event: 'login.ended', subject, tenant: '', at, code: error.code });
}

function conflict(): JitsuinError {
  return new JitsuinError('store.conflict', 'The session is being refreshed by another request.');
}
