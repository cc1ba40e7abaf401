import { defined } from '../core/defined.ts';
import { hexSha256 } from '../core/digest/sha256.ts';
import { toBase64Url } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import type { AuthorizationRequest } from '../ports/auth-and-sign.ts';
import type { RelyingParty } from './relying-party.ts';
import { startSignature } from './start-signature.ts';
import { isOverdue, step } from './step.ts';

const SECRET_OCTETS = 32;

/**
 * [08] Makes a fresh state, nonce and PKCE verifier, binds them to the citizen's browser, stores them, and gives
 * the URL to redirect to. With several tabs on one application the newest state wins; the callback of an older one
 * is refused. `browserHash`: hex SHA-256 of the `__Host-` cookie; `loginHash`: of the login's cookie, where
 * somebody is logged in: who signs must then be the same person.
 * @throws JitsuinError `upstream.*`, `transaction.state`, `transaction.expired`, `store.conflict`
 */
export async function authorize(
  ports: RelyingParty,
  application: Application,
  browserHash: string,
  loginHash?: string,
): Promise<string> {
  const opened = await startSignature(ports, application);
  if (opened.state !== 'opened' && opened.state !== 'authorizing') {
    throw new JitsuinError(
      'transaction.state',
      `The application can not be signed in state "${opened.state}".`,
    );
  }
  if (isOverdue(ports, opened)) {
    await step(ports, opened, { kind: 'timed-out' });
    throw new JitsuinError('transaction.expired', 'The application was not signed in its time.');
  }
  const fresh = {
    state: secret(ports),
    nonce: secret(ports),
    codeVerifier: secret(ports),
  };
  const url = await ports.authAndSign.authorizationUrl(requestOf(ports, opened, fresh));
  await step(
    ports,
    opened,
    defined({
      kind: 'citizen-sent',
      stateHash: hashOfState(fresh.state),
      browserHash,
      ...fresh,
      loginHash,
    }),
  );
  return url;
}

/** The authorization request again, as it was sent: the token request must repeat its redirect URI. */
export function requestOf(
  ports: Pick<RelyingParty, 'settings'>,
  application: Application,
  secrets: { readonly state: string; readonly nonce: string; readonly codeVerifier: string },
): AuthorizationRequest {
  const { redirectUri, scope } = ports.settings;
  const { signTransactionId } = application;
  return defined({
    state: secrets.state,
    nonce: secrets.nonce,
    codeVerifier: secrets.codeVerifier,
    scope,
    redirectUri,
    signTransactionId,
  });
}

/** Hex SHA-256 of `state`: what the store may look up by. */
export function hashOfState(state: string): string {
  return hexSha256(state);
}

/** 256 bits as 43 characters of base64url (a PKCE verifier has at least 43: RFC 7636 section 4.1). */
function secret(ports: RelyingParty): string {
  return toBase64Url(ports.random.octets(SECRET_OCTETS));
}
