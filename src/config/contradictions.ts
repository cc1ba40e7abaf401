import type { ErrorCode } from '../core/errors.ts';
import { DEFAULT_PROFILE, signsWholeDocument } from '../core/xmldsig/profile-table.ts';
import type { Environment, SettingFault } from './names.ts';
import { PRESETS, presetOf } from './presets.ts';
import type { Settings, VariableName } from './table.ts';
import type { SettingsRole } from './variable.ts';

/** Every setting of every role that was read without a fault. */
type Read = Partial<Settings<'sp'> & Settings<'gov'> & Settings<'pf'>>;

interface Contradiction {
  readonly at: VariableName;
  readonly roles: readonly SettingsRole[];
  readonly code?: ErrorCode;
  /** Whether these settings, each right by itself, cannot stand together. `given`: somebody wrote it. */
  readonly stands: (read: Read, given: (name: VariableName) => boolean, env: Environment) => boolean;
  readonly says: string;
}

const RP = ['sp', 'gov'] as const;
const VERIFIERS = ['gov', 'pf'] as const;
const STORE_ROLES = ['sp', 'gov', 'pf'] as const;

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
  'JITSUIN_LOGIN_PROOF',
] as const satisfies readonly VariableName[];

const ENVIRONMENT: readonly Contradiction[] = [
  {
    at: 'JITSUIN_ENVIRONMENT',
    roles: RP,
    code: 'config.environment-mixed',
    stands: ({ issuer }, _given, env) => {
      const preset = presetOf(env);
      return preset !== undefined && issuer !== undefined && new URL(issuer).host !== PRESETS[preset].host;
    },
    says:
      'names one environment of the service, and JITSUIN_ISSUER is not on its host: leave ' +
      'JITSUIN_ISSUER out, or set JITSUIN_ENVIRONMENT=test for another host',
  },
  {
    at: 'JITSUIN_ENVIRONMENT',
    roles: RP,
    code: 'config.environment-mixed',
    // Keys for test and production are apart (guideline, 公開鍵について), and so are the hosts that they belong to.
    stands: ({ issuer, environment }) =>
      environment === 'test' && issuer !== undefined && new URL(issuer).hostname === PRESETS.production.host,
    says: 'is not production, and JITSUIN_ISSUER is the service in production',
  },
  {
    at: 'JITSUIN_DEMO_PAGES',
    roles: RP,
    stands: ({ demoPages, environment }) => demoPages === 'shown' && environment === 'production',
    says: 'is not for production: anyone could begin a real signature',
  },
  {
    at: 'JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE',
    roles: ['pf'],
    stands: (read) =>
      read.environment === 'production' &&
      read.keysModule === undefined &&
      !inToken(read, 'decryption') &&
      read.keystorePassphraseFile === undefined,
    says: 'is needed in production: the passphrase comes from elsewhere than the folder of the keystore that it opens',
  },
  {
    at: 'JITSUIN_PF_KEYS_MODULE',
    roles: ['pf'],
    stands: (read) => read.keysModule !== undefined && inToken(read, 'decryption'),
    says: 'gives the decryption keys, and so does JITSUIN_PKCS11_KEYS: one of the two',
  },
  ...(['JITSUIN_PKCS11_TOKEN', 'JITSUIN_PKCS11_PIN_FILE'] as const).map(
    (at): Contradiction => ({
      at,
      roles: ['pf'],
      stands: ({ pkcs11Module }, given) => pkcs11Module !== undefined && !given(at),
      says: 'is missing for JITSUIN_PKCS11_MODULE',
    }),
  ),
];

const ADDRESSES: readonly Contradiction[] = [
  {
    at: 'JITSUIN_REDIRECT_URI',
    roles: RP,
    stands: ({ redirectUri, publicUrl }) => !within(redirectUri, publicUrl),
    says: 'does not lie under JITSUIN_PUBLIC_URL: the answer of the service would not reach us',
  },
  {
    at: 'JITSUIN_PUBLIC_URL',
    roles: ['pf'],
    stands: ({ port, publicUrl }) => port === 0 && publicUrl === undefined,
    says: 'is needed with a free port (JITSUIN_PORT=0): what the sps will use',
  },
  {
    at: 'JITSUIN_MANAGEMENT_PORT',
    roles: ['sp', 'gov', 'pf'],
    stands: ({ port, managementPort }) => port !== 0 && port !== undefined && port === managementPort,
    says: 'is the port of JITSUIN_PORT: it needs one of its own',
  },
  {
    at: 'JITSUIN_CONSOLE_PORT',
    roles: STORE_ROLES,
    stands: ({ port, managementPort, consolePort }) =>
      consolePort !== undefined && (consolePort === port || consolePort === managementPort),
    says: 'is the port of JITSUIN_PORT or JITSUIN_MANAGEMENT_PORT: it needs one of its own',
  },
];

