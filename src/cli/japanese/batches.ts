import type { TranslatedCommand } from '../usage.ts';

const RUNNING = {
  url: 'sp・gov の所在。なければ JITSUIN_URL',
  'key-file': 'API キーを収めたファイル。なければ JITSUIN_API_KEY',
} as const;

/** Commands that hand many documents to a running sp or gov. */
export const BATCH_COMMANDS: Readonly<Record<string, TranslatedCommand>> = {
  'applications submit': {
    summary: 'フォルダーまたは一覧の文書を、動いている sp・gov に渡す。署名リンクの表を書く',
    about: `フォルダーまたは一覧の文書を、動いている sp・gov に渡し、それぞれの署名リンクを一つの表に書く。必要なのはアドレスと、スコープ write の API キーだけである。途中で落ちた後や、
一覧が長くなった後にもう一度実行すると、続きから始める。表にあるものは送り直さない。表に書く前に送られたものは、サーバーが Idempotency-Key で見分ける（24 時間）。

フォルダーの場合：その中と下にあるすべての .xml ファイル。拡張子を除いたパスが external_id になる。一覧の場合：UTF-8 の CSV。列は external_id と file（一覧のある場所から）。
必要に応じて profile または form、files（一覧のある場所からの名を | で区切る）、mode、name、element、return_to。`,
    options: {
      out: '表。署名リンクが入るので、取り扱いに注意する',
      ...RUNNING,
      profile: '行に指定のない文書のための profile',
      form: '行に指定のない文書のための、受取側の様式',
      'return-to': '行に指定のない文書のための戻り先',
      concurrency: '同時に呼ぶ数。1 から 32',
    },
    more: '終了ステータス：0 すべて渡した、1 拒まれたものがある（理由は表にある）、2 使い方の誤り、3 途中で止まった。',
  },
  'applications list': {
    summary: '動いている sp・gov にあるテナントの申請を一覧する',
    about:
      '動いている sp・gov にあるテナントの申請を、新しい順に、CSV か一行一つの JSON オブジェクトで一覧する。',
    options: {
      ...RUNNING,
      state: 'この状態のものだけ',
      json: 'API が返す形で、一行に一つの JSON オブジェクト',
    },
  },
  'applications wait': {
    summary: '表のすべての申請が終わるまで待つ',
    about:
      '「applications submit」が書いた表のすべての申請が終わるまで待ち、状態と判定を届くたびに表に書く。止めて、もう一度実行すると続きから始める。',
    options: { ...RUNNING, 'every-seconds': '次に調べるまでの間隔' },
    more: '終了ステータス：0 すべて TOTAL-PASSED、1 すべて終わったがそうでないものがある、2 使い方の誤り、3 途中で止まった。',
  },
  'applications fetch': {
    summary: '表の判定済みの申請すべての受領証、または報告・文書・エビデンスを取得する',
    about: `表の判定済みの申請すべての結果をフォルダーに取得する。sp からはプラットフォーム事業者の受領証（.receipt.jws）、行政機関からは報告（.report.json）と、
スコープ evidence のキーなら署名済み文書（.signed.xml）とエビデンス（.evidence.json）。既にあるものは取得し直さない。`,
    options: { out: '取得先。なければ作る', ...RUNNING },
    more: '終了ステータス：0 判定済みのものはすべてある、1 取得できないものがあった、2 使い方の誤り、3 途中で止まった。',
  },
};
