import { choice, duration, exactUrl, file, flag, origins, secureUrl, text, words } from '../kinds.ts';
import { chapter, RELYING_PARTIES } from '../variable.ts';
import { ACR } from './relying-party.ts';

/** RFC 6749 appendix A.1; a blank at either end would be a slip of the hand. */
const BROKER_CLIENT = text(
  { en: 'visible ASCII characters, at most 255', ja: '見える ASCII 文字、255 文字以内' },
  /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/,
  'urn:app:city.example',
);
const SCOPE = /^openid(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** The login (認証): at the service itself, or at a broker in front of it. Signing is never brokered. */
export const LOGIN = chapter(
  { en: 'Login (認証) at sp and gov', ja: 'sp と gov のログイン（認証）' },
  {
    JITSUIN_LOGIN: {
      member: 'loginAt',
      kind: choice('off', 'service', 'broker'),
      roles: RELYING_PARTIES,
      default: 'off',
      means: {
        en: '`service`: at デジタル認証アプリ; `broker`: at an OpenID Provider in front of it. Signing is never brokered',
        ja: '`service` はデジタル認証アプリ、`broker` はその手前の OpenID Provider。署名は決して仲介されない',
      },
    },
    JITSUIN_SIGNER_LOGIN: {
      member: 'signerLogin',
      kind: choice('optional', 'required'),
      roles: RELYING_PARTIES,
      default: 'optional',
      means: {
        en:
          '`required`: only a citizen who is logged in signs. Either way a signature begun under a ' +
          'login must be the same person’s, by `sub` where the service logs in, and at gov by the name ' +
          'in the certificate too',
        ja:
          '`required` なら、ログインした人だけが署名する。どちらでも、ログイン中に始めた署名は同じ人のものでなければならない（デジタル認証アプリでのログインなら `sub`、gov ' +
          'では証明書の氏名でも確かめる）',
      },
    },
    JITSUIN_PASSKEY: {
      member: 'passkey',
      kind: flag('off', 'on'),
      roles: RELYING_PARTIES,
      default: 'off',
      means: {
        en:
          '`on`: after a login by card the citizen may make a passkey and log in with it; signing ' +
          'still needs the card. The public URL must have a name, not an address: it is the relying ' +
          'party id',
        ja: '`on` なら、カードでのログインの後にパスキーを作り、次からそれでログインできる。署名にはカードが要る。公開 URL はアドレスでなく名前であること（relying party id になる）',
      },
    },
    JITSUIN_PASSKEY_DAYS: {
      member: 'passkeyLife',
      kind: duration('days', 1, 3650),
      roles: RELYING_PARTIES,
      default: '365',
      means: {
        en: 'so long after the last login by card a passkey logs in; 30 days later it is forgotten',
        ja: '最後のカードでのログインからこの期間、パスキーでログインできる。その 30 日後に忘れる',
      },
    },
    JITSUIN_PASSKEY_NAME: {
      member: 'passkeyName',
      kind: text({ en: 'at most 64 characters', ja: '64 文字以内' }, /^[^\p{Cc}]{1,64}$/u, '模擬市'),
      roles: RELYING_PARTIES,
      otherwise: { en: 'host of the public URL', ja: '公開 URL のホスト名' },
      means: { en: 'what the authenticator shows as the place', ja: '認証器が場所として示す名' },
    },
    JITSUIN_LOGIN_PROOF: {
      member: 'loginProof',
      kind: text(
        { en: '`claim=value`', ja: '`クレーム=値`' },
        /^[\x21-\x3c\x3e-\x7e]{1,128}=[\x21-\x7e]{1,128}$/,
        'acr=aal3',
      ),
      roles: RELYING_PARTIES,
      means: {
        en:
          'what a broker’s ID token says when the card led in (`acr`, `amr`, the identity provider); ' +
          'another login is refused. Without it a login at a broker is shown as a login through the ' +
          'broker, makes no passkey and lets nobody sign',
        ja:
          'カードでのログインのとき broker の ID トークンが述べること（`acr`、`amr`、identity provider）。ほかのログインは拒む。なければ broker ' +
          '経由のログインとだけ示し、パスキーは作れず、署名の条件も満たさない',
      },
    },
    JITSUIN_LOGIN_SCOPE: {
      member: 'loginScope',
      kind: words({ en: '`openid`, then words', ja: '`openid` に続けて語' }, SCOPE, 'openid name'),
      roles: RELYING_PARTIES,
      otherwise: {
        en: 'service: `openid name address birthdate gender`; broker: `openid`',
        ja: 'service は `openid name address birthdate gender`、broker は `openid`',
      },
      means: { en: 'of the login’s authorization request', ja: 'ログインの認可リクエストの scope' },
    },
    JITSUIN_LOGIN_ACR_VALUES: {
      member: 'loginAcrValues',
      kind: ACR,
      roles: RELYING_PARTIES,
      otherwise: { en: 'service: `JITSUIN_ACR_VALUES`', ja: 'service は `JITSUIN_ACR_VALUES`' },
      means: { en: 'of the login’s authorization request', ja: 'ログインの認可リクエストの acr_values' },
    },
    JITSUIN_LOGIN_REDIRECT_URI: {
      member: 'loginRedirectUri',
      kind: exactUrl(),
      roles: RELYING_PARTIES,
      default: '<JITSUIN_PUBLIC_URL>/login/callback',
      means: {
        en: 'on the origin of `JITSUIN_PUBLIC_URL`, and not `JITSUIN_REDIRECT_URI`',
        ja: 'オリジンは `JITSUIN_PUBLIC_URL` と同じ。`JITSUIN_REDIRECT_URI` とは別',
      },
    },
    JITSUIN_LOGIN_ATTRIBUTES: {
      member: 'loginAttributes',
      kind: choice('userinfo', 'id-token', 'none'),
      roles: RELYING_PARTIES,
      otherwise: {
        en: '`none` for the scope `openid`, else `userinfo`',
        ja: 'scope が `openid` だけなら `none`、ほかは `userinfo`',
      },
      means: {
        en: 'where name, address, birthdate and gender come from',
        ja: '氏名・住所・生年月日・性別をどこから得るか',
      },
    },
    JITSUIN_LOGIN_ISSUER: {
      member: 'loginIssuer',
      kind: secureUrl(),
      roles: RELYING_PARTIES,
      means: { en: 'of a broker', ja: 'broker の発行者' },
    },
    JITSUIN_LOGIN_CLIENT_ID: {
      member: 'loginClientId',
      kind: BROKER_CLIENT,
      roles: RELYING_PARTIES,
      means: { en: 'our client id at a broker', ja: 'broker でのクライアント ID' },
    },
    JITSUIN_LOGIN_CLIENT_AUTHENTICATION: {
      member: 'loginClientAuthentication',
      kind: choice('private_key_jwt', 'client_secret_basic', 'client_secret_post'),
      roles: RELYING_PARTIES,
      otherwise: { en: '`private_key_jwt`', ja: '`private_key_jwt`' },
      means: { en: 'how we say at a broker who we are', ja: 'broker でのクライアント認証の方法' },
    },
    JITSUIN_LOGIN_CLIENT_KEY_FILE: {
      member: 'loginClientKeyFile',
      kind: file(),
      roles: RELYING_PARTIES,
      secret: 'file',
      means: { en: 'what `private_key_jwt` needs at a broker', ja: 'broker での `private_key_jwt` の鍵' },
    },
    JITSUIN_LOGIN_CLIENT_SECRET_FILE: {
      member: 'loginClientSecretFile',
      kind: file(),
      roles: RELYING_PARTIES,
      secret: 'file',
      means: { en: 'what `client_secret_…` needs at a broker', ja: 'broker での `client_secret_…` の秘密' },
    },
    JITSUIN_LOGIN_TOKEN_ALGORITHM: {
      member: 'loginTokenAlgorithm',
      kind: choice('ES256', 'RS256'),
      roles: RELYING_PARTIES,
      otherwise: { en: '`ES256`', ja: '`ES256`' },
      means: { en: 'of a broker’s ID tokens', ja: 'broker の ID トークンの署名方式' },
    },
    JITSUIN_LOGIN_KEY_ALGORITHM: {
      member: 'loginKeyAlgorithm',
      kind: choice('required', 'if-present'),
      roles: RELYING_PARTIES,
      otherwise: { en: '`required`', ja: '`required`' },
      means: {
        en: 'whether each key of a broker’s JWK Set must name its algorithm itself',
        ja: 'broker の JWK Set の各鍵が方式を自ら名乗らなければならないか',
      },
    },
    JITSUIN_LOGIN_AT_HASH: {
      member: 'loginAtHash',
      kind: choice('required', 'if-present'),
      roles: RELYING_PARTIES,
      otherwise: { en: '`required`', ja: '`required`' },
      means: { en: '`at_hash` in a broker’s ID tokens', ja: 'broker の ID トークンの `at_hash`' },
    },
    JITSUIN_LOGIN_ENDPOINT_ORIGINS: {
      member: 'loginEndpointOrigins',
      kind: origins(),
      roles: RELYING_PARTIES,
      means: {
        en: 'origins beside the issuer’s on which a broker keeps endpoints',
        ja: '発行者のほかに broker がエンドポイントを置くオリジン',
      },
    },
  },
);