const SIGNATURE: readonly Contradiction[] = [
  {
    at: 'JITSUIN_MODE',
    roles: RP,
    stands: ({ mode, profile }) => mode === 'digest' && profile !== undefined && profile !== 'detached',
    says:
      'is digest, which only the profile detached can use: in an XML Signature the service would ' +
      'hash twice. Set JITSUIN_PROFILE=detached, or leave JITSUIN_MODE out',
  },
  {
    at: 'JITSUIN_SIGNED_ELEMENT',
    roles: RP,
    stands: ({ signedElement, profile }) =>
      signedElement !== undefined &&
      (profile === 'detached' || signsWholeDocument(profile ?? DEFAULT_PROFILE)),
    says:
      'chooses an element, and JITSUIN_PROFILE (default enveloped) signs the whole: set ' +
      'JITSUIN_PROFILE to by-id or guideline, or leave JITSUIN_SIGNED_ELEMENT out',
  },
];

const VERIFICATION: readonly Contradiction[] = [
  {
    at: 'JITSUIN_OCSP_URL',
    roles: ['pf'],
    stands: (read) => !hasCrl(read) && read.ocspUrl === undefined,
    says: 'is missing, and so are JITSUIN_CRL_URL and JITSUIN_CRL_DIR: there is no source of revocation data',
  },
  {
    at: 'JITSUIN_OCSP_URL',
    roles: ['gov'],
    stands: (read) =>
      read.ocspUrl === undefined &&
      (read.checkMethod === 'OCSP' || (read.checkMethod === undefined && !hasCrl(read))),
    says:
      'is missing: there is no source of revocation data for the method in JITSUIN_CHECK_METHOD. ' +
      'Set it, or JITSUIN_CRL_URL or JITSUIN_CRL_DIR with the method CRL',
  },
  {
    at: 'JITSUIN_CRL_URL',
    roles: ['gov'],
    stands: (read) => read.checkMethod === 'CRL' && !hasCrl(read),
    says: 'is missing, and so is JITSUIN_CRL_DIR, where JITSUIN_CHECK_METHOD is CRL',
  },
  {
    at: 'JITSUIN_TSA_TRUST_FILE',
    roles: VERIFIERS,
    stands: ({ tsaUrl, tsaTrustFile }) => tsaUrl !== undefined && tsaTrustFile === undefined,
    says: 'is missing beside JITSUIN_TSA_URL: a time-stamp authority is believed only by its root certificate',
  },
  {
    at: 'JITSUIN_TSA_CRL_URL',
    roles: VERIFIERS,
    stands: ({ tsaUrl, tsaCrlUrl, tsaCrlDir, tsaOcspUrl }) =>
      tsaUrl !== undefined && tsaCrlUrl === undefined && tsaCrlDir === undefined && tsaOcspUrl === undefined,
    says:
      'is missing, and so are JITSUIN_TSA_CRL_DIR and JITSUIN_TSA_OCSP_URL: nothing says whether ' +
      'the certificate of the time-stamp authority was revoked',
  },
];

