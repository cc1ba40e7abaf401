import { choice, duration, file, flag, folder, type Kind, mapped, text, whole, words } from '../kinds.ts';
import { ALL_ROLES, chapter } from '../variable.ts';

function powerOfTwo(min: number, max: number): Kind<number> {
  const kind = mapped<number, number>(whole(min, max), (value) =>
    Number.isInteger(Math.log2(value)) ? { value } : { fault: 'is no power of two' },
  );
  return {
    parse: kind.parse,
    accepts: { en: `${kind.accepts.en}, a power of two`, ja: `${kind.accepts.ja}、2 の冪` },
    examples: { good: kind.examples.good, bad: [...kind.examples.bad, '3'] },
  };
}

export const PLATFORM_OPERATOR = chapter(
  { en: 'pf alone', ja: 'pf だけ' },
  {
    JITSUIN_PF_TENANTS_FILE: {
      member: 'tenantsFile',
      kind: file(),
      roles: ['pf'],
      needed: ['pf'],
      means: {
        en: 'JSON list of `{id, name, client_id, jwks, services}`',
        ja: '`{id, name, client_id, jwks, services}` の JSON の並び',
      },
    },
    JITSUIN_PF_PRICES_FILE: {
      member: 'pricesFile',
      kind: file(),
      roles: ['pf'],
      otherwise: { en: 'built in', ja: '組み込み' },
      means: {
        en:
          'JSON list of fee rules: `{"certificate","method","from","list_price","charged_price","rule"}' +
          '`, yen, from a day of Japan’s calendar on',
        ja: '料金表の JSON の並び：`{"certificate","method","from","list_price","charged_price","rule"}`。円、日本の暦日から',
      },
    },
    JITSUIN_PF_TAX_PERCENT: {
      member: 'taxPercent',
      kind: whole(0, 100),
      roles: ['pf'],
      otherwise: { en: 'no line of a tax', ja: '税の行はない' },
      means: {
        en:
          'consumption tax on the printed statement of a tenant’s month, on its sum, rounded down; whether one is ' +
          'due on these fees is yours to settle',
        ja: '利用機関の月ごとの利用明細書に載せる消費税の率。合計額に掛けて切り捨てる。この手数料に課税されるかは自ら確かめる',
      },
    },
    JITSUIN_PF_RETENTION_DAYS: {
      member: 'retention',
      kind: duration('days', 1, 36_525),
      roles: ['pf'],
      otherwise: { en: 'nothing is deleted by clock', ja: '時間では消さない' },
      means: {
        en: 'so long after its end a verification is deleted with its evidence; its link in the evidence chain stays',
        ja: '終わってからこの期間の後に、検証をその証跡とともに消す。証跡の鎖の環は残る',
      },
    },
    JITSUIN_PF_CONSENT_RETENTION_DAYS: {
      member: 'consentRetention',
      kind: duration('days', 1, 36_525),
      roles: ['pf'],
      default: '3653',
      means: {
        en:
          'so long the record of a citizen’s consent is kept after attributes were handed out under ' +
          'it; it outlives the verification and its evidence',
        ja: '同意に基づき属性を渡した後、同意の記録を残す期間。検証とその証跡より長く残る',
      },
    },
    JITSUIN_PF_KEYSTORE_FILE: {
      member: 'keystoreFile',
      kind: file(),
      roles: ['pf'],
      default: '<JITSUIN_DATA_DIR>/pf.keystore.json',
      secret: 'file',
      means: { en: 'decryption keys (`jitsuin pf keygen`)', ja: '復号鍵（`jitsuin pf keygen`）' },
    },
    JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: {
      member: 'keystorePassphraseFile',
      kind: file(),
      roles: ['pf'],
      otherwise: {
        en: '`<data dir>/pf.keystore-passphrase`; production must name it',
        ja: '`<データフォルダー>/pf.keystore-passphrase`。本番では必須',
      },
      secret: 'file',
      means: { en: 'what opens them', ja: 'それを開く合言葉' },
    },
    JITSUIN_PF_KEYS_MODULE: {
      member: 'keysModule',
      kind: file(),
      roles: ['pf'],
      means: {
        en:
          'ES module of your own that gives the decryption keys of an HSM or KMS in the place of the ' +
          'keystore (`samples/decryption-keys`); the keystore and its passphrase are then not asked for',
        ja: '鍵ファイルの代わりに HSM や KMS の復号鍵を与える自前の ES モジュール（`samples/decryption-keys`）。鍵ファイルと合言葉は要らない',
      },
    },
    JITSUIN_PKCS11_MODULE: {
      member: 'pkcs11Module',
      kind: file(),
      roles: ['pf'],
      means: {
        en:
          'the PKCS#11 library of an HSM’s vendor: the keys that `JITSUIN_PKCS11_KEYS` names lie in the ' +
          'token and never leave it ([keys in hardware](guides/keys-in-hardware.md)); needs the package ' +
          '`pkcs11js` beside jitsuin',
        ja:
          'HSM の製造元の PKCS#11 ライブラリー。`JITSUIN_PKCS11_KEYS` の鍵はトークンに置かれ、外に出ない' +
          '（[ハードウェアの鍵](guides/keys-in-hardware.md)）。パッケージ `pkcs11js` が要る',
      },
    },
    JITSUIN_PKCS11_TOKEN: {
      member: 'pkcs11Token',
      kind: text(),
      roles: ['pf'],
      needs: 'JITSUIN_PKCS11_MODULE',
      means: {
        en: 'label of the token; slots are found by it',
        ja: 'トークンのラベル。スロットはこれで探す',
      },
    },
    JITSUIN_PKCS11_PIN_FILE: {
      member: 'pkcs11PinFile',
      kind: file(),
      roles: ['pf'],
      needs: 'JITSUIN_PKCS11_MODULE',
      secret: 'file',
      means: { en: 'its first line is the user PIN', ja: '一行目がユーザー PIN' },
    },
    JITSUIN_PKCS11_KEYS: {
      member: 'pkcs11Keys',
      kind: words(
        {
          en: '`decryption`, `receipts`, with one blank between them',
          ja: '`decryption`・`receipts` を空白一つで区切る',
        },
        /^(decryption|receipts)( (?!\1)(decryption|receipts))?$/,
        'decryption receipts',
      ),
      roles: ['pf'],
      default: 'decryption',
      means: {
        en: 'which keys lie in the token; the others lie in their files',
        ja: 'トークンに置く鍵。ほかの鍵はファイルに置く',
      },
    },
    JITSUIN_PKCS11_LIST_FILE: {
      member: 'pkcs11ListFile',
      kind: file(),
      roles: ['pf'],
      default: '<JITSUIN_DATA_DIR>/pf.pkcs11-keys.json',
      means: {
        en: 'which keys of the token are whose, and in which state; no secret in it',
        ja: 'トークンのどの鍵が何で、どの状態か。秘密は含まない',
      },
    },
    JITSUIN_PKCS11_SESSIONS: {
      member: 'pkcs11Sessions',
      kind: whole(1, 64),
      roles: ['pf'],
      default: '4',
      means: {
        en: 'operations at once in the token, of one process',
        ja: '一プロセスがトークンで同時に行う操作',
      },
    },
    JITSUIN_PKCS11_TIMEOUT_SECONDS: {
      member: 'pkcs11Timeout',
      kind: duration('seconds', 1, 120),
      roles: ['pf'],
      default: '5',
      means: {
        en: 'so long one operation may take in the token; then it is opened anew, and the verification waits',
        ja: 'トークンでの一操作の上限。過ぎたらトークンを開き直し、検証は待つ',
      },
    },
    JITSUIN_TLOG_DIR: {
      member: 'tlogDir',
      kind: folder(),
      roles: ['pf'],
      means: {
        en:
          'a public log of this operator: receipts and the heads of the audit and evidence chains go into ' +
          'it, blinded, so that outsiders can see that history was not written anew ' +
          '([public log](guides/public-log.md)); ' +
          'every process of pf needs the same folder. Not in the backup of the database',
        ja:
          'この事業者の公開ログ。受領証と監査・証跡の鎖の先頭を、中身を隠して載せ、履歴が書き直されていないことを外から確かめられる' +
          '（[公開ログ](guides/public-log.md)）。pf の全プロセスが同じフォルダーを要する。データベースのバックアップに入れない',
      },
    },
    JITSUIN_TLOG_KEY_FILE: {
      member: 'tlogKeyFile',
      kind: file(),
      roles: ['pf'],
      default: '<JITSUIN_DATA_DIR>/pf.tlog-key.json',
      secret: 'file',
      means: {
        en: 'the log’s name and the key that signs its heads (`jitsuin log keygen`)',
        ja: 'ログの名前と、先頭に署名する鍵（`jitsuin log keygen`）',
      },
    },
    JITSUIN_TLOG_WITNESSES_FILE: {
      member: 'tlogWitnessesFile',
      kind: file(),
      roles: ['pf'],
      needs: 'JITSUIN_TLOG_DIR',
      means: {
        en: 'JSON list of `{url, key}`: who is asked to sign each head (`jitsuin witness`)',
        ja: '`{url, key}` の JSON の並び。各先頭への署名を頼む相手（`jitsuin witness`）',
      },
    },
    JITSUIN_TLOG_INTERVAL_MINUTES: {
      member: 'tlogInterval',
      kind: duration('minutes', 1, 1_440),
      roles: ['pf'],
      default: '60',
      means: {
        en: 'one entry so often at most; the log shows no finer volume',
        ja: 'エントリーは最大でもこの間隔に一つ。ログはこれより細かい量を示さない',
      },
    },
    JITSUIN_TLOG_LEAST_BATCH: {
      member: 'tlogLeastBatch',
      kind: powerOfTwo(1, 4_096),
      roles: ['pf'],
      default: '256',
      means: {
        en: 'what an entry is filled up to, so that a proof tells no smaller number',
        ja: 'エントリーをこの数まで埋める。証明からこれより小さな数は分からない',
      },
    },
    JITSUIN_MAKE_KEYS: {
      member: 'makeKeys',
      kind: flag('given', 'made'),
      roles: ['pf'],
      default: '0',
      means: {
        en:
          'beside `DATABASE_URL`: seal key, receipt key and keystore must be given, since every ' +
          'process that shares the database needs the same; `1` lets this process make files of its ' +
          'own, for one machine only. Without `DATABASE_URL` they are made in any case',
        ja:
          '`DATABASE_URL` があるとき、保管鍵・受領証の鍵・鍵ストアは与えられていなければならない（データベースを共有するプロセスは同じ鍵を要する）。`1` ' +
          'なら、このプロセスが自分のファイルに作る（一台だけの運用向け）。`DATABASE_URL` がなければ常に作る',
      },
    },
    JITSUIN_PF_RECEIPT_KEY_FILE: {
      member: 'receiptKeyFile',
      kind: file(),
      roles: ['pf'],
      default: '<JITSUIN_DATA_DIR>/pf.receipt-key.json',
      secret: 'file',
      means: { en: 'ES256 key that signs receipts', ja: '受領証に署名する ES256 の鍵' },
    },
    JITSUIN_VERIFICATION_DEADLINE_MINUTES: {
      member: 'deadline',
      kind: duration('minutes', 1, 10_080),
      roles: ['pf'],
      default: '1440',
      means: { en: 'when an undecided verification ends', ja: '決まらない検証が終わるまでの時間' },
    },
  },
);

