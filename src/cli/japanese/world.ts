import type { TranslatedCommand } from '../usage.ts';
import { JSON_OUT, ROLE_SETTINGS } from './shared.ts';

/** Commands that start, make or try something on this machine. */
export const WORLD_COMMANDS: Readonly<Record<string, TranslatedCommand>> = {
  demo: {
    summary: '模擬の国民による申請の署名を、始めから終わりまでこの機械で行う',
    about: `ループバックの空いているポートで、一つのプロセス木の中に、それぞれのストアを持つシミュレーター（デジタル認証サービス、アプリ、カード、JPKI）、リライングパーティーとそのワーカー、
プラットフォーム事業者とそのワーカーを起動する。続いて模擬の国民が、ガイドラインの「署名」シーケンスのとおりに、実際の HTTP リダイレクトを一歩ずつたどる。FILE がなければ samples/applications/ に署
名する。`,
    options: {
      out: '結果・鍵・ストア・ログの置き場所（既定：jitsuin-data/demo-<時刻>）',
      role: '民間事業者とプラットフォーム事業者か、行政機関か',
      profile: 'detached はどんなファイルにも使える（ファイルを与えたときの既定：enveloped）',
      form: '--profile の代わりに、受取側の様式',
      file: '--form とともに：文書に添えるファイル。署名されるときの名で指定する',
      mode: 'digest は profile detached のためのもの',
      element: '署名する要素。profile の既定でないとき',
      person: '模擬の国民',
      outcome: '国民が何をするか',
      json: '一行に一つの JSON オブジェクト',
    },
    more: '終了ステータス：0 すべて署名され検証できた、1 無効なもの・署名されなかったものがある、2 使い方の誤り、3 判定できない。',
  },
  simulator: {
    summary: '一つのポートで動く模擬サービス。要求のどこが誤りかを示すページ付き',
    about: `この機械の一つのポートで、模擬のデジタル認証サービスを起動する。OpenID プロバイダーと署名 API、アプリの画面、カード、JPKI（認証局・CRL・OCSP）、時刻認証局を含む。自身のページで、アドレス、
人物、登録済みクライアント、起こせる障害、よく使うライブラリの設定、最近の要求とそれぞれの誤りを示す。

拒否はすべて標準エラー出力にも、どのパラメーターに何が来たか、規則は何で、どこに書かれているかとともに出る。クライアントに返すのは、サービスの言葉そのものだけである。`,
    options: {
      port: '0 なら空いているポート',
      host: '待ち受けるアドレス。ループバック以外のアドレスに届く人は、誰にでもなりすましてログインできる',
      'public-url': '他から使う基底 URL が別にあるとき、その URL',
      clients: '登録済みクライアントの JSON。起動時に読み、登録のたびに書く',
      'keep-nothing': 'ファイルを書かない。登録したものは終了とともに消える',
      seed: '人物・カード・鍵のもとになる文字列',
      controls: 'ページを開き、クライアントを登録し、障害を起こしてよいのは誰か',
      json: '起動したときに一つ、要求ごとに一つの JSON オブジェクトを出力',
    },
    more: '自分では終わらない。SIGINT（Ctrl-C）か SIGTERM で終わる。始めから終わりまで署名するには「jitsuin demo」、sp・gov・pf を含む一式を作るには「jitsuin init」。',
  },
  'rp-test': {
    summary: 'リライングパーティーを検査する。ログインを繰り返し、誤りと、拒むべきなのに拒まないものを挙げる',
    about: `動いているあなたのリライングパーティーに対してデジタル認証サービスを演じ、ログインと署名を繰り返して、ガイドラインや標準が禁じる動作と、拒めていないものを挙げる。項目ごとに、根拠の段落、送ったもの、
返ってきたもの、対処を示す。サービスの画面は国民に代わって操作するので、人が付いている必要はない。

PLAN はあなたのリポジトリーに置く JSON ファイルである。"client"（「jitsuin simulator」に登録する形）、"start"（ログインを始めるアドレス）、"home"（ログインした人だけに 2xx を返すアド
レス）、"says"（誰にでも応じるページなら、ログインした人にだけ出る語）、"refresh"（トークンを更新するアドレス）、"sign"（"start" は署名を始め、"done" は結果を告げる。
どちらもアドレスか {"command": […]} か {"post": アドレス}）、"press"（ページのボタンの語）、"stores"（アプリが保存するファイルとフ
ォルダー）、"plans"（login, rate, signature, error-rows, refresh, logout, keys, maintenance, hostile）、
"patience" と "recovery"（ミリ秒）、"port"（アプリがサービスを探すポート。既定 8090）、"seed"。`,
    options: {
      junit: 'JUnit XML でも書く',
      html: '一枚のページとしても書く',
      report: 'JSON でも書く',
      json: '文章の代わりに JSON で出力',
      signed: '第三者が確かめられる JWS（RFC 7515）としても書く。--key とともに',
      key: '署名する ES256 の秘密 JWK。「jitsuin rp keygen」が作る形',
    },
    more: '終了ステータス：0 不合格なし、1 不合格あり、2 使い方の誤り、3 一つも検査できなかった。先にアプリを起動しておくか、CI で待つ。サービスはこのコマンドを始めるとすぐに応じる。',
  },
  rehearse: {
    summary: '多くの申請が来る一日を、障害も含めて、シミュレーターにつないだ配備で予行する',
    about: `シミュレーターをサービスとするあなたの配備、または自前の一式に対して、多くの申請が来る一日を予行する。一秒あたりの
件数、サービスと pf の決まった時刻の障害、考え、断り、あきらめ、ページを二度読み込む国民を演じる。失われたもの（あってはならない）、
遅れたもの、断られたもの、加えるべきものを示す。

送る先は、この機械と、計画が自分のものとして挙げたホストだけで、実際のサービスには決して送らない。配備が国民をシミュレーター以外へ
送ったら止まる。提出したものは、配備のストアに残る。`,
    options: {
      out: '計画に "target" がないとき、自前の一式のフォルダー',
      report: '報告を JSON のファイルにも書く',
      schema: '計画の JSON Schema を出力する。他は何もしない',
      json: JSON_OUT,
    },
    more: `終了ステータス：0 何も失われず、遅れ・断りも計画の許す範囲、1 それ以外、2 使い方の誤り、3 途中で止まった。`,
  },
  init: {
    summary: '模擬環境一式の鍵と設定を一つのフォルダーに作る',
    about: `役割（simulator・sp・gov・pf）ごとに --env-file 用の .env ファイルを一つ書き、その横に新しい鍵（モード 600）、シミュレーターのトラストアン
カー、sp と gov の API キーを置く。既にある環境は決して上書きしない。`,
    options: {
      dir: 'フォルダー',
      host: '各部が待ち受けるホスト',
      'simulator-url': '公開 URL。ポートは待ち受けるポート',
      'sp-url': '公開 URL。ポートは待ち受けるポート',
      'gov-url': '公開 URL。ポートは待ち受けるポート',
      'pf-url': '公開 URL。ポートは待ち受けるポート',
      'console-ports': 'この機械でのコンソールのポート',
      'database-url': '組み込みの SQLite ファイルの代わりに PostgreSQL を使う。役割ごとにスキーマを持つ',
      'redis-url': 'SQL のキューの代わりに Redis 上の BullMQ を使う',
      apart: `役割ごとのフォルダーに必要なものすべて（.env とトラストアンカーも）を入れ、単独でマウントできるようにする。API キーは callers/ に置く。--database-url とともに使うと、
役割ごとに PostgreSQL のアカウント（postgres/roles.sql。データベースを作るときに実行する）と Redis のアカウント（redis/users.acl）を作る`,
      'if-missing':
        '同じオプションで作った環境が既にあれば、何もせずに成功とする。オプションの違う環境は、これまでどおり名を挙げて拒む',
      seed: 'シミュレーターの人物・カード・証明書のもとになる文字列',
      json: '書いたものを JSON で出力',
    },
  },
  serve: {
    summary: '役割（sp、gov、pf、simulator）の HTTP の部分を動かす',
    about: `${ROLE_SETTINGS}

--with-worker を付けると、バックグラウンドのジョブも同じプロセスで動く。機械が一台ならこれで足り、申請一件の費用が最も小さい。複数の機械で動かすとき、片方だけを再起動したいときは、「worker」を別に動かす。`,
    options: {
      role: 'どの部分か',
      'env-file': '設定のファイル',
      json: '起動したら一つの JSON オブジェクト（verb、role、url）を出力',
      'with-worker': 'その役割のバックグラウンドのジョブも、このプロセスで動かす',
    },
  },
  worker: {
    summary: '役割（sp、gov、pf）のバックグラウンドのジョブを動かす',
    about: ROLE_SETTINGS,
    options: {
      role: 'どの部分か',
      'env-file': '設定のファイル',
      json: '起動したら一つの JSON オブジェクト（verb、role、url）を出力',
    },
  },
  doctor: {
    summary: '役割の設定・鍵・時計・到達性・ストア・トラストを調べ、対処を示す',
    about: `調べるだけで、何も変えない。対象は、設定、環境、鍵ファイルとそのモード、トラストストア（Security Communication RootCA2 とその期限）、ポート、
サービスのディスカバリー文書と正確な発行者、サービスとこの機械の時計の差、サービスの鍵、こちらのクライアントとリダイレクト URI で開いた認可エンドポイント、ストア（一行を書いて取り消す）とそのスキーマとシール鍵、
キュー（ジョブを一つ入れて取り出す）、ワーカーの生存信号、自身の公開 URL。検証者については、トラストアンカー、それぞれの CRL と OCSP、TSA のトークン（いずれも判定する）、復号鍵ごとの試しの鍵共有も調べる。`,
    options: {
      role: 'どの役割か',
      settings: '与えられたすべての設定（秘密でなければ値も）と、どこに書かれているかも示す',
      token: 'サービスにクライアントトークンを一つ求め、クライアント鍵が登録済みであることも確かめる',
      json: '一つの JSON オブジェクトで出力：role, settings [{name, value, from}], findings [{check, state, says, advice, code}]',
    },
    more: '終了ステータス：0 不合格なし（警告はありうる）、1 不合格あり、3 調べられなかったものがある。',
  },
  openapi: {
    summary: '役割（sp、gov、pf）の OpenAPI 3.1 文書を出力する',
    about:
      'サーバーが要求を判定するのと同じ契約から作る。動いているサーバーでは /openapi.json にあり、/docs でページとして読める。',
    options: { role: 'どの役割の API か', server: 'API の所在', out: '標準出力の代わりにここへ書く' },
  },
  listen: {
    summary: '動いている sp・gov の Webhook をこの機械のプログラムへ送る（開発者用）',
    about: `開発者用。動いている sp・gov の Webhook を、サーバーからは届かなくてもよいこの機械のプログラムへ送る。キーのテナントの申請を毎秒調べ、終わったものを、サーバーが送るのと同じ形で、
始めに表示する秘密で署名して送る。Ctrl-C で終わる。本番ではエンドポイントを登録する。`,
    options: {
      to: '例：http://localhost:3000/webhooks',
      secret: '署名に使う秘密。なければ新しく作る',
      url: 'sp・gov の所在。なければ JITSUIN_URL',
      'key-file': 'API キーを収めたファイル。なければ JITSUIN_API_KEY',
    },
  },
  health: {
    summary: 'この機械のプロセスが仕事をできるかを尋ねる（ヘルスチェック用）',
    about: `横で動くプロセスに、仕事ができるかを尋ねる。127.0.0.1 の JITSUIN_MANAGEMENT_PORT か JITSUIN_PORT（ここでの既定：8080）の GET /readyz を呼ぶ。
コンテナやサービス管理のヘルスチェックに使う。`,
    options: {
      url: '代わりにこのアドレスに尋ねる。400 未満の応答ならよい',
      json: `${JSON_OUT}：url, healthy, says`,
    },
    more: '終了ステータス：0 できる、1 できない。',
  },
};