const LOGINS: readonly Contradiction[] = [
  {
    at: 'JITSUIN_SIGNER_LOGIN',
    roles: RP,
    stands: ({ signerLogin, loginAt }) => signerLogin === 'required' && loginAt === 'off',
    says: 'is required, and JITSUIN_LOGIN is off',
  },
  {
    at: 'JITSUIN_PASSKEY',
    roles: RP,
    stands: ({ passkey, loginAt }) => passkey === 'on' && loginAt === 'off',
    says: 'is on, and JITSUIN_LOGIN is off: a passkey follows a login by card',
  },
  {
    at: 'JITSUIN_PASSKEY',
    roles: RP,
    // A relying party id is a name, never an address (WebAuthn Level 3, section 5.1.2).
    stands: ({ passkey, publicUrl }) =>
      passkey === 'on' && publicUrl !== undefined && /^\[|^[\d.]+$/.test(new URL(publicUrl).hostname),
    says: 'is on, and JITSUIN_PUBLIC_URL has an address in the place of a name',
  },
  ...BROKER_ONLY.map(
    (at): Contradiction => ({
      at,
      roles: RP,
      stands: ({ loginAt }, given) => loginAt === 'service' && given(at),
      says: 'is for JITSUIN_LOGIN=broker only',
    }),
  ),
  {
    at: 'JITSUIN_LOGIN_PROOF',
    roles: RP,
    stands: ({ loginAt, loginProof, passkey, signerLogin }) =>
      loginAt === 'broker' && loginProof === undefined && (passkey === 'on' || signerLogin === 'required'),
    says:
      'is needed at a broker with JITSUIN_PASSKEY=on or JITSUIN_SIGNER_LOGIN=required: both stand ' +
      'on a login by card',
  },
  ...(['JITSUIN_LOGIN_ISSUER', 'JITSUIN_LOGIN_CLIENT_ID'] as const).map(
    (at): Contradiction => ({
      at,
      roles: RP,
      stands: ({ loginAt }, given) => loginAt === 'broker' && !given(at),
      says: 'is missing for JITSUIN_LOGIN=broker',
    }),
  ),
  {
    at: 'JITSUIN_LOGIN_CLIENT_KEY_FILE',
    roles: RP,
    stands: (read) =>
      read.loginAt === 'broker' && !byClientSecret(read) && read.loginClientKeyFile === undefined,
    says: 'is missing for JITSUIN_LOGIN=broker with private_key_jwt',
  },
  {
    at: 'JITSUIN_LOGIN_CLIENT_KEY_FILE',
    roles: RP,
    stands: (read) =>
      read.loginAt === 'broker' && byClientSecret(read) && read.loginClientKeyFile !== undefined,
    says: 'is not used by the method in JITSUIN_LOGIN_CLIENT_AUTHENTICATION',
  },
  {
    at: 'JITSUIN_LOGIN_CLIENT_SECRET_FILE',
    roles: RP,
    stands: (read) =>
      read.loginAt === 'broker' && byClientSecret(read) && read.loginClientSecretFile === undefined,
    says: 'is missing for the method in JITSUIN_LOGIN_CLIENT_AUTHENTICATION',
  },
  {
    at: 'JITSUIN_LOGIN_CLIENT_SECRET_FILE',
    roles: RP,
    stands: (read) =>
      read.loginAt === 'broker' && !byClientSecret(read) && read.loginClientSecretFile !== undefined,
    says: 'is not used by private_key_jwt',
  },
  {
    at: 'JITSUIN_LOGIN_ISSUER',
    roles: RP,
    stands: ({ loginAt, loginIssuer, issuer }) =>
      loginAt === 'broker' && loginIssuer !== undefined && loginIssuer === issuer,
    says: 'is the service itself: set JITSUIN_LOGIN=service',
  },
  {
    at: 'JITSUIN_LOGIN_SCOPE',
    roles: RP,
    stands: ({ loginAt, loginScope }) =>
      loginAt === 'service' &&
      loginScope?.some((word) => !['openid', 'name', 'address', 'birthdate', 'gender'].includes(word)) ===
        true,
    says: 'may hold openid, name, address, birthdate and gender only, where JITSUIN_LOGIN is service',
  },
  {
    at: 'JITSUIN_LOGIN_SCOPE',
    roles: RP,
    stands: ({ loginAt, loginScope }) => loginAt === 'broker' && loginScope?.includes('sign') === true,
    says: 'may not hold "sign": signing always goes to the service',
  },
  {
    at: 'JITSUIN_LOGIN_REDIRECT_URI',
    roles: RP,
    stands: ({ loginRedirectUri, publicUrl }) => !within(loginRedirectUri, publicUrl),
    says: 'does not lie under JITSUIN_PUBLIC_URL: the answer would not reach us',
  },
  {
    at: 'JITSUIN_LOGIN_REDIRECT_URI',
    roles: RP,
    // A callback of one provider is never taken for one of another (RFC 9700 section 4.4).
    stands: ({ loginRedirectUri, redirectUri }) =>
      redirectUri !== undefined && loginRedirectUri === redirectUri,
    says: 'must differ from JITSUIN_REDIRECT_URI',
  },
];

export const CONTRADICTIONS: readonly Contradiction[] = [
  ...ENVIRONMENT,
  ...ADDRESSES,
  ...SIGNATURE,
  ...VERIFICATION,
  ...LOGINS,
];

/** What cannot stand together in the settings of a role; what was refused already is not said again. */
export function contradictions(role: SettingsRole, read: Read, env: Environment): readonly SettingFault[] {
  const given = (name: VariableName) => (env[name] ?? '') !== '';
  return CONTRADICTIONS.filter(({ roles, stands }) => roles.includes(role) && stands(read, given, env)).map(
    ({ at, says, code = 'config.invalid' }) => ({ name: at, says, code }),
  );
}

function hasCrl({ crlUrl, crlDir }: Read): boolean {
  return crlUrl !== undefined || crlDir !== undefined;
}

function inToken({ pkcs11Module, pkcs11Keys }: Read, use: string): boolean {
  return pkcs11Module !== undefined && pkcs11Keys?.includes(use) === true;
}

function byClientSecret({ loginClientAuthentication: method }: Read): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
}

/** On the same origin and under the same path. */
function within(uri: string | undefined, base: string | undefined): boolean {
  if (uri === undefined || base === undefined) return true;
  const [inner, outer] = [new URL(uri), new URL(base)];
  const path = outer.pathname.replace(/\/+$/, '');
  return inner.origin === outer.origin && inner.pathname.startsWith(`${path}/`);
}
