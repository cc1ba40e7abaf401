import type { TranslatedCommand } from '../usage.ts';
import { JSON_OUT, OPENED_WITH, STORE_PLACE } from './shared.ts';

const KEYSTORE = {
  keystore: '既定：JITSUIN_PF_KEYSTORE_FILE、なければ JITSUIN_DATA_DIR の pf.keystore.json',
  'passphrase-file':
    '既定：JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE。テスト環境の鍵では、なければ JITSUIN_DATA_DIR の pf.keystore-passphrase（なければ作る）',
} as const;

/** Commands of a platform operator, and of who watches one. */
export const PLATFORM_OPERATOR_COMMANDS: Readonly<Record<string, TranslatedCommand>> = {
  'pf keygen': {
    summary: 'プラットフォーム事業者の鍵の対を作る。登録する公開 JWK だけを出力する',
    about: `ECDH-ES のための P-256 の鍵の対を作り、秘密鍵を暗号化して鍵ストアに保管し、公開鍵をデジタル庁が登録する形で出力する。一つのサービスと環境に一つの鍵。
メンバーは kty, use, alg, crv, x, y, kid だけである。

サービスの最初の鍵は直ちに有効になる。後の鍵は、すぐにバンドルを開けるようになり、「jitsuin pf keys --activate KID」で代わる。`,
    options: {
      service: '鍵を登録するサービス',
      environment: 'どの環境の鍵か',
      check: '何も作らず、渡す前の JWK を判定する。秘密鍵や他のメンバーがあれば拒む',
      ...KEYSTORE,
      json: 'JWK を一行で出力',
    },
  },
  'pf keys': {
    summary: 'プラットフォーム事業者の鍵を一覧する。有効にする・失効させる・破棄する',
    about: `generated → active → overlap → expired → destroyed。後の二つを除き、バンドルを開ける。代わられた鍵は、重なりの期間（既定 168 時間。
署名トランザクションの寿命は二時間に満たない）が終わるまで、途中のものを開き続ける。`,
    options: {
      activate: 'そのサービスと環境で、この鍵を有効にする',
      overlap: '--activate とともに：前の鍵があと何時間開くか',
      expire: '以後は何も開かない',
      destroy: '失効した鍵の秘密鍵を永久に取り除く',
      ...KEYSTORE,
      json: JSON_OUT,
    },
  },
  'pf key-protocol': {
    summary: '管理者二人が行った鍵の変更の、署名付きの記録。判定もできる',
    about: `プラットフォーム事業者の鍵は、コンソールで管理者二人により作られ、有効にされ、失効し、破棄される。その変更について監査人のための記録を書く。誰が求め誰が認めたか、いつ、どの鍵（公開部分）か、
監査ログの記録とそのハッシュを、受領証の鍵で署名して収める。ID がなければ、行われた変更を一覧する。`,
    options: {
      out: '署名付きの記録の置き場所。-（既定）は標準出力',
      html: '印刷用のページ（鍵管理記録）としても書く',
      check: '代わりに署名付きの記録を判定する。--operator-keys とともに',
      'operator-keys': '--check の判定に使う、事業者の JWK Set（/.well-known/jwks.json）',
      json: '一覧、または --check の結果を JSON で出力',
    },
  },
  'pf receipt-keys': {
    summary: 'PKCS#11 トークンにある受領証の鍵。新しい鍵を作る',
    about: `PKCS#11 トークンの中で受領証とエビデンスに署名する鍵（"receipts" を含む JITSUIN_PKCS11_KEYS）を、公開 JWK の集合として、有効なものを先頭に出力する。
プロセスは起動時に新しい鍵を取る。前の鍵も公開され続け、その受領証を確かめられる。`,
    options: { generate: 'トークンの中に鍵を作る。次の起動から署名する', json: '集合を一行で出力' },
  },
  'pf statement': {
    summary: '一つのテナントと月の、課金対象の有効性確認の明細。JSON または CSV',
    about: `追記だけの台帳を読む。OK または REVOKED で終わった確認ごとに一件、定価とその日（日本の暦）の課金額。手数料の単位は円。`,
    options: { tenant: 'テナント', month: '月', csv: '見出し行のある RFC 4180。なければ合計付きの JSON' },
    more: STORE_PLACE,
  },
  'pf consents': {
    summary: 'どの同意に基づいて属性をテナントに渡したか。JSON',
    about: `渡すたびに一つのオブジェクトを、古い順に。誰のものか（テナントごとの乱数の国民 ID）、どの検証か、どの属性か、何のためか、同意した文面の SHA-256、同意した時、渡した時、いつまで保管するか。`,
    options: { tenant: 'テナント', subject: '一人の国民のものだけ' },
    more: STORE_PLACE,
  },
  'pf link-subject': {
    summary: '証明書の更新後：国民に前のサブジェクト ID を続けさせる',
    about: `更新された証明書には、誰のものかを示すものがないので、新しい乱数のサブジェクト ID が付く。一つのテナントの二つの ID が同じ国民だと（J-LIS の紐付けサービスなどで）分かったとき、これからの検証にも、
これまでの検証にも、前の ID をその人のものに戻す。紐付けは監査チェーンに記録され、取り消せない。`,
    options: { tenant: 'テナント', keep: '更新前の ID', merge: 'やめる ID' },
    more: STORE_PLACE,
  },
  'pf judge-again': {
    summary: '判定なしに終わった検証を、もう一度判定させる',
    about: `判定なしに終わった（拒否・期限切れ）か、期限に判定できなかった（INDETERMINATE）検証で、バンドルがまだ保管されているもの（シールしたまま、終わりの保管期間まで。設定がなければ 30 日）を、
こちらの鍵・リスト・ポリシー・時計を直した後に、もう一度判定させる。時間はそれぞれ前と同じだけある。監査チェーンに記録される。判定のあるものはそのまま。ID か --code のいずれか。`,
    options: {
      code: 'このコードで終わったものすべて。例：certificate.anchor-missing',
      json: '一つの JSON の一覧で出力',
    },
    more: `${STORE_PLACE}${OPENED_WITH}

もう一度判定できないものがあれば終了ステータス 1。`,
  },
  'gov judge-again': {
    summary: '判定なしに終わった申請を、もう一度判定させる',
    about: `判定なしに終わった（保留のまま期限になった・検証で続けられなくなった）か、判定できなかった（INDETERMINATE）申請で、署名値と証明書がまだ保管されているもの（シールしたまま 30 日）を、
こちらのトラストアンカー・リスト・ポリシー・時計を直した後に、もう一度判定させる。時間はそれぞれもう一日ある。監査チェーンに記録される。判定のあるものはそのまま。
その間に本人が署名し直していないか、先に確かめること。ID か --code のいずれか。`,
    options: {
      code: 'このコードで終わったものすべて。例：certificate.anchor-missing',
      json: '一つの JSON の一覧で出力',
    },
    more: `${STORE_PLACE}${OPENED_WITH}

もう一度判定できないものがあれば終了ステータス 1。`,
  },
  'log keygen': {
    summary: '公開ログまたは証人の鍵を作る。固定してもらう公開鍵を出力する',
    about: `公開ログまたは証人の Ed25519 の鍵をモード 600 の新しいファイルに作り、他が固定する形で公開鍵を出力する。名・ID・鍵を「+」でつないだもの（C2SP signed-note）。
ログの名はその origin で、決して変わらない。自分のドメインの下の名を、スキームなしで付ける。例：log.example.jp/jitsuin。`,
    options: {
      name: 'ログまたは証人の名',
      out: '鍵の置き場所。決して上書きしない',
      witness: 'ログではなく証人の鍵',
    },
  },
  witness: {
    summary: '公開ログを見張る。前に見たものから続くときだけ署名する',
    about: `テナントや監査人のために公開ログを見張る（C2SP tlog-witness）。前に署名した先頭から続くときだけ署名し、他はすべて拒み、何も忘れない。ログ自身の鍵が二通りに署名したもの、縮んだ木、
同じ大きさの別の木は、証拠として DIR/alarms に残し、標準エラー出力に告げる。

DIR はその記憶である。専用のディスクに置き、バックアップから戻してはならない。前には TLS を行うものを置く。`,
    options: {
      dir: '記憶',
      key: '鍵（jitsuin log keygen --witness）',
      log: '見張るログの公開鍵',
      host: '待ち受けるアドレス',
      port: '0 なら空いているポート',
    },
  },
};
