import { baseUrl, choice, flag, folder, mapped, namedUrl, port, size, text, whole } from '../kinds.ts';
import { ALL_ROLES, chapter, RELYING_PARTIES, STORE_ROLES } from '../variable.ts';

const HOST = { en: 'host name or address', ja: 'ホスト名またはアドレス' };
const HOST_PATTERN = /^[^\s\u3000/]+$/u;

export const PROCESS = chapter(
  { en: 'Every role', ja: 'すべての役割' },
  {
    JITSUIN_HOST: {
      member: 'host',
      kind: text(HOST, HOST_PATTERN, '0.0.0.0'),
      roles: ALL_ROLES,
      default: '127.0.0.1',
      means: { en: 'where to listen', ja: '待ち受けるアドレス' },
    },
    JITSUIN_PORT: {
      member: 'port',
      kind: port(),
      roles: ALL_ROLES,
      default: { sp: '3000', gov: '3000', pf: '3100', simulator: '0' },
      means: { en: 'where to listen', ja: '待ち受けるポート' },
    },
    JITSUIN_PUBLIC_URL: {
      member: 'publicUrl',
      kind: baseUrl(),
      roles: ALL_ROLES,
      needed: RELYING_PARTIES,
      otherwise: { en: 'the address bound', ja: '待ち受けたアドレス' },
      means: {
        en:
          'base URL that others use; a path is kept in every link, form, cookie and redirect. pf: ' +
          '`aud` of the assertions and `iss` of the receipts',
        ja: '外から見た基底 URL。パスがあれば、リンク・フォーム・クッキー・リダイレクトのすべてに付く。pf ではアサーションの `aud`、受領証の `iss`',
      },
    },
    JITSUIN_ENVIRONMENT: {
      member: 'environment',
      kind: environment(),
      roles: STORE_ROLES,
      needed: ['sp'],
      default: { gov: 'test', pf: 'test' },
      means: {
        en:
          'the last two choose the service’s issuer, and mixing hosts or keys is refused; `sandbox` ' +
          'has the keys of `test`',
        ja: '後の二つはデジタル認証アプリの発行者を決める。ホストや鍵の取り違えは拒む。`sandbox` の鍵は `test` のもの',
      },
    },
    JITSUIN_ALLOW_LOOPBACK_HTTP: {
      member: 'loopbackHttp',
      kind: flag('refused', 'allowed'),
      roles: STORE_ROLES,
      default: '0',
      means: {
        en: '`1` allows plain http to this machine only, for the simulator',
        ja: '`1` なら、この機械自身への http だけを許す（シミュレーター用）',
      },
    },
    JITSUIN_LOOPBACK_HOSTS: {
      member: 'loopbackHosts',
      kind: text(
        { en: '`PORT=HOST` with commas between', ja: '`ポート=ホスト` をコンマで区切る' },
        /^(?:[1-9][0-9]{0,4}=[A-Za-z0-9][A-Za-z0-9.-]*)(?:,[1-9][0-9]{0,4}=[A-Za-z0-9][A-Za-z0-9.-]*)*$/,
        '8090=simulator,8083=pf',
      ),
      roles: ALL_ROLES,
      means: {
        en:
          'for a simulated world in containers: what is called `http://localhost:8090` is sent to the ' +
          'host `simulator`; nothing else is sent elsewhere',
        ja: 'コンテナの模擬世界用。`http://localhost:8090` への呼び出しをホスト `simulator` に送る。他の宛先は変わらない',
      },
    },
    JITSUIN_BODY_LIMIT: {
      member: 'bodyLimit',
      kind: size(1024, 134_217_728),
      roles: STORE_ROLES,
      default: { sp: '5MiB', gov: '5MiB', pf: '16MiB' },
      means: { en: 'most octets of a request body', ja: 'リクエスト本文の上限' },
    },
    JITSUIN_FORMS_DIR: {
      member: 'formsDir',
      kind: folder(),
      roles: STORE_ROLES,
      means: {
        en:
          'folder of form files (`*.json`) of your own, beside those that ship; read at the start, which an ' +
          'unsafe one stops. An sp and its platform operator have the same files',
        ja:
          '同梱のものに加える署名形式ファイル（`*.json`）のフォルダー。起動時に読み、安全でないものがあれば起動しない。' +
          'sp とプラットフォーム事業者は同じファイルを持つ',
      },
    },
    JITSUIN_FILES_MOST: {
      member: 'filesMost',
      kind: whole(0, 500),
      roles: RELYING_PARTIES,
      default: '60',
      means: {
        en: 'most files beside the document of one application',
        ja: '一つの申請の文書に添えるファイルの数の上限',
      },
    },
    JITSUIN_FILE_LIMIT: {
      member: 'fileLimit',
      kind: size(1, 134_217_728),
      roles: RELYING_PARTIES,
      default: '5MiB',
      means: {
        en: 'most octets of one file beside a document',
        ja: '文書に添えるファイル一つの大きさの上限',
      },
    },
    JITSUIN_FILES_LIMIT: {
      member: 'filesLimit',
      kind: size(1, 134_217_728),
      roles: RELYING_PARTIES,
      default: '6MiB',
      means: {
        en:
          'most octets of all files of one application. At an sp they go to the platform operator with the ' +
          'document, in base64: all together must fit into its `JITSUIN_BODY_LIMIT`',
        ja:
          '一つの申請のファイルの合計の上限。sp では文書とともに base64 でプラットフォーム事業者に送るため、' +
          '合わせてその `JITSUIN_BODY_LIMIT` に収まること',
      },
    },
    JITSUIN_TENANT_RATE: {
      member: 'tenantRate',
      kind: whole(0, 100_000),
      roles: STORE_ROLES,
      default: '200',
      means: {
        en: 'requests a second of one tenant, over all processes with Redis, else each for itself; 0: no limit',
        ja: 'テナントごとの毎秒のリクエスト数。Redis があれば全プロセスで、なければプロセスごとに数える。0 は無制限',
      },
    },
    JITSUIN_ALLOW_FILES_IN_DIGEST_INFO: {
      member: 'filesInDigestInfo',
      kind: flag('refused', 'allowed'),
      roles: STORE_ROLES,
      default: '0',
      means: {
        en:
          '`1` allows files (profile `detached`) in mode `digest-info` too, where a signature over a ' +
          'file may mean something else elsewhere; octets that a standard signs are refused all the ' +
          'same',
        ja: '`1` ならファイル（プロファイル `detached`）の署名モード `digest-info` も許す。ファイルへの署名がほかでは別の意味を持ちうる。規格が署名の対象とするデータは、それでも拒む',
      },
    },
    JITSUIN_WEBHOOK_LOOPBACK: {
      member: 'webhookLoopback',
      kind: flag('refused', 'allowed'),
      roles: STORE_ROLES,
      default: '0',
      means: {
        en: '`1`: webhooks may go to this machine itself; for development',
        ja: '`1` なら Webhook をこの機械自身へも送る（開発用）',
      },
    },
    JITSUIN_MANAGEMENT_PORT: {
      member: 'managementPort',
      kind: port(),
      roles: STORE_ROLES,
      means: {
        en: '`/livez`, `/readyz`, `/metrics` for operators; each process needs a port of its own; absent: none',
        ja: '運用者向けの `/livez`、`/readyz`、`/metrics`。プロセスごとに別のポート。なければ開かない',
      },
    },
    JITSUIN_MANAGEMENT_HOST: {
      member: 'managementHost',
      kind: text(HOST, HOST_PATTERN, '0.0.0.0'),
      roles: STORE_ROLES,
      default: '127.0.0.1',
      needs: 'JITSUIN_MANAGEMENT_PORT',
      means: { en: 'where that listens', ja: 'その待ち受けアドレス' },
    },
    JITSUIN_CONSOLE_PORT: {
      member: 'consolePort',
      kind: port(1),
      roles: STORE_ROLES,
      means: {
        en: 'the staff’s console at `/console` on this port of its own; absent: none',
        ja: '職員用の画面（`/console`）を開く専用ポート。なければ開かない',
      },
    },
    JITSUIN_CONSOLE_HOST: {
      member: 'consoleHost',
      kind: text(HOST, HOST_PATTERN, '0.0.0.0'),
      roles: STORE_ROLES,
      default: '127.0.0.1',
      needs: 'JITSUIN_CONSOLE_PORT',
      means: { en: 'where it listens', ja: 'その待ち受けアドレス' },
    },
    JITSUIN_CONSOLE_URL: {
      member: 'consoleUrl',
      kind: namedUrl(),
      roles: STORE_ROLES,
      otherwise: { en: '`http://localhost:<port>`', ja: '`http://localhost:<ポート>`' },
      needs: 'JITSUIN_CONSOLE_PORT',
      means: {
        en:
          'its URL as browsers have it, without `/console` (passkeys belong to host names); plain http ' +
          'for this machine only with `JITSUIN_ALLOW_LOOPBACK_HTTP=1`',
        ja: 'ブラウザーから見た URL（`/console` の前まで。パスキーはホスト名に属する）。http は `JITSUIN_ALLOW_LOOPBACK_HTTP=1` のこの機械だけ',
      },
    },
    JITSUIN_WORKER_CONCURRENCY: {
      member: 'concurrency',
      kind: whole(1, 64),
      roles: STORE_ROLES,
      default: '4',
      means: {
        en:
          'runs at once of each kind of background job in one worker process; every kind has places of ' +
          'its own, so that none waits for another. pf: for each check method',
        ja: '一つのワーカーが同時に行う、種類ごとのジョブの数。種類ごとに枠があり、互いを待たない。pf では確認方法ごと',
      },
    },
    JITSUIN_WEBHOOK_CONCURRENCY: {
      member: 'webhookConcurrency',
      kind: whole(1, 256),
      roles: STORE_ROLES,
      default: '16',
      means: {
        en:
          'webhook deliveries at once in one worker process, at most 2 for an endpoint and 8 for a ' +
          'tenant; one that has waited 2 s gives its place to others, and an endpoint that does not ' +
          'answer is left alone for 30 s to 10 minutes',
        ja: '一つのワーカーが同時に行う Webhook 配信の数。宛先ごとに 2、テナントごとに 8 まで。2 秒待った配信は枠を譲り、応答しない宛先には 30 秒から 10 分のあいだ送らない',
      },
    },
    JITSUIN_DEBUG: {
      member: 'debug',
      kind: flag('quiet', 'shown'),
      roles: ALL_ROLES,
      default: '0',
      means: {
        en: '`1` lets the command line print the cause of an unexpected failure',
        ja: '`1` なら、予期しない失敗の原因をコマンドが表示する',
      },
    },
  },
);

/** `sandbox` reads as `test`: there are keys for test and keys for production, nothing else. */
function environment() {
  const named = choice('test', 'sandbox', 'production');
  return mapped(named, (name) => ({
    value: name === 'production' ? ('production' as const) : ('test' as const),
  }));
}
