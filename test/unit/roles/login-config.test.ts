import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readLoginConfig } from '../../../src/config/login.ts';
import { readRelyingPartyConfig } from '../../../src/config/relying-party.ts';

const SHARED = readRelyingPartyConfig(
  {
    JITSUIN_PUBLIC_URL: 'https://rp.example',
    JITSUIN_ISSUER: 'https://sb-auth-and-sign.go.jp/api/realms/main',
    JITSUIN_CLIENT_ID: 'RP00000001',
    JITSUIN_CLIENT_KEY_FILE: 'client.json',
    JITSUIN_API_KEYS_FILE: 'api-keys.json',
    JITSUIN_ACR_VALUES: 'aal3 crl',
  },
  'sp',
);
const BROKER = {
  JITSUIN_LOGIN: 'broker',
  JITSUIN_LOGIN_ISSUER: 'https://broker.example',
  JITSUIN_LOGIN_CLIENT_ID: 'rp',
  JITSUIN_LOGIN_CLIENT_KEY_FILE: 'broker-key.json',
};
const refused = (at: string) => expect.objectContaining({ code: 'config.invalid', at });

describe('readLoginConfig', () => {
  it('off by default', () => {
    expect(readLoginConfig({}, SHARED)).toEqual({
      signerLogin: 'optional',
      passkeyLife: 365 * 24 * 60 * 60_000,
    });
  });

  it('passkeys: host and origin of the public URL, a year unless said otherwise', () => {
    const on = { JITSUIN_LOGIN: 'service', JITSUIN_PASSKEY: 'on' };
    const rp = { ...SHARED, publicUrl: 'https://rp.example:8443/sign' };
    expect(readLoginConfig(on, rp)).toMatchObject({
      passkeys: { rpId: 'rp.example', origin: 'https://rp.example:8443', rpName: 'rp.example' },
      passkeyLife: 365 * 24 * 60 * 60_000,
    });
    expect(readLoginConfig({ ...on, JITSUIN_PASSKEY_DAYS: '1' }, rp).passkeyLife).toBe(24 * 60 * 60_000);
    for (const publicUrl of ['http://127.0.0.1:3000', 'https://[::1]']) {
      expect(() => readLoginConfig(on, { ...SHARED, publicUrl })).toThrowError(refused('JITSUIN_PASSKEY'));
    }
    expect(() => readLoginConfig({ JITSUIN_PASSKEY: 'on' }, rp)).toThrowError(refused('JITSUIN_PASSKEY'));
    const days = { ...on, JITSUIN_PASSKEY_DAYS: '0' };
    expect(() => readLoginConfig(days, rp)).toThrowError(refused('JITSUIN_PASSKEY_DAYS'));
  });

  it('a login can be demanded of who signs, where there is one', () => {
    const required = { JITSUIN_SIGNER_LOGIN: 'required' };
    expect(readLoginConfig({ ...required, JITSUIN_LOGIN: 'service' }, SHARED).signerLogin).toBe('required');
    expect(() => readLoginConfig(required, SHARED)).toThrowError(refused('JITSUIN_SIGNER_LOGIN'));
  });

  it('at the service: its issuer, client, key and acr_values; a redirect URI of its own; strict tokens', () => {
    expect(readLoginConfig({ JITSUIN_LOGIN: 'service' }, SHARED).login).toMatchObject({
      provider: 'service',
      issuer: SHARED.issuer,
      clientId: 'RP00000001',
      client: { method: 'private_key_jwt', keyFile: 'client.json' },
      redirectUri: 'https://rp.example/login/callback',
      scope: ['openid', 'name', 'address', 'birthdate', 'gender'],
      attributes: 'userinfo',
      acrValues: 'aal3 crl',
      tokenAlgorithm: 'ES256',
      keyAlgorithm: 'required',
      atHash: 'required',
    });
  });

  it('at a broker: nothing of the service is inherited', () => {
    const { login } = readLoginConfig(BROKER, SHARED);
    expect(login).toMatchObject({ issuer: 'https://broker.example', attributes: 'none', scope: ['openid'] });
    expect(login).not.toHaveProperty('acrValues');
  });

  it.each([
    [
      'a broker’s variable at the service',
      { JITSUIN_LOGIN: 'service', JITSUIN_LOGIN_AT_HASH: 'if-present' },
      'JITSUIN_LOGIN_AT_HASH',
    ],
    [
      'another scope at the service',
      { JITSUIN_LOGIN: 'service', JITSUIN_LOGIN_SCOPE: 'openid profile' },
      'JITSUIN_LOGIN_SCOPE',
    ],
    ['signing at a broker', { ...BROKER, JITSUIN_LOGIN_SCOPE: 'openid sign' }, 'JITSUIN_LOGIN_SCOPE'],
    ['no issuer', { ...BROKER, JITSUIN_LOGIN_ISSUER: '' }, 'JITSUIN_LOGIN_ISSUER'],
    [
      'the service as its own broker',
      { ...BROKER, JITSUIN_LOGIN_ISSUER: SHARED.issuer },
      'JITSUIN_LOGIN_ISSUER',
    ],
    ['http', { ...BROKER, JITSUIN_LOGIN_ISSUER: 'http://broker.example' }, 'JITSUIN_LOGIN_ISSUER'],
    ['no key', { ...BROKER, JITSUIN_LOGIN_CLIENT_KEY_FILE: '' }, 'JITSUIN_LOGIN_CLIENT_KEY_FILE'],
    [
      'a secret beside the key',
      { ...BROKER, JITSUIN_LOGIN_CLIENT_SECRET_FILE: 'x' },
      'JITSUIN_LOGIN_CLIENT_SECRET_FILE',
    ],
    [
      'a key beside the secret',
      {
        ...BROKER,
        JITSUIN_LOGIN_CLIENT_AUTHENTICATION: 'client_secret_post',
        JITSUIN_LOGIN_CLIENT_SECRET_FILE: 'x',
      },
      'JITSUIN_LOGIN_CLIENT_KEY_FILE',
    ],
    [
      'the redirect URI of signing',
      { ...BROKER, JITSUIN_LOGIN_REDIRECT_URI: 'https://rp.example/callback' },
      'JITSUIN_LOGIN_REDIRECT_URI',
    ],
    [
      'a redirect URI elsewhere',
      { ...BROKER, JITSUIN_LOGIN_REDIRECT_URI: 'https://other.example/x' },
      'JITSUIN_LOGIN_REDIRECT_URI',
    ],
    [
      'an origin with a path',
      { ...BROKER, JITSUIN_LOGIN_ENDPOINT_ORIGINS: 'https://a.example/x' },
      'JITSUIN_LOGIN_ENDPOINT_ORIGINS',
    ],
  ] as const)('%s is refused by name', (_name, env, at) => {
    expect(() => readLoginConfig(env, SHARED)).toThrowError(refused(at));
  });
});

describe('samples/brokers', () => {
  const folder = join(import.meta.dirname, '../../../samples/brokers');
  const files = readdirSync(folder).filter((name) => name.endsWith('.env'));

  it('one for each product', () => {
    expect(files).toEqual(['auth0.env', 'azure-ad-b2c.env', 'cognito.env', 'keycloak.env', 'okta.env']);
  });

  it.each(files)('%s is read as it stands', (file) => {
    const env = parseEnv(readFileSync(join(folder, file), 'utf8'));
    expect(readLoginConfig(env, SHARED).login).toMatchObject({ provider: 'broker' });
  });
});
