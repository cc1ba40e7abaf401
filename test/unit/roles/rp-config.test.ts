import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readSpConfig } from '../../../src/config/sp.ts';

const SHARED = {
  JITSUIN_PUBLIC_URL: 'https://rp.example',
  JITSUIN_ISSUER: 'https://sb-auth-and-sign.go.jp/api/realms/main',
  JITSUIN_CLIENT_ID: 'RP00000001',
  JITSUIN_CLIENT_KEY_FILE: 'client.json',
  JITSUIN_API_KEYS_FILE: 'api-keys.json',
};
const SP = {
  ...SHARED,
  JITSUIN_PF_URL: 'https://pf.example/',
  JITSUIN_PF_CLIENT_ID: 'sp',
  JITSUIN_PF_CLIENT_KEY_FILE: 'pf-client.json',
  JITSUIN_SERVICE: 'service',
  JITSUIN_ENVIRONMENT: 'test',
};
const GOV = { ...SHARED, JITSUIN_TRUST_FILE: 'trust.pem', JITSUIN_CRL_DIR: 'crl' };
const refused = (code: string, at: string) => expect.objectContaining({ code, at });

describe('readSpConfig', () => {
  it('reads what is needed, with the documented defaults', () => {
    expect(readSpConfig(SP)).toMatchObject({
      redirectUri: 'https://rp.example/callback',
      profile: 'enveloped',
      mode: 'digest-info',
      scope: ['openid', 'sign'],
      stateLife: 600_000,
      loopbackHttp: 'refused',
      pfUrl: 'https://pf.example',
      checkMethod: 'CRL',
    });
  });

  it('schema and queue prefix: absent by default, read as they are, refused when they could break out', () => {
    expect(readSpConfig(SP)).not.toHaveProperty('databaseSchema');
    expect(readSpConfig(SP)).not.toHaveProperty('queuePrefix');
    const servers = { DATABASE_URL: 'postgres://db/x', REDIS_URL: 'redis://queue' };
    const named = { ...servers, JITSUIN_DATABASE_SCHEMA: 'a_sp', JITSUIN_QUEUE_PREFIX: 'a:sp' };
    expect(readSpConfig({ ...SP, ...named })).toMatchObject({ databaseSchema: 'a_sp', queuePrefix: 'a:sp' });
    for (const [name, value] of [
      ['JITSUIN_DATABASE_SCHEMA', 'a,public'],
      ['JITSUIN_DATABASE_SCHEMA', 'A'],
      ['JITSUIN_QUEUE_PREFIX', 'a b'],
      ['JITSUIN_QUEUE_PREFIX', '{a}'],
    ] as const) {
      const wrong = { ...SP, ...servers, [name]: value };
      expect(() => readSpConfig(wrong)).toThrowError(refused('config.invalid', name));
    }
  });

  it('the log: standard output and 30 days by default; days are whole and positive', () => {
    expect(readSpConfig(SP).log).toEqual({ level: 'info', days: 30 });
    const named = { JITSUIN_LOG_LEVEL: 'warn', JITSUIN_LOG_DIR: 'logs', JITSUIN_LOG_DAYS: '7' };
    expect(readSpConfig({ ...SP, ...named }).log).toEqual({
      level: 'warn',
      days: 7,
      directory: resolve('logs'),
    });
    for (const days of ['0', '-1', '1.5', 'x']) {
      const wrong = { ...SP, JITSUIN_LOG_DAYS: days };
      expect(() => readSpConfig(wrong)).toThrowError(refused('config.invalid', 'JITSUIN_LOG_DAYS'));
    }
  });

  it.each(Object.keys(SP))('without %s it names the variable', (name) => {
    expect(() => readSpConfig({ ...SP, [name]: '' })).toThrowError(refused('config.invalid', name));
  });

  it.each([
    ['a custom scheme', 'myapp://callback'],
    ['http', 'http://rp.example/callback'],
    ['loopback http that was not allowed', 'http://127.0.0.1:3000/callback'],
    ['a fragment', 'https://rp.example/callback#x'],
    ['a query', 'https://rp.example/callback?x=1'],
    ['userinfo', 'https://u:p@rp.example/callback'],
    ['another origin than ours', 'https://other.example/callback'],
    ['not in its normal form', 'https://rp.example/a/../callback'],
    ['no URL', 'callback'],
    ['256 characters', `https://rp.example/${'a'.repeat(237)}`],
  ])('the redirect URI: %s is refused', (_name, uri) => {
    expect(() => readSpConfig({ ...SP, JITSUIN_REDIRECT_URI: uri })).toThrowError(
      refused('config.invalid', 'JITSUIN_REDIRECT_URI'),
    );
  });

  it('loopback http only where it is allowed by name', () => {
    const env = { ...SP, JITSUIN_PUBLIC_URL: 'http://127.0.0.1:3000', JITSUIN_ALLOW_LOOPBACK_HTTP: '1' };
    expect(readSpConfig(env).redirectUri).toBe('http://127.0.0.1:3000/callback');
    expect(() => readSpConfig({ ...env, JITSUIN_PUBLIC_URL: 'http://rp.example' })).toThrowError(
      refused('config.invalid', 'JITSUIN_PUBLIC_URL'),
    );
  });

  it.each([
    ['test', 'https://auth-and-sign.go.jp/api/realms/main'],
    ['production', 'https://sb-auth-and-sign.go.jp/api/realms/main'],
  ])('environment %s with the other environment’s issuer', (environment, issuer) => {
    const env = { ...SP, JITSUIN_ENVIRONMENT: environment, JITSUIN_ISSUER: issuer };
    expect(() => readSpConfig(env)).toThrowError(refused('config.environment-mixed', 'JITSUIN_ENVIRONMENT'));
  });

  it.each(['JITSUIN_PF_KEYSTORE_FILE', 'JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE', 'JITSUIN_PF_PRIVATE_KEY'])(
    '%s is a platform operator’s: config.role-key',
    (name) => {
      expect(() => readSpConfig({ ...SP, [name]: '/x' })).toThrowError(refused('config.role-key', name));
    },
  );

  it('the value of a variable is in no message', () => {
    const env = { ...SP, JITSUIN_PORT: 'MARKvalue' };
    expect(() => readSpConfig(env)).toThrowError(
      expect.objectContaining({ at: 'JITSUIN_PORT', message: expect.not.stringContaining('MARK') }),
    );
  });
});

