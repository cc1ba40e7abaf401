import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { type Environment, type RelyingPartyConfig, readEnvironment, secureUrl } from './relying-party.ts';

/** The login (認証) of a relying party: at the service itself, or at a broker in front of it. Signing is never brokered. */

const SCOPE = /^openid(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;
const SERVICE_SCOPE = /^openid(?: (?:name|address|birthdate|gender))*$/;

const loginSchema = z.object({
  JITSUIN_LOGIN: z.enum(['off', 'service', 'broker']).default('off'),
  JITSUIN_PASSKEY: z.enum(['off', 'on']).default('off'),
  JITSUIN_PASSKEY_DAYS: z.coerce.number().int().min(1).max(3650).default(365),
  JITSUIN_PASSKEY_NAME: z.string().min(1).max(64).optional(),
  JITSUIN_SIGNER_LOGIN: z.enum(['optional', 'required']).default('optional'),
  JITSUIN_LOGIN_SCOPE: z.string().regex(SCOPE).optional(),
  JITSUIN_LOGIN_REDIRECT_URI: z.url().max(255).optional(),
  JITSUIN_LOGIN_ATTRIBUTES: z.enum(['userinfo', 'id-token', 'none']).optional(),
  JITSUIN_LOGIN_ACR_VALUES: z
    .string()
    .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/)
    .optional(),
  JITSUIN_LOGIN_ISSUER: z.url().optional(),
  JITSUIN_LOGIN_CLIENT_ID: z
    .string()
    .regex(/^[0-9a-zA-Z-]{1,255}$/)
    .optional(),
  JITSUIN_LOGIN_CLIENT_AUTHENTICATION: z
    .enum(['private_key_jwt', 'client_secret_basic', 'client_secret_post'])
    .optional(),
  JITSUIN_LOGIN_CLIENT_KEY_FILE: z.string().min(1).optional(),
  JITSUIN_LOGIN_CLIENT_SECRET_FILE: z.string().min(1).optional(),
  JITSUIN_LOGIN_TOKEN_ALGORITHM: z.enum(['ES256', 'RS256']).optional(),
  JITSUIN_LOGIN_KEY_ALGORITHM: z.enum(['required', 'if-present']).optional(),
  JITSUIN_LOGIN_AT_HASH: z.enum(['required', 'if-present']).optional(),
  JITSUIN_LOGIN_ENDPOINT_ORIGINS: z.string().optional(),
});
type LoginVariables = z.infer<typeof loginSchema>;

export type ClientAuthentication =
  | { readonly method: 'private_key_jwt'; readonly keyFile: string }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secretFile: string };

export interface LoginConfig {
  readonly provider: 'service' | 'broker';
  readonly issuer: string;
  readonly clientId: string;
  readonly client: ClientAuthentication;
  readonly redirectUri: string;
  readonly scope: readonly string[];
  readonly attributes: 'userinfo' | 'id-token' | 'none';
  readonly acrValues?: string;
  /** Algorithm of ID tokens. */
  readonly tokenAlgorithm: 'ES256' | 'RS256';
  /** Whether each key of the JWK Set must name its algorithm itself. */
  readonly keyAlgorithm: 'required' | 'if-present';
  readonly atHash: 'required' | 'if-present';
  /** Origins beside the issuer's own on which a broker keeps endpoints. */
  readonly endpointOrigins: readonly string[];
}

/** What describes a broker; at the service itself all of it is known. */
const BROKER_ONLY = [
  'JITSUIN_LOGIN_ISSUER',
  'JITSUIN_LOGIN_CLIENT_ID',
  'JITSUIN_LOGIN_CLIENT_AUTHENTICATION',
  'JITSUIN_LOGIN_CLIENT_KEY_FILE',
  'JITSUIN_LOGIN_CLIENT_SECRET_FILE',
  'JITSUIN_LOGIN_TOKEN_ALGORITHM',
  'JITSUIN_LOGIN_KEY_ALGORITHM',
  'JITSUIN_LOGIN_AT_HASH',
  'JITSUIN_LOGIN_ENDPOINT_ORIGINS',
] as const satisfies readonly (keyof LoginVariables)[];

