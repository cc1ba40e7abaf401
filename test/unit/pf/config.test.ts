import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAlgorithmEnds } from '../../../src/config/parts.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import type { TenantId } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { readPfTenants } from '../../../src/roles/pf/tenants.ts';

const ENV = {
  JITSUIN_DATA_DIR: '/var/lib/jitsuin',
  JITSUIN_TRUST_FILE: '/etc/jitsuin/trust.pem',
  JITSUIN_PF_TENANTS_FILE: '/etc/jitsuin/tenants.json',
  JITSUIN_OCSP_URL: 'https://ocsp.example/',
};

function refusal(run: () => unknown): { code?: string; at?: string | undefined; message?: string } {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return { code: thrown.code, at: thrown.at, message: thrown.message };
  }
  return {};
}

describe('the ends of algorithms', () => {
  const end = (day: string) => Date.parse(`${day}T23:59:59.999Z`);
  it('are what is known, and what the operator says beside or instead', () => {
    expect(readAlgorithmEnds(undefined)).toEqual({ 'rsa-2048': end('2030-12-31') });
    expect(readAlgorithmEnds('sha256=2035-12-31,rsa-2048=2029-12-31')).toEqual({
      sha256: end('2035-12-31'),
      'rsa-2048': end('2029-12-31'),
    });
  });
  it.each(['', 'sha1=2030-12-31', 'rsa-2048', 'p-256=2035-13-01', 'p-256=2035-12-31,p-256=2036-12-31'])(
    'refuses "%s"',
    (text) => {
      expect(refusal(() => readAlgorithmEnds(text))).toMatchObject({
        code: 'config.invalid',
        at: 'JITSUIN_ALGORITHM_ENDS',
      });
    },
  );
});

describe('readPfConfig', () => {
  it('fills what is safe with defaults under the data folder', () => {
    const config = readPfConfig(ENV);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      environment: 'test',
      keystoreFile: join('/var/lib/jitsuin', 'pf.keystore.json'),
      sealKeyFile: join('/var/lib/jitsuin', 'pf.seal-key.json'),
      keystorePassphraseFile: join('/var/lib/jitsuin', 'pf.keystore-passphrase'),
      loopbackHttp: 'refused',
      ocspUrl: 'https://ocsp.example/',
      deadline: 86_400_000,
    });
    expect(config).not.toHaveProperty('databaseUrl');
  });

  it.each([
    ['JITSUIN_TRUST_FILE', undefined],
    ['JITSUIN_PF_TENANTS_FILE', ''],
    ['JITSUIN_PORT', '70000'],
    ['JITSUIN_ENVIRONMENT', 'staging'],
    ['DATABASE_URL', 'mysql://x'],
    ['JITSUIN_OCSP_URL', 'http://ocsp.example/'],
    ['JITSUIN_CRL_URL', 'https://user:secret@crl.example/'],
    ['JITSUIN_PUBLIC_URL', 'http://127.0.0.1:3100'],
    ['JITSUIN_OCSP_URL', undefined],
  ])('names %s when it is %j, and never its value', (name, value) => {
    const { code, at, message = '' } = refusal(() => readPfConfig({ ...ENV, [name]: value }));
    expect([code, at]).toEqual(['config.invalid', name]);
    if (value) expect(message).not.toContain(value);
  });

  it('in production the passphrase file must be named', () => {
    const env = { ...ENV, JITSUIN_ENVIRONMENT: 'production' };
    expect(refusal(() => readPfConfig(env)).at).toBe('JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE');
    const named = { ...env, JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: '/run/secrets/pf' };
    expect(readPfConfig(named).keystorePassphraseFile).toBe('/run/secrets/pf');
  });

  it('a free port needs the public URL, since it is the audience of every assertion', () => {
    expect(refusal(() => readPfConfig({ ...ENV, JITSUIN_PORT: '0' })).at).toBe('JITSUIN_PUBLIC_URL');
  });
});

const KEY = { kty: 'EC', crv: 'P-256', kid: 'k', x: 'x', y: 'y' };
const tenant = (change = {}) => ({
  id: 'one',
  name: '模擬事業者',
  client_id: 'client-one',
  jwks: { keys: [KEY] },
  services: ['portal'],
  ...change,
});

describe('readPfTenants', () => {
  it('knows which tenant may use which service', () => {
    const tenants = readPfTenants([
      tenant(),
      tenant({ id: 'two', client_id: 'client-two', services: ['shop'] }),
    ]);
    expect(tenants.assertions.map((entry) => entry.clientId)).toEqual(['client-one', 'client-two']);
    expect(tenants.mayUse('one' as TenantId, 'portal')).toBe(true);
    expect(tenants.mayUse('one' as TenantId, 'shop')).toBe(false);
    expect(tenants.mayUse('nobody' as TenantId, 'portal')).toBe(false);
    expect(tenants.mayUse('__proto__' as TenantId, 'constructor')).toBe(false);
  });

  it.each([
    ['an empty list', []],
    ['an id twice', [tenant(), tenant({ client_id: 'other' })]],
    ['a client_id twice', [tenant(), tenant({ id: 'two' })]],
    ['a private key', [tenant({ jwks: { keys: [{ ...KEY, d: 'secret' }] } })]],
    ['a symmetric key', [tenant({ jwks: { keys: [{ kty: 'oct', kid: 'k', k: 'secret' }] } })]],
    ['no key', [tenant({ jwks: { keys: [] } })]],
    ['no service', [tenant({ services: [] })]],
    ['a service with a path', [tenant({ services: ['../x'] })]],
    ['an unknown member', [tenant({ role: 'admin' })]],
    ['no list', {}],
  ])('refuses %s', (_name, json) => {
    const { code, message } = refusal(() => readPfTenants(json));
    expect(code).toBe('config.invalid');
    expect(message).not.toContain('secret');
  });
});
