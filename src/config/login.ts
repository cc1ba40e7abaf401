import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { LoginProof } from '../core/oidc/login-proof.ts';
import type { Settings, VariableName } from './table.ts';

/**
 * The login (認証) of a relying party: at the service itself, or at a broker in front of it. Signing is never
 * brokered.
 */

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
  /** What the ID token of a broker says when the card led in. */
  readonly proof?: LoginProof;
}

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
interface PasskeyConfig {
  readonly rpId: string;
  readonly origin: string;
  /** What the authenticator shows as the place. */
  readonly rpName: string;
}

type Read = Settings<'sp' | 'gov'>;

/** No login when JITSUIN_LOGIN is off. What cannot stand together was refused before. */
export function loginPart(read: Read): LoginPart {
  return defined({
    signerLogin: read.signerLogin,
    passkeyLife: read.passkeyLife,
    passkeys: read.passkey === 'on' ? passkeys(read) : undefined,
    login: loginOf(read),
  });
}

function loginOf(read: Read): LoginConfig | undefined {
  switch (read.loginAt) {
    case 'off':
      return undefined;
    case 'service':
      return atService(read);
    case 'broker':
      return atBroker(read);
  }
}

function passkeys({ publicUrl, passkeyName }: Read): PasskeyConfig {
  const { hostname, origin } = new URL(publicUrl);
  return { rpId: hostname, origin, rpName: passkeyName ?? hostname };
}

function atService(read: Read): LoginConfig {
  const scope = read.loginScope ?? ['openid', 'name', 'address', 'birthdate', 'gender'];
  return defined({
    provider: 'service',
    issuer: read.issuer,
    clientId: read.clientId,
    client: { method: 'private_key_jwt', keyFile: read.clientKeyFile },
    redirectUri: read.loginRedirectUri,
    scope,
    attributes: read.loginAttributes ?? attributesOf(scope),
    acrValues: read.loginAcrValues ?? read.acrValues,
    tokenAlgorithm: 'ES256',
    keyAlgorithm: 'required',
    atHash: 'required',
    endpointOrigins: [],
  });
}

function atBroker(read: Read): LoginConfig {
  const scope = read.loginScope ?? ['openid'];
  return defined({
    provider: 'broker',
    issuer: needed(read.loginIssuer, 'JITSUIN_LOGIN_ISSUER'),
    clientId: needed(read.loginClientId, 'JITSUIN_LOGIN_CLIENT_ID'),
    client: clientAuthentication(read),
    redirectUri: read.loginRedirectUri,
    scope,
    attributes: read.loginAttributes ?? attributesOf(scope),
    acrValues: read.loginAcrValues,
    tokenAlgorithm: read.loginTokenAlgorithm ?? 'ES256',
    keyAlgorithm: read.loginKeyAlgorithm ?? 'required',
    atHash: read.loginAtHash ?? 'required',
    endpointOrigins: read.loginEndpointOrigins ?? [],
    proof: proofOf(read.loginProof),
  });
}

/** `claim=value`; the value may hold an equals sign. */
function proofOf(text: string | undefined): LoginProof | undefined {
  if (text === undefined) return undefined;
  const at = text.indexOf('=');
  return { claim: text.slice(0, at), value: text.slice(at + 1) };
}

function attributesOf(scope: readonly string[]): LoginConfig['attributes'] {
  return scope.join(' ') === 'openid' ? 'none' : 'userinfo';
}

function clientAuthentication(read: Read): ClientAuthentication {
  const method = read.loginClientAuthentication ?? 'private_key_jwt';
  if (method === 'private_key_jwt')
    return { method, keyFile: needed(read.loginClientKeyFile, 'JITSUIN_LOGIN_CLIENT_KEY_FILE') };
  return { method, secretFile: needed(read.loginClientSecretFile, 'JITSUIN_LOGIN_CLIENT_SECRET_FILE') };
}

function needed(value: string | undefined, at: VariableName): string {
  if (value !== undefined) return value;
  throw new JitsuinError('config.invalid', `${at} is missing for JITSUIN_LOGIN=broker.`, { at });
}
