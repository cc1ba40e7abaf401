import { defined } from '../core/defined.ts';
import { equalTexts } from '../core/digest/sha256.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { readCallback } from '../core/oidc/callback.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import { upstreamFailure } from '../core/sign-transaction/upstream-errors.ts';
import type { TokenSet } from '../ports/auth-and-sign.ts';
import { hashOfState, requestOf } from './authorize.ts';
import { tokensToKeep } from './fetch-result.ts';
import type { RelyingParty } from './relying-party.ts';
import { judgeSigner, type SignerPorts } from './signer.ts';
import { endByFailure, isOverdue, tryStep } from './step.ts';

/** What the browser is told next. `login` is there for the one callback that made the exchange. */
interface CallbackOutcome {
  readonly application: Application;
  readonly login?: { readonly subject: string; readonly subjectHash: string; readonly sid?: string };
}

/**
 * [11]–[15] Judges the redirect back: state, then the browser it was given to, then error parameters, then exactly one
 * code exchange. The step to `exchanging` is committed before the code leaves; callbacks that come at the same time or
 * later get the stored outcome. A code works once, so every failure of the exchange ends the application by name;
 * so does a signature of somebody other than who is logged in, and no session is opened for either. `browserHash`:
 * hex SHA-256 of the `__Host-` cookie, undefined without one.
 * @throws JitsuinError `oidc.state` (unknown, of another browser, too old), `oidc.issuer`, `oidc.callback-error`
 */
export async function handleCallback(
  ports: SignerPorts,
  query: URLSearchParams,
  browserHash: string | undefined,
): Promise<CallbackOutcome> {
  const callback = readCallback(query, ports.settings.issuer);
  const application = await findBound(ports, callback.state, browserHash);
  if (application.state !== 'authorizing') return { application };
  if (isOverdue(ports, application)) {
    const expired = await tryStep(ports, application, { kind: 'timed-out' });
    return { application: expired ?? (await storedOutcome(ports, application)) };
  }
  refuseOldState(ports, application);
  if (callback.kind === 'error') return endByRow(ports, application, callback.row);
  const exchanging = await tryStep(ports, application, { kind: 'code-received' });
  if (exchanging === undefined) return { application: await storedOutcome(ports, application) };
  return exchangeOnce(ports, exchanging, callback);
}

async function findBound(
  ports: RelyingParty,
  state: string,
  browserHash: string | undefined,
): Promise<Application> {
  const application = await ports.applications.findByStateHash(hashOfState(state));
  const bound = application?.secrets?.browserHash;
  if (
    application === undefined ||
    bound === undefined ||
    browserHash === undefined ||
    !equalTexts(bound, browserHash)
  ) {
    throw new JitsuinError('oidc.state', 'This browser has no signature under way for this callback.', {
      at: 'state',
    });
  }
  return application;
}

/** The citizen may be sent again with a new state while the application's own clock runs. */
function refuseOldState(ports: RelyingParty, application: Application): void {
  if (ports.clock.now() - application.updatedAt < ports.settings.stateLife) return;
  throw new JitsuinError('oidc.state', 'The state is too old.', { at: 'state' });
}

async function endByRow(
  ports: RelyingParty,
  application: Application,
  row: { readonly error: string; readonly errorDescription?: string },
): Promise<CallbackOutcome> {
  const answer = { status: 302, error: row.error, error_description: row.errorDescription };
  const error = upstreamFailure('authorization', answer);
  try {
    return { application: await endByFailure(ports, application, error, 'once') };
  } catch (thrown) {
    if (asJitsuinError(thrown).code !== 'store.conflict') throw thrown;
    return { application: await storedOutcome(ports, application) };
  }
}

async function exchangeOnce(
  ports: SignerPorts,
  application: Application,
  { code, sender }: { readonly code: string; readonly sender: 'named' | 'unnamed' },
): Promise<CallbackOutcome> {
  const { state, nonce, codeVerifier } = application.secrets ?? {};
  if (state === undefined || nonce === undefined || codeVerifier === undefined) {
    throw new JitsuinError(
      'internal.unexpected',
      'An application that is being authorized has lost its secrets.',
    );
  }
  const tokens = await ports.authAndSign
    .exchangeCode(code, requestOf(ports, application, { state, nonce, codeVerifier }), sender)
    .catch((thrown: unknown) => asJitsuinError(thrown));
  if (tokens instanceof JitsuinError) {
    return { application: await endByFailure(ports, application, tokens, 'once') };
  }
  return keepTokens(ports, application, tokens);
}

async function keepTokens(
  ports: SignerPorts,
  application: Application,
  tokens: TokenSet,
): Promise<CallbackOutcome> {
  const { subject, sid } = tokens;
  const subjectHash = ports.settings.hashSubject(subject);
  const signer = await judgeSigner(ports, application, subjectHash);
  if (signer instanceof JitsuinError) {
    return { application: await endByFailure(ports, application, signer, 'once') };
  }
  const authorized = await tryStep(ports, application, {
    kind: 'tokens-verified',
    tokens: tokensToKeep(tokens),
    subjectHash,
    ...signer,
  });
  if (authorized === undefined) return { application: await storedOutcome(ports, application) };
  return {
    application: authorized,
    login: defined({
      subject,
      subjectHash,
      sid,
    }),
  };
}

async function storedOutcome(ports: RelyingParty, application: Application): Promise<Application> {
  const stored = await ports.applications.withoutDocument(application.id);
  if (stored === undefined)
    throw new JitsuinError('record.not-found', 'The application was deleted meanwhile.');
  return stored;
}
