import { signedElementSelector } from '../../contracts/public-api.ts';
import { DEFAULT_PROFILE } from '../../core/xmldsig/profile-table.ts';
import {
  baseUrl,
  choice,
  duration,
  exactUrl,
  file,
  flag,
  issuers,
  mapped,
  secureUrl,
  text,
  whole,
  words,
} from '../kinds.ts';
import { chapter, RELYING_PARTIES } from '../variable.ts';

const ACR_VALUES = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;
const CLIENT_ID = /^[0-9a-zA-Z-]{1,255}$/;

export const ACR = text(
  { en: 'words with one blank between them', ja: '空白一つで区切った語' },
  ACR_VALUES,
  'aal3 crl',
);
const CLIENT = text(
  { en: 'letters, digits and `-`, at most 255', ja: '英数字と `-`、255 文字以内' },
  CLIENT_ID,
  'RP00000001',
);

export const RELYING_PARTY = chapter(
  { en: 'sp and gov', ja: 'sp と gov' },
  {
    JITSUIN_ISSUER: {
      member: 'issuer',
      kind: secureUrl(),
      roles: RELYING_PARTIES,
      needed: RELYING_PARTIES,
      otherwise: { en: 'by `JITSUIN_ENVIRONMENT`', ja: '`JITSUIN_ENVIRONMENT` による' },
      means: {
        en: 'issuer of デジタル認証アプリ, compared exactly with its metadata',
        ja: 'デジタル認証アプリの発行者。メタデータと完全一致で比べる',
      },
    },
    JITSUIN_LOGOUT_ISSUERS: {
      member: 'logoutIssuers',
      kind: issuers(),
      roles: RELYING_PARTIES,
      otherwise: { en: '`JITSUIN_ISSUER`', ja: '`JITSUIN_ISSUER`' },
      means: {
        en:
          'issuers that back-channel logout tokens of デジタル認証アプリ may name: its guideline prints another ' +
          'than the ID token’s. Compared exactly',
        ja: 'デジタル認証アプリのバックチャネルログアウトのトークンに書かれうる発行者（ガイドラインの例は ID トークンのものと異なる）。完全一致で比べる',
      },
    },
    JITSUIN_CLIENT_ID: {
      member: 'clientId',
      kind: CLIENT,
      roles: RELYING_PARTIES,
      needed: RELYING_PARTIES,
      means: { en: 'クライアントID at the service', ja: 'デジタル認証アプリのクライアント ID' },
    },
    JITSUIN_CLIENT_KEY_FILE: {
      member: 'clientKeyFile',
      kind: file(),
      roles: RELYING_PARTIES,
      needed: RELYING_PARTIES,
      secret: 'file',
      means: {
        en: 'the key of private_key_jwt (`jitsuin rp keygen`)',
        ja: 'private_key_jwt の鍵（`jitsuin rp keygen`）',
      },
    },
    JITSUIN_REDIRECT_URI: {
      member: 'redirectUri',
      kind: exactUrl(),
      roles: RELYING_PARTIES,
      default: '<JITSUIN_PUBLIC_URL>/callback',
      means: {
        en: 'registered with the service, compared exactly; on the origin of `JITSUIN_PUBLIC_URL`',
        ja: 'デジタル認証アプリに登録したもの。完全一致で比べる。オリジンは `JITSUIN_PUBLIC_URL` と同じ',
      },
    },
    JITSUIN_API_KEYS_FILE: {
      member: 'apiKeysFile',
      kind: file(),
      roles: RELYING_PARTIES,
      needed: RELYING_PARTIES,
      means: {
        en:
          'keys: tenant, SHA-256 of the API key, return URLs, `scopes` (`read`, `write`, `webhooks`, ' +
          '`evidence`; all when absent); a tenant may have several keys',
        ja: 'テナント、API キーの SHA-256、戻り先 URL、`scopes`（`read`、`write`、`webhooks`、`evidence`。なければすべて）。一つのテナントが複数の鍵を持てる',
      },
    },
    JITSUIN_PROFILE: {
      member: 'profile',
      kind: choice('enveloped', 'by-id', 'guideline', 'detached'),
      roles: RELYING_PARTIES,
      default: DEFAULT_PROFILE,
      means: {
        en: 'signature profile where a request names none',
        ja: 'リクエストが指定しないときの署名プロファイル',
      },
    },
    JITSUIN_MODE: {
      member: 'mode',
      kind: choice('digest-info', 'digest'),
      roles: RELYING_PARTIES,
      default: 'digest-info',
      means: {
        en: 'signing mode of XML where a request names none; a file (profile `detached`) is signed in `digest`',
        ja: 'リクエストが指定しないときの XML の署名モード。ファイル（プロファイル `detached`）は `digest` で署名する',
      },
    },
    JITSUIN_SIGNATURE_ALGORITHM: {
      member: 'signatureAlgorithm',
      kind: choice('rsa-sha256', 'ecdsa-sha256', 'ecdsa-sha384'),
      roles: RELYING_PARTIES,
      default: 'rsa-sha256',
      means: {
        en: 'what the citizens’ cards sign with: RSA-2048 today, ECDSA on P-384 with the card announced for 2028',
        ja: '署名用カードのアルゴリズム。現在は RSA-2048、2028 年に予定される次期カードは P-384 の ECDSA',
      },
    },
    JITSUIN_SIGNED_ELEMENT: {
      member: 'signedElement',
      kind: signedElement(),
      roles: RELYING_PARTIES,
      otherwise: { en: 'the profile’s own', ja: 'プロファイルによる' },
      means: {
        en: 'what is signed; with the profiles `by-id` and `guideline` only: the others sign the whole',
        ja: '署名する要素。プロファイル `by-id` と `guideline` だけ（ほかは全体に署名する）',
      },
    },
    JITSUIN_SCOPE: {
      member: 'scope',
      kind: words(
        {
          en: '`openid sign`, then any of `name address birthdate gender`',
          ja: '`openid sign` に続けて `name address birthdate gender` のいずれか',
        },
        /^openid sign(?: (?:name|address|birthdate|gender))*$/,
        'openid sign name',
      ),
      roles: RELYING_PARTIES,
      default: 'openid sign',
      means: { en: 'of the authorization request when signing', ja: '署名時の認可リクエストの scope' },
    },
    JITSUIN_ACR_VALUES: {
      member: 'acrValues',
      kind: ACR,
      roles: RELYING_PARTIES,
      means: { en: 'of the authorization request when signing', ja: '署名時の認可リクエストの acr_values' },
    },
    JITSUIN_SUBJECT_KEY_FILE: {
      member: 'subjectKeyFile',
      kind: file(),
      roles: RELYING_PARTIES,
      default: '<JITSUIN_DATA_DIR>/<role>.subject-key',
      secret: 'file',
      means: {
        en: 'key of the keyed hash of `sub`; all processes of a role share it',
        ja: '`sub` の鍵付きハッシュの鍵。同じ役割の全プロセスで共有する',
      },
    },
    JITSUIN_DEMO_PAGES: {
      member: 'demoPages',
      kind: flag('absent', 'shown'),
      roles: RELYING_PARTIES,
      default: '0',
      means: {
        en:
          '`1`: anyone may begin a signature at `/` with a sample or a file, in the name of the first ' +
          'tenant; refused in production',
        ja: '`1` なら、だれでも `/` で見本やファイルへの署名を最初のテナントの名で始められる。本番では拒む',
      },
    },
    JITSUIN_STATE_MINUTES: {
      member: 'stateLife',
      kind: duration('minutes', 1, 60),
      roles: RELYING_PARTIES,
      default: '10',
      means: { en: 'how long a `state` may be away', ja: '`state` が戻るまでの時間' },
    },
    JITSUIN_SITE_FILE: {
      member: 'siteFile',
      kind: file(),
      roles: RELYING_PARTIES,
      means: {
        en:
          'JSON: for whom citizens sign (name, logo, contact, privacy notice, colours checked for contrast), and the ' +
          'public names of the app; `samples/site.json` is one',
        ja:
          'だれのための署名か（名称、ロゴ、問い合わせ先、個人情報の取扱い、コントラストを確かめる色）と、アプリの公式名の JSON。' +
          '例は `samples/site.json`',
      },
    },
    JITSUIN_OFFICE_VISIT_DAYS: {
      member: 'officeVisit',
      kind: duration('days', 1, 90),
      roles: RELYING_PARTIES,
      default: '14',
      means: {
        en:
          'how long an application whose citizen has to visit the municipal office first (certificate locked, ' +
          'expired, revoked) can be signed again, in any browser by a link back',
        ja:
          '市区町村の窓口での手続（電子証明書のロック、期限切れ、失効など）が先に必要な申請に、もう一度署名できる期間。' +
          '戻るためのリンクで、どのブラウザーでも続けられる',
      },
    },
    JITSUIN_SERVICE_RATE: {
      member: 'serviceRate',
      kind: whole(1, 10_000),
      roles: RELYING_PARTIES,
      default: '20',
      means: {
        en: 'calls a second to the service, over all processes: mass access is forbidden (guideline, 注意事項)',
        ja: 'デジタル認証アプリへの毎秒の呼び出し数（全プロセス）。大量アクセスは禁止（実装ガイドライン 注意事項）',
      },
    },
    JITSUIN_CHECK_METHOD: {
      member: 'checkMethod',
      kind: choice('CRL', 'OCSP'),
      roles: RELYING_PARTIES,
      default: { sp: 'CRL' },
      otherwise: { en: '`CRL`; gov: that which has a source', ja: '`CRL`。gov は情報源のあるほう' },
      means: { en: 'how the certificate’s validity is checked', ja: '証明書の有効性確認の方法' },
    },
  },
);

