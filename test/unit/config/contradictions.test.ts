import { describe, expect, it } from 'vitest';
import { CONTRADICTIONS } from '../../../src/config/contradictions.ts';
import { settingFaults } from '../../../src/config/read.ts';
import type { SettingsRole } from '../../../src/config/variable.ts';

type Variables = Readonly<Record<string, string>>;

const RP = {
  JITSUIN_PUBLIC_URL: 'https://rp.example/sign',
  JITSUIN_ISSUER: 'https://sb-auth-and-sign.go.jp/api/realms/main',
  JITSUIN_CLIENT_ID: 'RP1',
  JITSUIN_CLIENT_KEY_FILE: 'client.json',
  JITSUIN_API_KEYS_FILE: 'api-keys.json',
};
/** Settings in which nothing contradicts anything. */
const SOUND: Readonly<Record<'sp' | 'gov' | 'pf', Variables>> = {
  sp: {
    ...RP,
    JITSUIN_PF_URL: 'https://pf.example',
    JITSUIN_PF_CLIENT_ID: 'sp',
    JITSUIN_PF_CLIENT_KEY_FILE: 'pf.json',
    JITSUIN_SERVICE: 'service',
    JITSUIN_ENVIRONMENT: 'test',
  },
  gov: { ...RP, JITSUIN_TRUST_FILE: 'trust.pem', JITSUIN_CRL_DIR: 'crl' },
  pf: { JITSUIN_TRUST_FILE: 'trust.pem', JITSUIN_PF_TENANTS_FILE: 'tenants.json', JITSUIN_CRL_DIR: 'crl' },
};
const BROKER = {
  JITSUIN_LOGIN: 'broker',
  JITSUIN_LOGIN_ISSUER: 'https://broker.example',
  JITSUIN_LOGIN_CLIENT_ID: 'rp',
  JITSUIN_LOGIN_CLIENT_KEY_FILE: 'broker.json',
};
const PKCS11 = {
  JITSUIN_PKCS11_MODULE: '/usr/lib/vendor.so',
  JITSUIN_PKCS11_TOKEN: 'jitsuin',
  JITSUIN_PKCS11_PIN_FILE: 'pin',
};
const SECRET = { JITSUIN_LOGIN_CLIENT_AUTHENTICATION: 'client_secret_post' };
const TSA = {
  JITSUIN_TSA_URL: 'https://tsa.example',
  JITSUIN_TSA_TRUST_FILE: 'tsa.pem',
  JITSUIN_TSA_CRL_DIR: 'crl',
};
const BROKER_ONLY_VALUES: Variables = {
  JITSUIN_LOGIN_ISSUER: 'https://broker.example',
  JITSUIN_LOGIN_CLIENT_ID: 'x',
  JITSUIN_LOGIN_CLIENT_AUTHENTICATION: 'private_key_jwt',
  JITSUIN_LOGIN_CLIENT_KEY_FILE: 'x',
  JITSUIN_LOGIN_CLIENT_SECRET_FILE: 'x',
  JITSUIN_LOGIN_TOKEN_ALGORITHM: 'RS256',
  JITSUIN_LOGIN_KEY_ALGORITHM: 'if-present',
  JITSUIN_LOGIN_AT_HASH: 'if-present',
  JITSUIN_LOGIN_ENDPOINT_ORIGINS: 'https://a.example',
  JITSUIN_LOGIN_PROOF: 'acr=aal3',
};
const PRODUCTION = 'https://auth-and-sign.go.jp/api/realms/main';

