import { file, hosts, serverUrl } from '../kinds.ts';
import { chapter, STORE_ROLES } from '../variable.ts';

/** The names that every program knows; ours begins with our own prefix. */
export const NETWORK = chapter(
  { en: 'The way out', ja: '外への通信' },
  {
    HTTPS_PROXY: {
      member: 'httpsProxy',
      kind: serverUrl('http', 'https'),
      roles: STORE_ROLES,
      aliases: ['https_proxy'],
      secret: 'value',
      means: {
        en:
          'forward proxy for everything that goes out by https (CONNECT; user and password stand in ' +
          'the URL): the service, the platform operator, CRL, OCSP, time-stamps, brokers and webhooks. ' +
          'Where a webhook leads is judged here before, and the proxy is asked for that address. This ' +
          'machine itself is always reached without it',
        ja:
          '外へ出る https の通信すべての転送プロキシ（CONNECT。利用者名とパスワードは URL ' +
          'に書く）：デジタル認証アプリ、プラットフォーム事業者、CRL、OCSP、タイムスタンプ、broker、Webhook。Webhook ' +
          'の行き先はここで先に確かめ、プロキシにはそのアドレスを渡す。この機械自身へは常に直接',
      },
    },
    NO_PROXY: {
      member: 'proxyExceptions',
      kind: hosts(),
      roles: STORE_ROLES,
      aliases: ['no_proxy'],
      means: {
        en: 'what is reached without it; a domain stands for everything below it',
        ja: 'プロキシを通さない宛先。ドメインはその下のすべてを含む',
      },
    },
    JITSUIN_PROXY_CA_FILE: {
      member: 'proxyCaFile',
      kind: file(),
      roles: STORE_ROLES,
      needs: 'HTTPS_PROXY',
      means: {
        en:
          'PEM of the CA under which the proxy stands, or which it sets its own certificates under ' +
          'where it inspects TLS; trusted beside the runtime’s roots',
        ja: 'プロキシ自身の、または TLS を検査するプロキシが使う CA の PEM。実行環境のルートに加えて信頼する',
      },
    },
  },
);