export const SIMULATOR = chapter(
  { en: 'simulator', ja: 'シミュレーター' },
  {
    JITSUIN_SIMULATOR_SEED: {
      member: 'seed',
      kind: text(),
      roles: ['simulator'],
      default: 'jitsuin',
      means: { en: 'people, cards and certificates come from it', ja: '人・カード・証明書の元' },
    },
    JITSUIN_SIMULATOR_CONTROLS: {
      member: 'controls',
      kind: choice('loopback', 'anyone'),
      roles: ['simulator'],
      default: 'loopback',
      means: {
        en:
          'who may set the scene (`/simulator/…`: people, clock, faults): `anyone` opens it to all who ' +
          'reach the port; publish that port on loopback alone',
        ja: '場面（`/simulator/…` の人物・時計・障害）を変えてよい者。`anyone` はポートに届く全員に開く。そのポートはループバックだけに公開すること',
      },
    },
    JITSUIN_SIMULATOR_CLIENTS_FILE: {
      member: 'clientsFile',
      kind: file(),
      roles: ['simulator'],
      means: { en: 'JSON list of registered clients', ja: '登録されたクライアントの JSON の並び' },
    },
  },
);

/** What the modules under samples/ read for themselves: known here, so that a name that nobody reads is refused. */
export const MODULES = chapter(
  { en: 'The KMS modules of the samples', ja: '見本の KMS モジュール' },
  {
    JITSUIN_KMS_URL: {
      member: 'kmsUrl',
      kind: text({ en: 'URL', ja: 'URL' }, /^https?:\/\//, 'https://kms.example'),
      roles: ALL_ROLES,
      means: { en: 'of the KMS', ja: 'KMS の URL' },
    },
    JITSUIN_KMS_TOKEN_FILE: {
      member: 'kmsTokenFile',
      kind: file(),
      roles: ALL_ROLES,
      secret: 'file',
      means: { en: 'what lets us in there', ja: 'そこに入るためのもの' },
    },
    JITSUIN_KMS_KEYS_FILE: {
      member: 'kmsKeysFile',
      kind: file(),
      roles: ALL_ROLES,
      means: {
        en: '`samples/decryption-keys`: the keys there',
        ja: '`samples/decryption-keys`：そこにある鍵',
      },
    },
    JITSUIN_KMS_SEAL_KEY_ID: {
      member: 'kmsSealKeyId',
      kind: text(),
      roles: ALL_ROLES,
      means: { en: '`samples/seal-keys`: the key there', ja: '`samples/seal-keys`：そこにある鍵' },
    },
  },
);
