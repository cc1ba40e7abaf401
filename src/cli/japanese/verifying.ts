import type { TranslatedCommand } from '../usage.ts';
import { JSON_OUT, ONE_JSON_OBJECT, OPENED_WITH, STORE_PLACE, WHOSE_EVIDENCE } from './shared.ts';

const REPORTS = {
  'report-xml':
    '判定が一つのとき：報告を ETSI TS 119 102-2（v1.4.1）の XML で書く。証明書と失効情報はダイジェストで示す',
  'report-html': '判定が一つのとき：報告を印刷用のページ（検証結果報告書）として書く。その XML も中に入る',
} as const;
const ARCHIVE = {
  list: 'LIST にあるファイルも。一行に一つ（- なら標準入力）',
  format: '書庫の出力の形（既定：ndjson）',
  out: '書庫の結果の行を FILE に追記する。途中で止められた後に同じコマンドを実行すると続きから始める',
} as const;

/** Commands that judge what was signed and kept. */
export const VERIFYING_COMMANDS: Readonly<Record<string, TranslatedCommand>> = {
  verify: {
    summary: '署名された文書をオフラインで判定する',
    about: `FILE（- なら標準入力）の署名、それを行った証明書、その失効の有無を判定する。--detached なら、--signature-value と --certificate か、--result を与え
る。--form なら受取側の様式の文書で、署名者の一人ずつを判定し、どの Reference も覆わないものを挙げる。

複数のファイル、フォルダー（下のすべて）、一覧は、書庫として、すべてのプロセッサーで判定する。一文書一行を出力し、まとめを標準エラー出力に出す。端末では件数・速さ・残り時間を示す。すべてを、与えた規則で、同じ一つの時点について判定する。`,
    options: {
      trust: 'トラストアンカー。PEM または DER。FILE から取ることは決してない',
      crl: 'CRL。PEM または DER。ネットワークからは何も取らない',
      ocsp: 'DER の OCSP 応答',
      'no-revocation': '失効を調べない。報告にその旨が出る',
      intermediate: '署名者とアンカーの間の CA 証明書',
      at: 'この時点について判定する。例：2026-11-22T09:00:00+09:00（既定：現在）',
      timestamp:
        '署名値のオクテット列または署名済み XML に対する RFC 3161 タイムスタンプ（トークンまたは応答、DER）。証明書・失効・アルゴリズムはその時刻について判定する',
      'tsa-trust':
        '--timestamp とともに：時刻認証局のルート。PEM または DER。その失効は --crl と --ocsp で調べる',
      policy:
        'ポリシーファイル、または同梱の jpki、jpki-test（既定：証明書に合うほう）、general（アンカーに至る任意の証明書）',
      profile:
        'enveloped（既定）、by-id、guideline、detached。あらかじめ合意するもので、FILE からは決して読まない',
      form: '--profile の代わりに、受取側の様式（様式を加えるフォルダーは JITSUIN_FORMS_DIR）',
      file: '--form とともに：FILE に添えるファイル。署名されるときの名で指定する',
      folder: '--form とともに：DIR のすべてのファイル。リンクや中のフォルダーは不可',
      zip: '--form とともに：FILE と添付ファイルは ZIP の中。様式が名を決めていれば FILE は省ける',
      signers: '--form とともに：署名しているべき人数',
      element: '署名されているべき要素。NAME または {名前空間}NAME',
      id: '署名されているべき要素。その Id で指定する（profile by-id）',
      detached: '--profile detached と同じ。任意のファイルと、その横の署名',
      result: 'detached：署名値・証明書・モードを、detached の結果またはエビデンスから取る',
      'write-result': 'detached：それらを FILE の横に置く一つのファイルに収める。有効なときだけ書く',
      'signature-value': 'detached：base64、または base64 か生のオクテット列を収めたファイル',
      certificate: 'detached：署名者の証明書。PEM または DER',
      mode: 'detached：署名トランザクションを始めたときの digest-info（既定）または digest',
      'signed-octets': '署名が覆うオクテット列を書く。頼ってよいのはこれだけ',
      explain: 'ダイジェストや値が違うとき、文書とカードの間のどの段階が違っていたかを示す',
      expected: '--explain とともに：相手のシステムがダイジェストを取ったオクテット列。比べる',
      html: `どのブラウザーでも、ネットワークなしに FILE をもう一度判定できるページを書く。FILE、横に与えたもの、
この判定が入る。受け取った人は、中のアンカーを自分のものと比べること`,
      ...REPORTS,
      json: ONE_JSON_OBJECT,
      ...ARCHIVE,
    },
    more: `終了ステータス：0 有効、1 誤りと証明された（後で変わることはない）、2 使い方の誤り、3 どちらでもない（--crl がない、満たされないポリシー、別の様式、署名時刻の証明がない期限切れ・失効など）。
続けてできることは --json の "class" と "retryable" にある。書庫では最も悪い文書のもの。1、2（読めないものがある）、3 の順。`,
  },
  'evidence export': {
    summary: '一つの検証のエビデンスを、それだけで足りる一つのファイルに書く',
    about: `二十年後にオフラインでもう一度判定するのに必要なものを書く。文書、署名値、証明書とその経路、失効情報、時点、ポリシー、報告。その期間にタイムスタンプが付いた後なら、期間のハッシュ木での位置とタイムスタンプ、
事業者の署名（pf）、JITSUIN_TLOG_DIR の公開ログ（pf）に載った後ならその証明も。ファイルには証明書が入っている。サービス提供事業者に渡してはならない。書き出しは監査チェーンに記録される。`,
    options: {
      role: WHOSE_EVIDENCE,
      out: 'エビデンス（既定：標準出力）。--all ではフォルダー',
      document: '完成した署名済み XML も書く',
      report: '報告も JSON で書く',
      xades: `XAdES の LT・LTA 水準のプロパティーを加えた署名済み XML も書く。JITSUIN_TSA_URL（pf）でタイムスタンプを付ける。ベースライン署名ではな
い。SigningCertificateV2 が署名されていなければならないが、カードは証明書が分かる前に署名する。それを必須とする検証器（EU の DSS など）は B-LT・B-LTA とは呼ばない`,
      wait: 'その期間のタイムスタンプをこの秒数まで待つ',
      all: `ストアのすべてのエビデンスを、--out のフォルダーに一件一ファイル ID.json として、すべてのプロセッサーで書く。書いたものの一覧（.exported.ndjson または .csv）もそこに置き、
途中で止められた後に同じコマンドを実行すると続きから始める`,
      format: '--all とともに：その一覧の形（既定：ndjson）',
      json: JSON_OUT,
    },
    more: `${STORE_PLACE}${OPENED_WITH}`,
  },
  'evidence verify': {
    summary: 'エビデンスからもう一度、オフラインで判定する',
    about: `エビデンス（- なら標準入力）をその部分から作り直し、オクテットごとに比べる。変えられたもの、欠けたもの、重複したもの、取り替えられたもの、よそのものを名指しする。次に、
あなたのトラストアンカー（PEM または DER）で、タイムスタンプが証明する時刻について判定する。証明書と失効情報はその時刻にまだ有効でなければならず、その時刻はエビデンスのいう時点から --proof-within 時間以内で
なければならない。エビデンス自身がいう時刻は信じない。何も取得しない。

複数のファイル、フォルダー（下のすべて）、一覧、ストアは、書庫として、すべてのプロセッサーで判定する。一件一行を出力し、まとめを標準エラー出力に出す。端末では件数・速さ・残り時間を示す。ストアではそのチェーンもたどる。`,
    options: {
      trust: 'トラストアンカー。PEM または DER',
      'tsa-trust': '時刻認証局のルート。なければ時刻は証明されず、答えは INDETERMINATE になる',
      'believe-instant': 'エビデンス自身の時点を真とみなす。いつ作られたかを他から知っているときだけ使う',
      at: 'この時刻にも証明は成り立つか。例：2046-04-01T00:00:00+09:00（既定：現在）',
      'proof-within':
        'タイムスタンプは、判定した時点から何時間後までに付いていればよいか（既定：24）。失効情報は nextUpdate まで、少なくともこの時間は有効とする',
      forms: '自分の様式ファイルのフォルダー。受取側の様式の文書のエビデンスのため',
      'operator-keys':
        'プラットフォーム事業者の公開鍵（当時に保存した /.well-known/jwks.json）。エビデンスはそのいずれかで署名されていなければならない',
      log: '事業者の公開ログの公開鍵 NAME+ID+KEY。ログにこのエビデンスが載っていなければならない',
      witness: '信頼する証人の公開鍵',
      quorum: 'そのうち何人の署名が要るか。既定：全員',
      policy: '同梱のもののほかに、エビデンスの判定に使われていてよいポリシーファイル',
      'algorithm-ends': `ハッシュや鍵の種類が健全であった最後の日。例：sha256=2035-12-31,p-256=2035-12-31。それに拠るものは、その前に更新されていなければならない（既
定：rsa-2048=2030-12-31。3,072 ビット未満の RSA）`,
      ...REPORTS,
      json: ONE_JSON_OBJECT,
      store:
        'ファイルの代わりに、ストアのすべてのエビデンスを判定する。DATABASE_URL の PostgreSQL、なければ JITSUIN_DATA_DIR にあるその役割の SQLite ファイルを、シール鍵で開く',
      role: WHOSE_EVIDENCE,
      ...ARCHIVE,
    },
    more: `終了ステータス：0 証明された（または信じた）時刻に有効、1 エビデンスは健全で、判定は否、2 使い方の誤り、3 エビデンスは健全で、そこにあることは判定できないか、
証明できない・もう証明できない、4 エビデンスまたはその証明が変えられている。書庫では最も悪いもの。4、2（読めないものがある）、1、3 の順。ストアのチェーンが壊れているときも 4。`,
  },
  'evidence ageing': {
    summary: '次に証明を失うエビデンスはどれか、何により、いつか',
    about: `次に証明を失うエビデンスを示す。タイムスタンプの付いた期間ごとに一行、先に終わるものから、件数、そのままでいつまで証明できるか、何により終わるか（局の証明書か、トークンの下のアルゴリズムか）、
トークンを作った局。JITSUIN_TSA_RENEW_DAYS 以内に終わるものはワーカーが更新する。エビデンスは開かない。`,
    options: {
      role: WHOSE_EVIDENCE,
      before: 'この時刻より前に終わるものだけ。例：2031-01-01T00:00:00Z（既定：すべて）',
      'algorithm-ends': 'evidence verify と同じ（既定：ワーカーが更新に使う JITSUIN_ALGORITHM_ENDS）',
      json: '一つの JSON の一覧で出力',
    },
    more: STORE_PLACE,
  },
  'log verify': {
    summary: '受領証が事業者の公開ログにあるかをオフラインで判定する',
    about: `受領証が事業者の公開ログにあるかをオフラインで判定する。RECEIPT は受領証のファイル（compact JWS、または API が返し
た JSON）、--proof は GET /v1/verifications/ID/log-proof の応答。ログの先頭は、固定したログの鍵と、固定した証人のうち十分な数により署名されていなければならない。
受領証そのものが正しいかは別の問いで、その署名は事業者の公開鍵で確かめる。

終了ステータス 0：ログにある。1：あると示されていないことが証明された。`,
    options: {
      proof: '証明',
      log: 'ログの公開鍵。名+ID+鍵',
      witness: '信頼する証人の公開鍵',
      quorum: 'そのうち何人の署名が要るか。既定：全員',
      json: JSON_OUT,
    },
  },
};