/** Part of the configuration of sp and gov. */
export interface LoginPart {
  /** Absent: nobody logs in here, citizens only sign. */
  readonly login?: LoginConfig;
  /** Whether only a citizen who is logged in may sign. */
  readonly signerLogin: 'optional' | 'required';
  /** Absent: citizens log in by card only. */
  readonly passkeys?: PasskeyConfig;
  /** Milliseconds after the last login by card in which a passkey logs in. */
  readonly passkeyLife: number;
}

/** WebAuthn's words for who we are; both are compared exactly. */
export interface PasskeyConfig {
  readonly rpId: string;
  readonly origin: string;
  /** What the authenticator shows as the place. */
  readonly rpName: string;
}

const DAY = 24 * 60 * 60_000;

/**
 * Reads the login's configuration; no login when JITSUIN_LOGIN is off.
 * @throws JitsuinError `config.invalid` with the variable's name in `at`
 */
export function readLoginConfig(env: Environment, shared: RelyingPartyConfig): LoginPart {
  const read = readEnvironment(loginSchema, env);
  const signerLogin = read.JITSUIN_SIGNER_LOGIN;
  const part = { signerLogin, passkeyLife: read.JITSUIN_PASSKEY_DAYS * DAY, ...passkeys(read, shared) };
  switch (read.JITSUIN_LOGIN) {
    case 'off':
      if (signerLogin === 'required') throw invalid('JITSUIN_SIGNER_LOGIN', 'needs JITSUIN_LOGIN');
      return part;
    case 'service':
      return { ...part, login: atService(read, shared) };
    case 'broker':
      return { ...part, login: atBroker(read, shared) };
  }
}

