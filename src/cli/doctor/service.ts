import { createClientTokens } from '../../adapters/auth-and-sign/client-token.ts';
import type { AuthAndSignOptions } from '../../adapters/auth-and-sign/options.ts';
import {
  createProvider,
  metadataRule,
  processKeySetResponse,
  processMetadataResponse,
} from '../../adapters/auth-and-sign/provider.ts';
import type { JitsuinError } from '../../core/errors.ts';
import { discoveryUrl } from '../../core/oidc/provider-metadata.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import { examineAuthorization } from './authorization.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

const CLOSE = 5_000;
/**
 * A service like Keycloak refuses assertions of 15 s ahead; the Date header is cut to whole seconds and was a while
 * under way.
 */
const FAR = 15_000;

/** Reachability, discovery with the exact issuer, clocks, keys; and, when asked for, one client token. */
export async function examineService(
  options: AuthAndSignOptions,
  name: string,
  withToken: boolean,
  registered?: Registered,
): Promise<readonly Finding[]> {
  const rule = metadataRule(options);
  const url = discoveryUrl(options.issuer, rule);
  let answer: HttpResponse | undefined;
  const reach = await examine(
    `${name}-reachable`,
    async () => {
      answer = await options.http.send({ method: 'GET', url });
      return passed(`${name}-reachable`, `${new URL(url).host} answered ${answer.status}.`);
    },
    networkAdvice,
  );
  if (answer === undefined) return [reach];
  const response = answer;
  const discovery = await examine(
    `${name}-discovery`,
    () => {
      processMetadataResponse(response, options.issuer, rule);
      return passed(`${name}-discovery`, `The discovery document names exactly ${options.issuer}.`);
    },
    () => 'Compare the issuer configured with the "issuer" of the discovery document, to the last slash.',
  );
  const clock = examineClock(`${name}-clock`, response, options.clock);
  if (discovery.state !== 'passed') return [reach, clock, discovery];
  const keys = await examineKeys(options, name);
  const token = withToken ? [await examineToken(options, name)] : [];
  const opened =
    registered === undefined ? [] : [await examineRegistration(`${name}-authorization`, options, registered)];
  return [reach, clock, discovery, keys, ...opened, ...token];
}

/** What of a client must be registered to the letter. */
export interface Registered {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: readonly string[];
}

async function examineRegistration(
  check: string,
  options: AuthAndSignOptions,
  { clientId, redirectUri, scope }: Registered,
): Promise<Finding> {
  const { authorizationEndpoint } = await createProvider(options).metadata();
  // "sign" goes with a transaction, which would have to be opened; client, address and the other scopes are judged
  // without
  const asked = scope.filter((word) => word !== 'sign');
  return examineAuthorization(check, {
    authorizationEndpoint,
    clientId,
    redirectUri,
    scope: asked,
    http: options.http,
  });
}

function examineClock(check: string, response: HttpResponse, clock: Clock): Finding {
  const theirs = Date.parse(response.headers['date'] ?? '');
  if (Number.isNaN(theirs)) {
    return { check, state: 'undecided', says: 'The answer has no Date header to compare the clock with.' };
  }
  const off = clock.now() - theirs;
  const says =
    `The clock here is ${Math.abs(off / 1000).toFixed(1)} s ${off < 0 ? 'behind' : 'ahead of'} ` +
    'the other side.';
  const advice =
    'Synchronize the clock (chronyd, systemd-timesyncd): the service refuses assertions from 15 s on.';
  if (Math.abs(off) >= FAR) return failed(check, says, advice, 'oidc.time');
  return Math.abs(off) >= CLOSE ? { check, state: 'warning', says, advice } : passed(check, says);
}

function examineKeys(options: AuthAndSignOptions, name: string): Promise<Finding> {
  const check = `${name}-keys`;
  return examine(check, async () => {
    const { jwksUri } = await createProvider(options).metadata();
    const keySet = processKeySetResponse(await options.http.send({ method: 'GET', url: jwksUri }), options);
    return passed(
      check,
      `${keySet.keys.length} ${options.tokenAlgorithm ?? 'ES256'} key(s) for tokens are published.`,
    );
  });
}

/** One client-credentials request: it proves client id, key and registration together. */
function examineToken(options: AuthAndSignOptions, name: string): Promise<Finding> {
  const check = `${name}-client`;
  return examine(
    check,
    async () => {
      await createClientTokens(options, createProvider(options)).get();
      return passed(check, 'Client id and key are registered: a client token was given.');
    },
    (error) =>
      error.kind === 'operator'
        ? 'Register the public key that "jitsuin rp keygen --show" prints as active for this client ' +
          'id, or activate the one that is registered.'
        : networkAdvice(error),
  );
}

function networkAdvice(error: JitsuinError): string {
  if (error.code === 'upstream.tls') {
    return (
      'The server certificate did not verify. Look at the check trust-store, and whether a proxy ' +
      'breaks TLS open. Never switch verification off.'
    );
  }
  return 'Look at DNS, firewall and proxy: this machine must reach the host on port 443.';
}
