import { choice, duration, file, folder, serverUrl, text } from '../kinds.ts';
import { ALL_ROLES, chapter, STORE_ROLES } from '../variable.ts';

/** Names a PostgreSQL schema without quotes. */
const DATABASE_SCHEMA = /^[a-z][a-z0-9_]{0,62}$/;
/** What all Redis keys of a queue begin with. */
const QUEUE_PREFIX = /^[0-9A-Za-z_][0-9A-Za-z:_-]{0,63}$/;

export const STORAGE = chapter(
  { en: 'Store, queue and keys at rest', ja: '保存先・キュー・保存時の鍵' },
  {
    JITSUIN_DATA_DIR: {
      member: 'dataDir',
      kind: folder(),
      // An image that is started for every role sets it for the simulator too, which keeps nothing.
      roles: ALL_ROLES,
      default: 'data',
      means: {
        en: 'folder of the embedded store and of keys that are made when missing',
        ja: '組み込みの保存先と、なければ作られる鍵のフォルダー',
      },
    },
    DATABASE_URL: {
      member: 'databaseUrl',
      kind: serverUrl('postgres', 'postgresql'),
      roles: STORE_ROLES,
      secret: 'value',
      means: {
        en: 'PostgreSQL instead of the embedded SQLite file; run `jitsuin migrate --role …` first',
        ja: '組み込みの SQLite ファイルの代わりに使う PostgreSQL。先に `jitsuin migrate --role …` を行う',
      },
    },
    JITSUIN_DATABASE_SCHEMA: {
      member: 'databaseSchema',
      kind: text(
        { en: 'small letters, digits and `_`, at most 63', ja: '英小文字・数字・`_`、63 文字以内' },
        DATABASE_SCHEMA,
        'jitsuin_sp',
      ),
      roles: STORE_ROLES,
      otherwise: { en: '`jitsuin_<role>`', ja: '`jitsuin_<role>`' },
      needs: 'DATABASE_URL',
      means: {
        en: 'PostgreSQL schema; roles never share one',
        ja: 'PostgreSQL のスキーマ。役割どうしで共有しない',
      },
    },
    REDIS_URL: {
      member: 'redisUrl',
      kind: serverUrl('redis', 'rediss', 'redis+sentinel', 'rediss+sentinel'),
      roles: STORE_ROLES,
      secret: 'value',
      means: {
        en: 'BullMQ dispatches instead of the SQL queue; Redis must be set to `noeviction`',
        ja: 'SQL のキューの代わりに BullMQ が配る。Redis は `noeviction` であること',
      },
    },
    JITSUIN_QUEUE_PREFIX: {
      member: 'queuePrefix',
      kind: text(
        { en: 'letters, digits, `:`, `_`, `-`, at most 64', ja: '英数字・`:`・`_`・`-`、64 文字以内' },
        QUEUE_PREFIX,
        'jitsuin:sp',
      ),
      roles: STORE_ROLES,
      otherwise: { en: '`jitsuin:<role>`', ja: '`jitsuin:<role>`' },
      needs: 'REDIS_URL',
      means: { en: 'what all Redis keys of the queue begin with', ja: 'キューの Redis キーの接頭辞' },
    },
    JITSUIN_SEAL_KEY_FILE: {
      member: 'sealKeyFile',
      kind: file(),
      roles: STORE_ROLES,
      default: '<JITSUIN_DATA_DIR>/<role>.seal-key.json',
      secret: 'file',
      means: { en: 'keys that seal protected columns at rest', ja: '保護する列を保存時に封じる鍵' },
    },
    JITSUIN_SEAL_KMS_MODULE: {
      member: 'sealKmsModule',
      kind: file(),
      roles: STORE_ROLES,
      means: {
        en:
          'ES module of your own that wraps those keys in a KMS (`samples/seal-keys`): the file then ' +
          'holds none in clear, and a file in clear is refused (`jitsuin keys wrap`)',
        ja: 'それらの鍵を KMS で包む自前の ES モジュール（`samples/seal-keys`）。ファイルに平文の鍵は残らず、平文のファイルは拒む（`jitsuin keys wrap`）',
      },
    },
  },
);

export const LOG = chapter(
  { en: 'Log', ja: 'ログ' },
  {
    JITSUIN_LOG_LEVEL: {
      member: 'logLevel',
      kind: choice('debug', 'info', 'warn', 'error', 'silent'),
      roles: STORE_ROLES,
      default: 'info',
      means: { en: 'least level that is written', ja: '書き出す最低の段階' },
    },
    JITSUIN_LOG_DIR: {
      member: 'logDir',
      kind: folder(),
      roles: STORE_ROLES,
      otherwise: { en: 'standard output', ja: '標準出力' },
      means: {
        en:
          'absent: JSON lines on standard output, and the platform that runs the process keeps and ' +
          'deletes them. A folder (made with mode 700): each process writes ' +
          '`<part>-YYYY-MM-DD.<host>-<process id>.log` there (mode 600), a new file each UTC day; ' +
          '`<part>` is the role, or `<role>-worker`. A folder that is full or may not be written stops ' +
          'the start; later, a line that no file takes goes to standard output and the service goes on',
        ja:
          'なければ標準出力へ JSON の行を書き、保存と削除は実行基盤が行う。フォルダー（モード 700 で作る）なら、プロセスごとに ' +
          '`<part>-YYYY-MM-DD.<host>-<プロセス id>.log`（モード 600）を UTC の日ごとに書く。`<part>` は役割名または ' +
          '`<role>-worker`。満杯や書けないフォルダーでは起動しない。起動後に書けなくなった行は標準出力へ出し、サービスは続く',
      },
    },
    JITSUIN_LOG_DAYS: {
      member: 'logDays',
      kind: duration('days', 1, 36_525),
      roles: STORE_ROLES,
      default: '30',
      means: {
        en:
          'with `JITSUIN_LOG_DIR`: so long after its own day a file of the same part is deleted, at ' +
          'the start and at each change of day; nothing else in the folder is touched. What could not ' +
          'be deleted is logged (`log.not-deleted`)',
        ja:
          '`JITSUIN_LOG_DIR` とともに。同じ part のファイルを、その日からこの期間の後に、起動時と日替わりに消す。ほかのファイルには触れない。' +
          '消せなかったものはログに残す（`log.not-deleted`）',
      },
    },
  },
);