/** A relying party id is a name, never an address (WebAuthn Level 3, section 5.1.2). */
function passkeys(read: LoginVariables, { publicUrl }: RelyingPartyConfig): Pick<LoginPart, 'passkeys'> {
  const at = 'JITSUIN_PASSKEY';
  if (read[at] === 'off') return {};
  if (read.JITSUIN_LOGIN === 'off')
    throw invalid(at, 'needs JITSUIN_LOGIN: a passkey follows a login by card');
  const { hostname, origin } = new URL(publicUrl);
  if (/^\[|^[\d.]+$/.test(hostname)) throw invalid(at, 'needs a name, not an address, in JITSUIN_PUBLIC_URL');
  return { passkeys: { rpId: hostname, origin, rpName: read.JITSUIN_PASSKEY_NAME ?? hostname } };
}

function atService(read: LoginVariables, shared: RelyingPartyConfig): LoginConfig {
  const stray = BROKER_ONLY.find((name) => read[name] !== undefined);
  if (stray !== undefined) throw invalid(stray, 'is for JITSUIN_LOGIN=broker only');
  const scope = read.JITSUIN_LOGIN_SCOPE ?? 'openid name address birthdate gender';
  if (!SERVICE_SCOPE.test(scope)) {
    throw invalid('JITSUIN_LOGIN_SCOPE', 'may hold openid, name, address, birthdate and gender only');
  }
  const acrValues = read.JITSUIN_LOGIN_ACR_VALUES ?? shared.acrValues;
  return defined({
    provider: 'service',
    issuer: shared.issuer,
    clientId: shared.clientId,
    client: { method: 'private_key_jwt', keyFile: shared.clientKeyFile },
    redirectUri: redirectUri(read, shared),
    scope: scope.split(' '),
    attributes: read.JITSUIN_LOGIN_ATTRIBUTES ?? (scope === 'openid' ? 'none' : 'userinfo'),
    acrValues,
    tokenAlgorithm: 'ES256',
    keyAlgorithm: 'required',
    atHash: 'required',
    endpointOrigins: [],
  });
}

function atBroker(read: LoginVariables, shared: RelyingPartyConfig): LoginConfig {
  const issuer = needed(read, 'JITSUIN_LOGIN_ISSUER');
  if (issuer === shared.issuer) {
    throw invalid('JITSUIN_LOGIN_ISSUER', 'is the service itself; set JITSUIN_LOGIN=service');
  }
  const scope = read.JITSUIN_LOGIN_SCOPE ?? 'openid';
  if (scope.split(' ').includes('sign')) {
    throw invalid('JITSUIN_LOGIN_SCOPE', 'may not hold "sign": signing always goes to the service');
  }
  const acrValues = read.JITSUIN_LOGIN_ACR_VALUES;
  return defined({
    provider: 'broker',
    issuer: secureUrl(issuer, 'JITSUIN_LOGIN_ISSUER', shared.loopbackHttp),
    clientId: needed(read, 'JITSUIN_LOGIN_CLIENT_ID'),
    client: clientAuthentication(read),
    redirectUri: redirectUri(read, shared),
    scope: scope.split(' '),
    attributes: read.JITSUIN_LOGIN_ATTRIBUTES ?? (scope === 'openid' ? 'none' : 'userinfo'),
    acrValues,
    tokenAlgorithm: read.JITSUIN_LOGIN_TOKEN_ALGORITHM ?? 'ES256',
    keyAlgorithm: read.JITSUIN_LOGIN_KEY_ALGORITHM ?? 'required',
    atHash: read.JITSUIN_LOGIN_AT_HASH ?? 'required',
    endpointOrigins: endpointOrigins(read, shared),
  });
}

function clientAuthentication(read: LoginVariables): ClientAuthentication {
  const method = read.JITSUIN_LOGIN_CLIENT_AUTHENTICATION ?? 'private_key_jwt';
  if (method === 'private_key_jwt') {
    if (read.JITSUIN_LOGIN_CLIENT_SECRET_FILE !== undefined) {
      throw invalid('JITSUIN_LOGIN_CLIENT_SECRET_FILE', 'is not used by private_key_jwt');
    }
    return { method, keyFile: needed(read, 'JITSUIN_LOGIN_CLIENT_KEY_FILE') };
  }
  if (read.JITSUIN_LOGIN_CLIENT_KEY_FILE !== undefined) {
    throw invalid('JITSUIN_LOGIN_CLIENT_KEY_FILE', `is not used by ${method}`);
  }
  return { method, secretFile: needed(read, 'JITSUIN_LOGIN_CLIENT_SECRET_FILE') };
}

/** A path of its own for each issuer: a callback of one provider is never taken for one of another (RFC 9700 section 4.4). */
function redirectUri(read: LoginVariables, shared: RelyingPartyConfig): string {
  const at = 'JITSUIN_LOGIN_REDIRECT_URI';
  const uri = read[at] ?? `${shared.publicUrl}/login/callback`;
  secureUrl(uri, at, shared.loopbackHttp);
  if (new URL(uri).href !== uri) throw invalid(at, 'is compared exactly; write it in its normal form');
  if (new URL(uri).origin !== new URL(shared.publicUrl).origin) {
    throw invalid(at, 'must lie on the origin of JITSUIN_PUBLIC_URL');
  }
  if (uri === shared.redirectUri) throw invalid(at, 'must differ from JITSUIN_REDIRECT_URI');
  return uri;
}

function endpointOrigins(read: LoginVariables, shared: RelyingPartyConfig): readonly string[] {
  const at = 'JITSUIN_LOGIN_ENDPOINT_ORIGINS';
  const origins = (read[at] ?? '').split(/[\s,]+/).filter((origin) => origin !== '');
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw invalid(at, 'must list origins like https://login.example.com');
    }
    secureUrl(origin, at, shared.loopbackHttp);
  }
  return origins;
}

function needed(
  read: LoginVariables,
  name: Extract<keyof LoginVariables, `${string}_ISSUER` | `${string}_ID` | `${string}_FILE`>,
): string {
  const value = read[name];
  if (value === undefined) throw invalid(name, 'is needed for JITSUIN_LOGIN=broker');
  return value;
}

function invalid(at: string, what: string): JitsuinError {
  return new JitsuinError('config.invalid', `${at} ${what}.`, { at });
}
