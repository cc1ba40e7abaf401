import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/strict-json.ts';

/** The part of the OpenID Provider metadata that we use; every URL is checked. */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Absent only where the rule makes it optional. */
  readonly userinfoEndpoint?: string;
  readonly jwksUri: string;
  /** Whether its answers to authorization requests say who sends them (RFC 9207 section 3). */
  readonly issuerInAnswers: boolean;
}

export interface MetadataRule {
  /** `allowed` is for the simulator on this machine: http on 127.0.0.1, [::1] or localhost. */
  readonly loopbackHttp: 'refused' | 'allowed';
  /** `optional` is for a broker that is never asked for UserInfo. Default `required`. */
  readonly userinfo?: 'required' | 'optional';
  /** Other origins on which endpoints may lie, for a broker that spreads them. Default: none. */
  readonly otherOrigins?: readonly string[];
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** True for http on this very machine. */
export function isLoopbackHttp(url: URL): boolean {
  return url.protocol === 'http:' && LOOPBACK.has(url.hostname);
}

/**
 * Discovery URL of an issuer (OpenID Connect Discovery 1.0 section 4).
 * @throws JitsuinError `oidc.metadata` when the issuer is not an https URL without query and fragment
 */
export function discoveryUrl(issuer: string, rule: MetadataRule): string {
  const url = secureUrl(issuer, rule, 'issuer');
  if (url.search !== '' || url.hash !== '' || issuer.includes('?') || issuer.includes('#'))
    throw bad('issuer');
  return `${issuer.endsWith('/') ? issuer.slice(0, -1) : issuer}/.well-known/openid-configuration`;
}

/**
 * Parsed JSON of the discovery document → metadata. `issuer` must equal the configured one exactly (OpenID Connect
 * Discovery 1.0 section 4.3), every endpoint must be https on the issuer's own origin.
 * @throws JitsuinError `oidc.metadata` (`at` names the member), `oidc.issuer`
 */
export function checkProviderMetadata(
  json: JsonValue | undefined,
  expectedIssuer: string,
  rule: MetadataRule,
): ProviderMetadata {
  if (!isJsonObject(json)) throw bad('');
  if (json['issuer'] !== expectedIssuer) {
    throw new JitsuinError('oidc.issuer', 'The discovery document names another issuer.', { at: 'issuer' });
  }
  const origins = new Set([secureUrl(expectedIssuer, rule, 'issuer').origin, ...(rule.otherOrigins ?? [])]);
  const endpoint = (name: string) => endpointUrl(json, name, origins, rule);
  return defined({
    issuer: expectedIssuer,
    authorizationEndpoint: endpoint('authorization_endpoint'),
    tokenEndpoint: endpoint('token_endpoint'),
    userinfoEndpoint: rule.userinfo === 'optional' ? undefined : endpoint('userinfo_endpoint'),
    jwksUri: endpoint('jwks_uri'),
    issuerInAnswers: json['authorization_response_iss_parameter_supported'] === true,
  });
}

function endpointUrl(
  json: JsonObject,
  name: string,
  origins: ReadonlySet<string>,
  rule: MetadataRule,
): string {
  const value = json[name];
  if (typeof value !== 'string') throw bad(name);
  const url = secureUrl(value, rule, name);
  if (!origins.has(url.origin) || url.hash !== '') throw bad(name);
  return value;
}

function secureUrl(value: string, rule: MetadataRule, at: string): URL {
  if (!URL.canParse(value)) throw bad(at);
  const url = new URL(value);
  const secure = url.protocol === 'https:' || (rule.loopbackHttp === 'allowed' && isLoopbackHttp(url));
  if (!secure || url.username !== '' || url.password !== '') throw bad(at);
  return url;
}

function bad(at: string): JitsuinError {
  return new JitsuinError(
    'oidc.metadata',
    'The OpenID Provider metadata do not hold what OpenID Connect Discovery section 3 wants at the place in "at".',
    { at },
  );
}
