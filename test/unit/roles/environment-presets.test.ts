import { describe, expect, it } from 'vitest';
import { readGovConfig } from '../../../src/config/gov.ts';

const mixed = expect.objectContaining({ code: 'config.environment-mixed', at: 'JITSUIN_ENVIRONMENT' });
const ENV = {
  JITSUIN_PUBLIC_URL: 'https://rp.example',
  JITSUIN_CLIENT_ID: 'RP1',
  JITSUIN_CLIENT_KEY_FILE: 'key.json',
  JITSUIN_API_KEYS_FILE: 'api-keys.json',
  JITSUIN_TRUST_FILE: 'trust.pem',
  JITSUIN_CRL_DIR: 'crl',
  JITSUIN_ALLOW_LOOPBACK_HTTP: '1',
};
const read = (env: Readonly<Record<string, string | undefined>>) => readGovConfig({ ...ENV, ...env });

describe('environment presets', () => {
  it.each([
    ['sandbox', 'https://sb-auth-and-sign.go.jp/api/realms/main', 'test'],
    ['SANDBOX', 'https://sb-auth-and-sign.go.jp/api/realms/main', 'test'],
    ['production', 'https://auth-and-sign.go.jp/api/realms/main', 'production'],
  ])('%s chooses the issuer and the keys', (name, issuer, keys) => {
    for (const given of [undefined, '', issuer]) {
      const config = read({ JITSUIN_ENVIRONMENT: name, JITSUIN_ISSUER: given });
      expect(config).toMatchObject({ environment: keys, issuer });
    }
  });

  it('test chooses nothing', () => {
    const own = { JITSUIN_ENVIRONMENT: 'test', JITSUIN_ISSUER: 'http://localhost:1/x' };
    expect(read(own)).toMatchObject({ environment: 'test', issuer: 'http://localhost:1/x' });
    expect(() => read({ JITSUIN_ENVIRONMENT: 'test' })).toThrowError(
      expect.objectContaining({ code: 'config.invalid', at: 'JITSUIN_ISSUER' }),
    );
  });

  it.each([
    ['sandbox', 'https://auth-and-sign.go.jp/api/realms/main'],
    ['production', 'https://sb-auth-and-sign.go.jp/api/realms/main'],
    ['production', 'https://auth-and-sign.go.jp.evil.example/api/realms/main'],
    ['production', 'http://localhost:8090/api/realms/main'],
    ['test', 'https://auth-and-sign.go.jp/api/realms/main'],
  ])('%s with %s is mixed', (name, issuer) => {
    expect(() => read({ JITSUIN_ENVIRONMENT: name, JITSUIN_ISSUER: issuer })).toThrowError(mixed);
  });
});