/** [at, role, added to what is sound, taken away from it] in the order of the rules. */
const CASES: readonly (readonly [string, 'sp' | 'gov' | 'pf', Variables])[] = [
  ['JITSUIN_ENVIRONMENT', 'sp', { JITSUIN_ENVIRONMENT: 'sandbox', JITSUIN_ISSUER: PRODUCTION }],
  ['JITSUIN_ENVIRONMENT', 'gov', { JITSUIN_ISSUER: PRODUCTION }],
  [
    'JITSUIN_DEMO_PAGES',
    'sp',
    { JITSUIN_ENVIRONMENT: 'production', JITSUIN_ISSUER: PRODUCTION, JITSUIN_DEMO_PAGES: '1' },
  ],
  ['JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE', 'pf', { JITSUIN_ENVIRONMENT: 'production' }],
  ['JITSUIN_PF_KEYS_MODULE', 'pf', { ...PKCS11, JITSUIN_PF_KEYS_MODULE: 'kms.mjs' }],
  ['JITSUIN_PKCS11_TOKEN', 'pf', { ...PKCS11, JITSUIN_PKCS11_TOKEN: '' }],
  ['JITSUIN_PKCS11_PIN_FILE', 'pf', { ...PKCS11, JITSUIN_PKCS11_PIN_FILE: '' }],
  ['JITSUIN_REDIRECT_URI', 'sp', { JITSUIN_REDIRECT_URI: 'https://rp.example/callback' }],
  ['JITSUIN_PUBLIC_URL', 'pf', { JITSUIN_PORT: '0' }],
  ['JITSUIN_MANAGEMENT_PORT', 'pf', { JITSUIN_PORT: '8080', JITSUIN_MANAGEMENT_PORT: '8080' }],
  ['JITSUIN_CONSOLE_PORT', 'gov', { JITSUIN_PORT: '8080', JITSUIN_CONSOLE_PORT: '8080' }],
  ['JITSUIN_MODE', 'sp', { JITSUIN_MODE: 'digest' }],
  ['JITSUIN_SIGNED_ELEMENT', 'gov', { JITSUIN_SIGNED_ELEMENT: 'A', JITSUIN_PROFILE: 'enveloped' }],
  ['JITSUIN_OCSP_URL', 'pf', { JITSUIN_CRL_DIR: '' }],
  ['JITSUIN_OCSP_URL', 'gov', { JITSUIN_CHECK_METHOD: 'OCSP' }],
  [
    'JITSUIN_CRL_URL',
    'gov',
    { JITSUIN_CHECK_METHOD: 'CRL', JITSUIN_CRL_DIR: '', JITSUIN_OCSP_URL: 'https://o.example' },
  ],
  ['JITSUIN_TSA_TRUST_FILE', 'pf', { ...TSA, JITSUIN_TSA_TRUST_FILE: '' }],
  ['JITSUIN_TSA_CRL_URL', 'gov', { ...TSA, JITSUIN_TSA_CRL_DIR: '' }],
  ['JITSUIN_SIGNER_LOGIN', 'sp', { JITSUIN_SIGNER_LOGIN: 'required' }],
  ['JITSUIN_PASSKEY', 'sp', { JITSUIN_PASSKEY: 'on' }],
  [
    'JITSUIN_PASSKEY',
    'sp',
    { JITSUIN_PASSKEY: 'on', JITSUIN_LOGIN: 'service', JITSUIN_PUBLIC_URL: 'https://192.0.2.1' },
  ],
  ...Object.entries(BROKER_ONLY_VALUES).map(
    ([name, value]) => [name, 'sp', { JITSUIN_LOGIN: 'service', [name]: value }] as const,
  ),
  ['JITSUIN_LOGIN_PROOF', 'sp', { ...BROKER, JITSUIN_SIGNER_LOGIN: 'required' }],
  ['JITSUIN_LOGIN_ISSUER', 'sp', { ...BROKER, JITSUIN_LOGIN_ISSUER: '' }],
  ['JITSUIN_LOGIN_CLIENT_ID', 'sp', { ...BROKER, JITSUIN_LOGIN_CLIENT_ID: '' }],
  ['JITSUIN_LOGIN_CLIENT_KEY_FILE', 'sp', { ...BROKER, JITSUIN_LOGIN_CLIENT_KEY_FILE: '' }],
  ['JITSUIN_LOGIN_CLIENT_KEY_FILE', 'sp', { ...BROKER, ...SECRET, JITSUIN_LOGIN_CLIENT_SECRET_FILE: 'x' }],
  ['JITSUIN_LOGIN_CLIENT_SECRET_FILE', 'sp', { ...BROKER, ...SECRET, JITSUIN_LOGIN_CLIENT_KEY_FILE: '' }],
  ['JITSUIN_LOGIN_CLIENT_SECRET_FILE', 'sp', { ...BROKER, JITSUIN_LOGIN_CLIENT_SECRET_FILE: 'x' }],
  ['JITSUIN_LOGIN_ISSUER', 'sp', { ...BROKER, JITSUIN_LOGIN_ISSUER: RP.JITSUIN_ISSUER }],
  ['JITSUIN_LOGIN_SCOPE', 'sp', { JITSUIN_LOGIN: 'service', JITSUIN_LOGIN_SCOPE: 'openid email' }],
  ['JITSUIN_LOGIN_SCOPE', 'sp', { ...BROKER, JITSUIN_LOGIN_SCOPE: 'openid sign' }],
  ['JITSUIN_LOGIN_REDIRECT_URI', 'sp', { JITSUIN_LOGIN_REDIRECT_URI: 'https://other.example/sign/x' }],
  ['JITSUIN_LOGIN_REDIRECT_URI', 'gov', { JITSUIN_LOGIN_REDIRECT_URI: 'https://rp.example/sign/callback' }],
];

describe('settings that cannot stand together', () => {
  it.each(['sp', 'gov', 'pf'] as const)('nothing is said against sound settings of %s', (role) => {
    expect(settingFaults(role, SOUND[role])).toEqual([]);
    expect(settingFaults('sp', { ...SOUND.sp, ...BROKER })).toEqual([]);
    expect(settingFaults('gov', { ...SOUND.gov, ...TSA })).toEqual([]);
    const detached = { JITSUIN_PROFILE: 'detached', JITSUIN_MODE: 'digest' };
    expect(settingFaults('sp', { ...SOUND.sp, ...detached })).toEqual([]);
    expect(
      settingFaults('gov', { ...SOUND.gov, JITSUIN_PROFILE: 'by-id', JITSUIN_SIGNED_ELEMENT: '#a' }),
    ).toEqual([]);
  });

  it('every rule has a case here, in its order', () => {
    expect(CASES.map(([at]) => at)).toEqual(CONTRADICTIONS.map(({ at }) => at));
  });

  it.each(CASES.map((one, index) => [...one, index] as const))('%s at %s', (at, role, added, index) => {
    const rule = CONTRADICTIONS[index];
    expect(rule?.roles).toContain(role satisfies SettingsRole);
    const faults = settingFaults(role, { ...SOUND[role], ...added });
    const expected = { name: at, says: rule?.says, code: rule?.code ?? 'config.invalid' };
    expect(faults).toContainEqual(expected);
  });
});
