import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvFile } from '../../../src/config/env-file.ts';
import { readGovConfig } from '../../../src/config/gov.ts';

const SHARED = {
  JITSUIN_PUBLIC_URL: 'https://rp.example',
  JITSUIN_ISSUER: 'https://sb-auth-and-sign.go.jp/api/realms/main',
  JITSUIN_CLIENT_ID: 'RP00000001',
  JITSUIN_CLIENT_KEY_FILE: 'client.json',
  JITSUIN_API_KEYS_FILE: 'api-keys.json',
  JITSUIN_ACR_VALUES: 'aal3 crl',
  JITSUIN_TRUST_FILE: 'trust.pem',
  JITSUIN_CRL_DIR: 'crl',
};
const read = (env: Readonly<Record<string, string | undefined>>) => readGovConfig({ ...SHARED, ...env });
const BROKER = {
  JITSUIN_LOGIN: 'broker',
  JITSUIN_LOGIN_ISSUER: 'https://broker.example',
  JITSUIN_LOGIN_CLIENT_ID: 'rp',
  JITSUIN_LOGIN_CLIENT_KEY_FILE: 'broker-key.json',
};
const refused = (at: string) => expect.objectContaining({ code: 'config.invalid', at });

describe('the login of a relying party', () => {
  it('off by default', () => {
    const config = read({});
    expect(config).toMatchObject({ signerLogin: 'optional', passkeyLife: 365 * 24 * 60 * 60_000 });
    expect(config).not.toHaveProperty('login');
  });

  it('passkeys: host and origin of the public URL, a year unless said otherwise', () => {
    const on = { JITSUIN_LOGIN: 'service', JITSUIN_PASSKEY: 'on' };
    const rp = { JITSUIN_PUBLIC_URL: 'https://rp.example:8443/sign' };
    expect(read({ ...on, ...rp })).toMatchObject({
      passkeys: { rpId: 'rp.example', origin: 'https://rp.example:8443', rpName: 'rp.example' },
      passkeyLife: 365 * 24 * 60 * 60_000,
    });
    expect(read({ ...on, ...rp, JITSUIN_PASSKEY_DAYS: '1' }).passkeyLife).toBe(24 * 60 * 60_000);
    for (const publicUrl of ['http://127.0.0.1:3000', 'https://[::1]']) {
      const address = { ...on, JITSUIN_PUBLIC_URL: publicUrl, JITSUIN_ALLOW_LOOPBACK_HTTP: '1' };
      expect(() => read(address)).toThrowError(refused('JITSUIN_PASSKEY'));
    }
    expect(() => read({ ...rp, JITSUIN_PASSKEY: 'on' })).toThrowError(refused('JITSUIN_PASSKEY'));
    const days = { ...on, JITSUIN_PASSKEY_DAYS: '0' };
    expect(() => read({ ...rp, ...days })).toThrowError(refused('JITSUIN_PASSKEY_DAYS'));
  });

  it('a login can be demanded of who signs, where there is one', () => {
    const required = { JITSUIN_SIGNER_LOGIN: 'required' };
    expect(read({ ...required, JITSUIN_LOGIN: 'service' }).signerLogin).toBe('required');
    expect(() => read(required)).toThrowError(refused('JITSUIN_SIGNER_LOGIN'));
  });

  it('at the service: its issuer, client, key and acr_values; a redirect URI of its own; strict tokens', () => {
    expect(read({ JITSUIN_LOGIN: 'service' }).login).toMatchObject({
      provider: 'service',
      issuer: SHARED.JITSUIN_ISSUER,
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
    const { login } = read(BROKER);
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
      { ...BROKER, JITSUIN_LOGIN_ISSUER: SHARED.JITSUIN_ISSUER },
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
    expect(() => read(env)).toThrowError(refused(at));
  });
});

describe('samples/brokers', () => {
  const folder = join(import.meta.dirname, '../../../samples/brokers');
  const files = readdirSync(folder).filter((name) => name.endsWith('.env'));

  it('one for each product', () => {
    expect(files).toEqual(['auth0.env', 'azure-ad-b2c.env', 'cognito.env', 'keycloak.env', 'okta.env']);
  });

  it('what Keycloak fills into its realm file stands in README.md', () => {
    const text = (name: string) => readFileSync(join(folder, name), 'utf8');
    const named = new Set(
      [...text('keycloak-realm.json').matchAll(/\$\{([^}]*)\}/g)].map(([, name = '']) => name),
    );
    expect(named.size).toBeGreaterThan(0);
    for (const name of named) expect(text('README.md'), name).toContain(`\`${name}\``);
  });

  it.each(files)('%s is read as it stands', (file) => {
    const { values, faults } = readEnvFile(join(folder, file));
    expect(faults).toEqual([]);
    expect(read(values).login).toMatchObject({ provider: 'broker' });
  });
});