export const PLATFORM_OPERATOR_CLIENT = chapter(
  { en: 'sp alone', ja: 'sp だけ' },
  {
    JITSUIN_PF_URL: {
      member: 'pfUrl',
      kind: baseUrl(),
      roles: ['sp'],
      needed: ['sp'],
      means: { en: 'the platform operator', ja: 'プラットフォーム事業者' },
    },
    JITSUIN_PF_CLIENT_ID: {
      member: 'pfClientId',
      kind: text({ en: 'at most 255 characters', ja: '255 文字以内' }, /^[^\p{Cc}]{1,255}$/u, 'sp-demo'),
      roles: ['sp'],
      needed: ['sp'],
      means: { en: 'our name there', ja: 'そこでの自分の名' },
    },
    JITSUIN_PF_CLIENT_KEY_FILE: {
      member: 'pfClientKeyFile',
      kind: file(),
      roles: ['sp'],
      needed: ['sp'],
      secret: 'file',
      means: { en: 'our key there', ja: 'そこでの自分の鍵' },
    },
    JITSUIN_PF_TENANT: {
      member: 'pfTenant',
      kind: text({ en: 'at most 64 characters', ja: '64 文字以内' }, /^[^\p{Cc}]{1,64}$/u, 'demo-sp'),
      roles: ['sp'],
      default: '<JITSUIN_PF_CLIENT_ID>',
      means: {
        en: 'our tenant id at the platform operator: the `aud` that its receipts must have, exactly',
        ja: 'プラットフォーム事業者でのテナント id。受領証の `aud` と完全一致すること',
      },
    },
    JITSUIN_PF_RECEIPT_JWKS_FILE: {
      member: 'pfReceiptJwksFile',
      kind: file(),
      roles: ['sp'],
      otherwise: { en: 'fetched from the pf', ja: 'pf から取得' },
      means: { en: 'public keys that sign receipts', ja: '受領証に署名する公開鍵' },
    },
    JITSUIN_SERVICE: {
      member: 'service',
      kind: text({ en: 'at most 64 characters', ja: '64 文字以内' }, /^[^\p{Cc}]{1,64}$/u, 'portal'),
      roles: ['sp'],
      needed: ['sp'],
      means: {
        en: 'the service for which the platform operator’s key was registered',
        ja: 'プラットフォーム事業者の鍵が登録されたサービス',
      },
    },
  },
);

/** `NAME`, `{namespace}NAME` or `#ID`. */
function signedElement() {
  const form = text(
    {
      en: '`NAME`, `{namespace}NAME` or `#ID`, at most 255',
      ja: '`NAME`、`{名前空間}NAME`、`#ID`。255 文字以内',
    },
    /^(?=.{1,255}$)(?:#?[^#{}\s]+|\{[^{}]+\}[^#{}\s]+)$/u,
    '{urn:example}申請書',
  );
  return mapped(form, (value) => ({ value: signedElementSelector(value) }));
}
