import type { TranslatedCommand } from '../usage.ts';
import { JSON_OUT, STORE_OPTIONS, STORE_PLACE } from './shared.ts';

const SEAL_KEY_FILE =
  'シール鍵のファイルは JITSUIN_SEAL_KEY_FILE（既定：JITSUIN_DATA_DIR の ROLE.seal-key.json）。';
const ROTATION = `切り替えの手順：keys rotate → keys reseal → keys retire KID。

プロセスは、ファイルが置き換えられると読み直す。写しを置いている所では、次の段階の前にすべてへ写す。`;
const API_KEYS = { file: 'API キーのファイル。なければ JITSUIN_API_KEYS_FILE', json: JSON_OUT } as const;
const CONSOLE = { at: 'どの役割のコンソールか', json: JSON_OUT } as const;
const ALL_LETTERS = 'すべてのデッドレター';

/** Commands of who runs a role. */
export const OPERATING_COMMANDS: Readonly<Record<string, TranslatedCommand>> = {
  capacity: {
    summary: '申請の数に必要なもの：プロセス、データベース、Redis、ディスク、サービスへの速さ',
    about: `申請の数に、いくつのプロセス、どれだけのデータベース・Redis・ディスク、サービスへのどの速さが要るかを、この版の申請一件の実測（samples/BENCHMARKS.md）か
ら、sp と pf を合わせて計算する。
数値の出どころと、残してある余裕も示す。`,
    options: {
      peak: '最も多いときの、一秒あたりの申請',
      month: '一か月の申請',
      octets: '一つの文書のオクテット数',
      store: 'どこに保管するか',
      busy: '最も多いときに、プロセッサーの何割まで使ってよいか。残りが余裕',
      least: '種類ごとのプロセスの最小数',
      'kept-months': '保管する期間（月）',
      slower: '実測した機械に対する、あなたのプロセッサーの遅さ。1.5 なら一倍半の時間がかかる',
      json: JSON_OUT,
    },
  },
  migrate: {
    summary: '役割のデータベースのスキーマを、このプログラムの版に上げる',
    about: `まだのマイグレーションを前方にだけ進める。同時に複数実行しても安全である。組み込みの SQLite ストアは役割の起動時に自分で進む。PostgreSQL はこのコマンドを待つ。MAC のなかった頃の行には、
役割のシール鍵（JITSUIN_SEAL_KEY_FILE）で MAC を付ける。その間、プロセスは止めておく。`,
    options: STORE_OPTIONS,
    more: STORE_PLACE,
  },
  'store move': {
    summary: '役割の組み込みストアを PostgreSQL に移す。数え、照合する',
    about: `JITSUIN_DATA_DIR の SQLite ファイルから DATABASE_URL（スキーマは JITSUIN_DATABASE_SCHEMA、既定は jitsuin_<役割>）へ移す。
先に役割とそのワーカーを止める。移す間、ファイルへの書き込みは締め出す。移し先のスキーマは作られ、空でなければならない。確定の前にすべての行を読み戻して比べ、移した先で監査チェーンをたどる。
シールした値はシールしたまま移る。JITSUIN_SEAL_KEY_FILE と JITSUIN_SUBJECT_KEY_FILE はそのまま使う。SQLite ファイルは元のまま残る。
役割が PostgreSQL で動いてから消す。`,
    options: STORE_OPTIONS,
  },
  'store backup': {
    summary: '役割の組み込みストアを、動いている間にファイルへ写す',
    about: `SQLite ファイルの整合した写し。役割は動いたままでよい。シールした値はシールしたままなので、シール鍵とサブジェクト鍵は別の場所に保管する。写しには印が付き、
戻しても「jitsuin store restored」を実行するまでは拒まれる（samples/RESTORE.md）。PostgreSQL はそれ自身の道具（pg_dump）でバックアップする。`,
    options: { out: '写しの置き場所。そのファイルがあってはならない', ...STORE_OPTIONS },
    more: STORE_PLACE,
  },
  'store restored': {
    summary: 'ストアをバックアップから戻したと宣言する。途中だったものは無効になる',
    about: `バックアップを戻した後、役割を起動する前に実行する（samples/RESTORE.md）。バックアップの後に使われたかもしれないものが、二度使えてはならない。

- 国民・コード・結果を待つ申請は restart-needed で終わる。国民にはもう一度署名するよう伝える
- セッションと途中のログインは終わる。クライアントトークンは取り直す
- この時より前のログアウトトークンとアサーションは拒む
- 24 時間は、新しい Idempotency-Key が、このコマンドが表示する（拒否のたびにも示す）接頭辞で始まらなければならない

既に取得したものは続き、判定は残る。中断されたら、もう一度実行する。先に役割とそのワーカーを止める。`,
    options: {
      'accept-any-key':
        '新しい Idempotency-Key をすべて受け入れる。バックアップの後に使われたものも、もう一度通る',
      ...STORE_OPTIONS,
    },
    more: STORE_PLACE,
  },
  'jobs list': {
    summary: '役割のジョブを数え、デッドレターを理由とともに一覧する',
    about: `失敗して次の実行を待つジョブを、回数の多い順に。続いてデッドレター（最終的に失敗したジョブ）を、新しい順に。理由は変わらない誤りコードで、相手やプロキシが応じたところでは HTTP ステータス、
プロキシに送ったオクテット数も示す。`,
    options: { limit: 'それぞれ多くて N 件。10000 件を超えることはない', ...STORE_OPTIONS },
    more: STORE_PLACE,
  },
  'jobs retry': {
    summary: 'デッドレターをもう一度ジョブにする',
    about:
      '動いているワーカーが 1、2 秒のうちに取る。ID か --all のいずれか。その ID のデッドレターがなければ終了ステータス 1。',
    options: { all: ALL_LETTERS, ...STORE_OPTIONS },
    more: STORE_PLACE,
  },
  'jobs drop': {
    summary: 'デッドレターをあきらめる',
    about:
      '同じ処理が再び登録されないよう、ジョブは一週間、済みとして残る。ID か --all のいずれか。その ID のデッドレターがなければ終了ステータス 1。',
    options: { all: ALL_LETTERS, ...STORE_OPTIONS },
    more: STORE_PLACE,
  },
  'audit verify': {
    summary: '役割の監査とエビデンスのチェーンをたどり、最初に壊れている記録を名指しする',
    about: `書き込むプロセスはそれぞれ自分の監査チェーンを持つ。どの記録も一つ前の記録の SHA-256 を持つので、変更・削除・切り捨ては、その場所でチェーンを壊す。一分ごとと、プロセスがチェーンを閉じるたびに、
すべてのチェーンの端を封印する。その上のマークル根（RFC 6962）を、前の封印につなぐ。チェーンも封印も抜くことはできない。削除の監査記録なしに消えたエビデンスは、エビデンスのチェーンを壊す。役割のシール鍵があれば、
端と封印にはその MAC が付いていなければならない。データベースに書けるだけの者は、チェーンを作り直せない。

誰も閉じていないチェーンは名指しする。そのプロセスがまだ動いているか、強制終了されたかである。

終了ステータス 0：すべて整っている。1：壊れている。最初に壊れている記録のチェーンと番号、または封印を出力する。ときどき先頭を別の場所に控え、--head で与えるとよい。前の状態に戻されたログも分かる。`,
    options: { head: '以前に控えた先頭（十六進 64 桁）。チェーンにあるはずのもの', ...STORE_OPTIONS },
    more: STORE_PLACE,
  },
  'operator invite': {
    summary: 'コンソールのパスキーを登録するための、一度だけ使えるリンクを出力する',
    about: `リンクは一度だけ使え、保存するのはハッシュだけである。信頼できる方法で渡す。管理者を招待できるのはここだけである。鍵とテナントの変更には二人が要るので、二人を招待す
る。--role と --name か、--again のいずれか。`,
    options: {
      role: 'viewer は見る、operator は作業する、auditor は監査する、administrator は鍵・テナント・人を変える',
      name: '同僚に分かる名',
      again: '既にいる担当者のパスキーを加える（二台目の機器や紛失）',
      hours: 'リンクの有効な時間。長くて 168',
      ...CONSOLE,
    },
    more: STORE_PLACE,
  },
  'operator list': {
    summary: 'コンソールの担当者を、権限と状態とともに一覧する',
    about: 'それぞれの権限、状態、パスキーの数。',
    options: CONSOLE,
    more: STORE_PLACE,
  },
  'operator disable': {
    summary: '担当者を直ちにコンソールから締め出す',
    about:
      'すべてのセッションと未使用の招待を終わらせる。パスキーでは何も開かなくなる。そのような担当者がいないか、既に無効なら終了ステータス 1。',
    options: CONSOLE,
    more: STORE_PLACE,
  },
  'rp keygen': {
    summary: 'リライングパーティーの鍵を作る・切り替える。登録する公開 JWK を出力する',
    about: `private_key_jwt のためのリライングパーティーの鍵。モード 600 のファイルに書き、表示はしない。標準出力は、デジタル庁への申込み（またはブローカーへの登録）とともに渡す公開 JWK だけであ
る。--rotate、--activate、--retire、--show は多くて一つ。`,
    options: {
      out: '既定：JITSUIN_CLIENT_KEY_FILE。既にあるファイルは決して上書きしない',
      environment:
        'どの環境の鍵か（新しいファイルでは必須）。別の環境のプロセスは拒む。sandbox は test と同じ',
      alg: 'アルゴリズム',
      rotate: 'まだ署名しない二つ目の鍵を加える。公開鍵を先に登録し、それから有効にする',
      activate: '次にプロセスを起動したときから、この鍵で署名する',
      retire: 'もう署名しない鍵を取り除く。登録からも外す',
      show: 'ファイルの公開鍵と、どれで署名するかを出力',
      json: '一つの JSON オブジェクトで出力：file, active, keys',
    },
  },
  'sessions end': {
    summary: 'リライングパーティーのブラウザーセッションと途中のログインを、すべて終わらせる',
    about: `緊急用。たとえばクッキーが他人に見られたかもしれないとき。セッションのクッキーは乱数で、鍵による署名はない。ストアから消すことで終わる。国民はもう一度ログインし、途中の署名は最初からになる。`,
    options: { all: '全員がログアウトするので、明示する', ...STORE_OPTIONS },
    more: STORE_PLACE,
  },
  'keys api new': {
    summary: 'sp・gov のテナントの API キーを作る。一度だけ表示する',
    about: `sp・gov の API のための、テナントの API キーを作り、一度だけ出力する。ファイルには SHA-256 だけが残る。テナントは複数のキーを持てる（切り替えの間は二つ）。
新しいテナントはこのキーから始まる。動いているプロセスは次の要求で取り込む。`,
    options: {
      ...API_KEYS,
      scope: '何をしてよいか。与えなければすべて',
      'return-url': 'テナントの国民を最後に戻してよい先。既にあるものは残る',
    },
  },
  'keys api list': {
    summary: 'ファイルの API キーを、テナント・スコープ・戻り先とともに一覧する',
    about:
      'ファイルの API キーを一覧する。テナント、SHA-256 の先頭、スコープ、戻り先。キーそのものは読み出せない。',
    options: API_KEYS,
  },
  'keys api revoke': {
    summary: 'API キーをファイルから取り除く',
    about:
      '「keys api list」が示す SHA-256 の先頭で指定した API キーを、ファイルから取り除く。動いているプロセスは次の要求で取り込む。',
    options: API_KEYS,
  },
  'keys list': {
    summary: '保管データをシールする鍵と、それぞれを指す値の数を一覧する',
    about: `${SEAL_KEY_FILE}ID だけを示す。秘密は出力せず、KMS にも尋ねない。`,
    options: STORE_OPTIONS,
    more: STORE_PLACE,
  },
  'keys rotate': {
    summary: '保管データの新しい鍵を作り、以後はそれでシールする。前の鍵でも開ける',
    about: `${SEAL_KEY_FILE}前後にバックアップを取る。これがなければ、シールしたものは何も読めない。動いているプロセスは自分で取り込む。JITSUIN_SEAL_KMS_MODULE があれば、KMS が新し
い鍵を包む。`,
    options: STORE_OPTIONS,
    more: `${ROTATION}

${STORE_PLACE}`,
  },
  'keys reseal': {
    summary: '別の鍵でシールした値をすべて、現在の鍵でシールし直す',
    about: `値を一つずつ、その間に誰も変えていないときだけ変える。プロセスは動いたままでよく、止めても何も失わず、次に実行すると続きから始める。開けない値はそのまま残し、一覧する。`,
    options: STORE_OPTIONS,
    more: `${ROTATION}

${STORE_PLACE}

終了ステータス：0 済んだ、1 開けない値があった、3 途中で止まった。`,
  },
  'keys retire': {
    summary: '保管データの鍵をファイルから取り除く。それを指す値があれば拒む',
    about: `現在の鍵と、シールした値が指している鍵は拒む。開けなくなるからである。そのような値を含むバックアップには、保管している限りその鍵が要る。`,
    options: STORE_OPTIONS,
    more: `${ROTATION}

${STORE_PLACE}`,
  },
  'keys wrap': {
    summary: 'ファイルに平文である保管データの鍵を、KMS に包ませる',
    about: `${SEAL_KEY_FILE}JITSUIN_SEAL_KMS_MODULE は KMS に尋ねるモジュールを指す（samples/seal-keys）。包んだ鍵は、ファイルを置き換える前に一度ずつ開いてみる。
その役割のすべてのプロセスにこの変数を設定し、再起動する。以前のファイルの写しを持つ者は鍵を持っている。後で切り替え、シールし直し、取り除き、写しを破棄する。`,
    options: STORE_OPTIONS,
  },
};