describe('readGovConfig', () => {
  it('production has to be said by name', () => {
    const production = { ...GOV, JITSUIN_ISSUER: 'https://auth-and-sign.go.jp/api/realms/main' };
    expect(() => readGovConfig(production)).toThrowError(
      refused('config.environment-mixed', 'JITSUIN_ENVIRONMENT'),
    );
    expect(readGovConfig({ ...production, JITSUIN_ENVIRONMENT: 'production' }).environment).toBe(
      'production',
    );
  });

  it('takes the method for which there is a source', () => {
    expect(readGovConfig(GOV).checkMethod).toBe('CRL');
    const ocsp = { ...GOV, JITSUIN_CRL_DIR: '', JITSUIN_OCSP_URL: 'https://ocsp.example' };
    expect(readGovConfig(ocsp).checkMethod).toBe('OCSP');
  });

  it.each([
    ['none at all', { JITSUIN_CRL_DIR: '' }, 'JITSUIN_OCSP_URL'],
    ['only CRL, OCSP asked', { JITSUIN_CHECK_METHOD: 'OCSP' }, 'JITSUIN_OCSP_URL'],
  ])('sources of revocation data: %s is refused', (_name, env, at) => {
    expect(() => readGovConfig({ ...GOV, ...env })).toThrowError(refused('config.invalid', at));
  });
});
