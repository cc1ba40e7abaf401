import { randomBytes } from 'node:crypto';
import { authorizationRequestUrl, pkceChallenge } from '../../core/oidc/authorization-request.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

interface OpenedEndpoint {
  readonly authorizationEndpoint: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: readonly string[];
  /** The origin itself answers; another site that our own redirect leads to counts as refused by the provider. */
  readonly http: HttpClient;
}

/**
 * Opens the authorization endpoint as a browser does, with our client and redirect URI, and goes no further:
 * whoever registers another address is told here and not by the first citizen.
 */
export function examineAuthorization(check: string, endpoint: OpenedEndpoint): Promise<Finding> {
  const random = () => randomBytes(32).toString('base64url');
  return examine(check, async () => {
    const { authorizationEndpoint, clientId, redirectUri, scope } = endpoint;
    const codeChallenge = pkceChallenge(random());
    const request = { clientId, redirectUri, scope, state: random(), nonce: random(), codeChallenge };
    const url = authorizationRequestUrl(authorizationEndpoint, request);
    const { status, headers, body } = await endpoint.http.send({ method: 'GET', url });
    const { location } = headers;
    const error = location === undefined ? undefined : errorSentTo(location, redirectUri);
    if (error !== undefined) {
      return failed(
        check,
        `The service sent "${error}" to our redirect URI: it knows client and address, and refuses the request.`,
        error === 'unauthorized_client' || error === 'access_denied'
          ? 'The client is disabled at the service, or may not log people in: ask the Digital Agency.'
          : 'Compare the scopes that were granted with those that this role asks for.',
        'oidc.request',
      );
    }
    if (status < 400)
      return passed(check, `The authorization endpoint takes client ${clientId} with ${redirectUri}.`);
    const [says, advice] = refusal(status, new TextDecoder().decode(body), endpoint);
    if (status >= 500) return { check, state: 'undecided', says, advice };
    return failed(check, says, advice, 'upstream.operator');
  });
}

function errorSentTo(location: string, redirectUri: string): string | undefined {
  if (!URL.canParse(location) || !location.startsWith(redirectUri)) return undefined;
  return (new URL(location).searchParams.get('error') ?? '').replace(/[^a-z_]/g, '') || undefined;
}

/** What the page says is a stranger's text: only whether it names a parameter is read. */
function refusal(
  status: number,
  page: string,
  { clientId, redirectUri }: OpenedEndpoint,
): readonly [string, string] {
  if (status >= 500 || status === 429)
    return [
      `The authorization endpoint answered ${status}.`,
      'Try again later; the service may be under maintenance.',
    ];
  if (status === 404)
    return [
      'The authorization endpoint is not there (404).',
      'Compare the issuer with the one of this environment.',
    ];
  if (/redirect_uri/i.test(page))
    return [
      `The service does not know the redirect URI ${redirectUri} for client ${clientId}.`,
      'Register exactly this address, or set JITSUIN_PUBLIC_URL to what is registered: scheme, ' +
        'host, port, path and the last slash count.',
    ];
  if (/client/i.test(page))
    return [
      `The service does not know the client ${clientId}.`,
      'Compare JITSUIN_CLIENT_ID with the registration, and the issuer with its environment (sandbox or production).',
    ];
  return [
    `The authorization endpoint refused our request (${status}).`,
    `Compare client ${clientId} and redirect URI ${redirectUri} with the registration, to the letter.`,
  ];
}
