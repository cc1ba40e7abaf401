import type { LoginConfig, LoginPart } from '../../config/login.ts';
import type { RelyingPartyConfig } from '../../config/relying-party.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import type { LoginPorts, PasskeyLogin } from '../../ports/login.ts';
import type { AuthAndSignOptions } from '../auth-and-sign/options.ts';
import { createAuthAndSign } from '../auth-and-sign/private-client.ts';
import { createHttpClient } from '../http-client/http-client.ts';
import { loadClientKeys } from '../keys/client-key-file.ts';
import { readClientSecret } from '../keys/client-secret-file.ts';
import type { RelyingPartyAdapters } from './open-relying-party.ts';

/** The time from nonce to ID token that is still believed, beyond the life of a state. */
const IAT_MARGIN = 5 * MINUTE_MILLIS;

/** The ports of the login, and what closes its connections. */
interface OpenedLogin {
  readonly login: LoginPorts;
  close(): void;
}

/**
 * Opens the way to the OpenID Provider of the login; undefined where nobody logs in. A broker has a client of its
 * own: its issuer, keys and subjects never mix with those of the service.
 * @throws JitsuinError `config.key-mode`, `config.invalid`
 */
export async function openLogin(
  shared: RelyingPartyConfig & LoginPart,
  adapters: RelyingPartyAdapters,
): Promise<OpenedLogin | undefined> {
  const config = shared.login;
  if (config === undefined) return undefined;
  const { clock, random, store, hashSubject } = adapters;
  const hosts = [config.issuer, ...config.endpointOrigins].map((url) => new URL(url).host);
  const http = createHttpClient({ allowedHosts: hosts, loopbackHttp: shared.loopbackHttp, proxy: shared });
  const options: AuthAndSignOptions = defined({
    issuer: config.issuer,
    clientId: config.clientId,
    ...(await credentials(config)),
    // the service itself is asked within its one rate, whatever for
    http: config.provider === 'service' ? adapters.serviceOptions.http : http,
    clock,
    random,
    leases: store.leases,
    allowLoopbackHttp: shared.loopbackHttp === 'allowed',
    iatWindowMillis: shared.stateLife + IAT_MARGIN,
    acrValues: config.acrValues,
    loginProof: config.proof,
    freshLogin: config.provider === 'broker' ? 'always' : undefined,
    tokenAlgorithm: config.tokenAlgorithm,
    keyAlgorithm: config.keyAlgorithm,
    atHash: config.atHash,
    otherOrigins: config.endpointOrigins,
    userInfo: config.attributes,
    scope: config.scope,
    logoutIssuers: config.provider === 'service' ? shared.logoutIssuers : undefined,
    log: adapters.log,
  });
  const login: LoginPorts = {
    loginProvider: createAuthAndSign(options),
    logins: store.logins,
    sessions: store.sessions,
    audit: store.audit,
    clock,
    random,
    ...(await passkeyLogin(shared, config, adapters)),
    loginSettings: defined({
      through:
        config.provider === 'broker' && config.proof === undefined ? new URL(config.issuer).host : undefined,
      issuer: config.issuer,
      redirectUri: config.redirectUri,
      scope: config.scope,
      attributes: config.attributes,
      stateLife: shared.stateLife,
      hashSubject:
        config.provider === 'service'
          ? hashSubject
          : (subject: string) => hashSubject(JSON.stringify([config.issuer, subject])),
    }),
  };
  return { login, close: () => http.close() };
}

async function passkeyLogin(
  { passkeys: config, passkeyLife: life }: LoginPart,
  { clientId }: LoginConfig,
  { store, random }: RelyingPartyAdapters,
): Promise<{ readonly passkeys?: PasskeyLogin }> {
  if (config === undefined) return {};
  const { createPasskeyCeremony } = await import('../passkey/passkey-ceremony.ts');
  const ceremony = createPasskeyCeremony({ ...config, random });
  return { passkeys: { store: store.passkeys, ceremony, rpName: config.rpName, tenant: clientId, life } };
}

async function credentials({
  client,
}: LoginConfig): Promise<Pick<AuthAndSignOptions, 'clientKeys' | 'clientSecret'>> {
  if (client.method === 'private_key_jwt') {
    return { clientKeys: (await loadClientKeys(client.keyFile)).clientKeys };
  }
  const { method } = client;
  return { clientKeys: NO_KEYS, clientSecret: { method, secret: await readClientSecret(client.secretFile) } };
}

const NO_KEYS: ClientKeys = {
  signAssertion: () => {
    throw new JitsuinError('config.invalid', 'This client authenticates by a secret and signs nothing.');
  },
};
