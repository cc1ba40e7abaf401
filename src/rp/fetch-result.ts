import type { ApplicationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import type { Application, ApplicationSecrets } from '../core/sign-transaction/application.ts';
import type { ApplicationEvent, KeptTokens } from '../core/sign-transaction/events.ts';
import { consequenceOf } from '../core/sign-transaction/failure.ts';
import type { ClearResult, EncryptedResult, TokenSet } from '../ports/auth-and-sign.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import type { RelyingParty } from './relying-party.ts';
import { type CompareSignerName, judgeSignerName, type SignerPorts } from './signer.ts';
import { endByFailure, isOverdue, step } from './step.ts';

/** What `fetchResult` works with; `compareSignerName`: at gov, which sees certificates. */
interface FetchPorts extends SignerPorts {
  readonly compareSignerName?: CompareSignerName;
}

const DONE: JobOutcome = { kind: 'done' };

/**
 * [16], [17] Fetches the result with the citizen's access token and seals it as received. A 401 is answered by one
 * refresh of the tokens, then one more try. Reading is safe to repeat; the run that commits first wins. At gov the
 * name in the certificate is compared before anything is kept.
 * @throws JitsuinError `upstream.*` when the queue shall try again
 */
export async function fetchResult(ports: FetchPorts, id: ApplicationId): Promise<JobOutcome> {
  const application = await ports.applications.withoutDocument(id);
  if (application?.state !== 'authorized') return DONE;
  if (isOverdue(ports, application)) {
    await step(ports, application, { kind: 'timed-out' });
    return DONE;
  }
  const first = await ask(ports, application);
  if (!(first instanceof JitsuinError)) return keepResult(ports, application, first);
  if (consequenceOf(first).kind !== 'refresh') return endOrRetry(ports, application, first, 'may-repeat');
  const refreshed = await refreshTokens(ports, application);
  if (refreshed === undefined) return DONE;
  const second = await ask(ports, refreshed);
  if (!(second instanceof JitsuinError)) return keepResult(ports, refreshed, second);
  const stillRefused = consequenceOf(second).kind === 'refresh';
  return endOrRetry(ports, refreshed, second, stillRefused ? 'once' : 'may-repeat');
}

async function ask(
  ports: RelyingParty,
  application: Application,
): Promise<EncryptedResult | ClearResult | JitsuinError> {
  const accessToken = application.secrets?.accessToken;
  if (application.signTransactionId === undefined || accessToken === undefined) {
    return new JitsuinError(
      'login.tokens-gone',
      'The tokens of this application are gone: the citizen signs anew.',
    );
  }
  return ports.authAndSign
    .fetchResult(application.signTransactionId, accessToken)
    .catch((thrown: unknown) => asJitsuinError(thrown));
}

async function keepResult(
  ports: FetchPorts,
  application: Application,
  result: EncryptedResult | ClearResult,
): Promise<JobOutcome> {
  const refused =
    result.kind === 'clear' ? await judgeSignerName(ports, application, result.certificate) : undefined;
  if (refused !== undefined) return endOrRetry(ports, application, refused, 'once');
  const event: ApplicationEvent =
    result.kind === 'encrypted'
      ? { kind: 'encrypted-result', jwe: result.jwe }
      : { kind: 'clear-result', certificate: result.certificate, signatureValue: result.signatureValue };
  await step(ports, application, event);
  return DONE;
}

async function endOrRetry(
  ports: RelyingParty,
  application: Application,
  error: JitsuinError,
  repeat: 'may-repeat' | 'once',
): Promise<JobOutcome> {
  await endByFailure(ports, application, error, repeat);
  return DONE;
}

/** One refresh; undefined when the application ended by it. A refresh token may work once: nothing is repeated. */
async function refreshTokens(
  ports: RelyingParty,
  application: Application,
): Promise<Application | undefined> {
  const kept = keptTokens(application.secrets);
  const answer =
    kept === undefined
      ? new JitsuinError(
          'login.tokens-gone',
          'The service gave no refresh token for this application: the citizen signs anew.',
        )
      : await ports.authAndSign.refresh(kept).catch((thrown: unknown) => asJitsuinError(thrown));
  if (answer instanceof JitsuinError) {
    await endByFailure(ports, application, answer, 'once');
    return undefined;
  }
  return step(ports, application, { kind: 'tokens-refreshed', tokens: tokensToKeep(answer) });
}

function keptTokens(secrets: ApplicationSecrets | undefined): TokenSet | undefined {
  const { accessToken, refreshToken, idToken, subject } = secrets ?? {};
  if (accessToken === undefined || refreshToken === undefined) return undefined;
  if (idToken === undefined || subject === undefined) return undefined;
  return { accessToken, refreshToken, idToken, subject, expiresAt: 0 as TokenSet['expiresAt'] };
}

/** What of a token set is stored. */
export function tokensToKeep(tokens: TokenSet): KeptTokens {
  const { accessToken, refreshToken, idToken, subject } = tokens;
  return defined({
    accessToken,
    refreshToken,
    idToken,
    subject,
  });
}
