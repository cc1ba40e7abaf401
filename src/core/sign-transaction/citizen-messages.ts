import type { EpochMillis } from '../brand.ts';
import type { ErrorCode, ErrorKind } from '../errors.ts';
import { ERROR_CODES } from '../errors.ts';
import { japanTime, japanTimeInEnglish } from '../japan-time.ts';
import type { Application, ApplicationState } from './application.ts';
import type { Failure } from './events.ts';
import { upstreamErrorRow } from './upstream-errors.ts';
import { type WayOn, wayOnOf } from './way-on.ts';

/** One sentence in both languages of the citizen's pages; `{until}` in it stands for the instant. */
interface Sentence {
  readonly ja: string;
  readonly en: string;
  readonly values?: { readonly until: Date };
}

/** What a citizen reads, in both languages, and its sentences one by one for those who translate them. */
export interface CitizenMessage {
  readonly ja: string;
  readonly en: string;
  readonly sentences?: readonly Sentence[];
}

/** What happened, and what the citizen has to do first. It promises nothing: that is the way on's part. */
interface Happened extends Sentence {
  readonly advice?: Sentence;
}

const NOT_COMPLETED: Happened = {
  ja: '署名を完了できませんでした。',
  en: 'The signature could not be completed.',
};
const OUR_SETTINGS: Happened = {
  ja: 'システムの設定に問題があるため、手続を続けられません。',
  en: 'The procedure cannot go on because of a problem in the settings of our system.',
};
const NOT_NOW: Happened = { ja: 'ただいま利用できません。', en: 'Not available at the moment.' };

const BY_CODE: Readonly<Partial<Record<ErrorCode, Happened>>> = {
  'oidc.state': {
    ja: 'この画面は、署名を始めたブラウザーで開かれたものではないか、有効な時間を過ぎています。署名を始めた画面からやり直してください。',
    en:
      'This page was not opened in the browser in which the signature began, or its time is over. ' +
      'Please begin again there.',
  },
  'transaction.hand-over': {
    ja: 'この署名は、手続の画面から開いてください。リンクは一度だけ使えます。手続の窓口の画面に戻り、もう一度署名に進んでください。',
    en:
      'Please open this signature from the service that asked for it. A link works once: go back ' +
      'to the service and proceed to sign again.',
  },
  'transaction.other-browser': {
    ja: 'この署名は、別のブラウザーまたは端末で開かれているか、このブラウザーのCookieが消去されています。開いたブラウザーで続けるか、手続の窓口の画面から、もう一度署名に進んでください。',
    en:
      'This signature was opened in another browser or device, or the cookies of this browser were deleted. Go on ' +
      'there, or go back to the ' +
      'service and proceed to sign again.',
  },
  'transaction.expired': { ja: '手続の有効な時間が過ぎました。', en: 'The time for this procedure is over.' },
  'transaction.restored': {
    ja: 'システムを復旧したため、途中の署名は無効になりました。',
    en: 'Our system was restored and unfinished signatures became void.',
  },
  'transaction.cancelled': { ja: '手続は取り消されました。', en: 'The procedure was cancelled.' },
  'transaction.state': {
    ja: 'この手続は、いまの状態では署名できません。',
    en: 'This procedure cannot be signed in its present state.',
  },
  'passkey.form': {
    ja: 'パスキーの応答を読み取れませんでした。もう一度お試しください。',
    en: 'The answer of the passkey could not be read. Please try again.',
  },
  'passkey.refused': {
    ja: 'パスキーを確認できませんでした。もう一度お試しいただくか、マイナンバーカードでログインしてください。',
    en: 'The passkey could not be confirmed. Try again, or log in with your My Number Card.',
  },
  'passkey.challenge': {
    ja: 'この画面は有効な時間を過ぎたか、すでに使われています。画面を開き直して、もう一度お試しください。',
    en: 'The time of this page is over, or it was used already. Open it again and try once more.',
  },
  'passkey.unknown': {
    ja: 'このパスキーは登録されていないか、削除されています。マイナンバーカードでログインしてください。',
    en: 'This passkey is not registered here, or was removed. Log in with your My Number Card.',
  },
  'passkey.counter': {
    ja: 'このパスキーは複製された疑いがあるため、使えなくしました。マイナンバーカードでログインし、パスキーを登録し直してください。',
    en:
      'This passkey may have been copied and is no longer accepted. Log in with your My Number ' +
      'Card and register a new one.',
  },
  'passkey.suspended': {
    ja: 'このパスキーは複製された疑いがあるため、使えません。マイナンバーカードでログインし、パスキーを登録し直してください。',
    en:
      'This passkey may have been copied and is not accepted. Log in with your My Number Card and ' +
      'register a new one.',
  },
  'passkey.card-needed': {
    ja: '安全のため、マイナンバーカードでログインしてください。その後は、またパスキーを使えます。',
    en: 'For safety, log in with your My Number Card. After that you can use your passkey again.',
  },
  'passkey.limit': {
    ja: 'この端末のパスキーは登録済みか、登録できる数を超えています。使わないパスキーを削除してください。',
    en: 'This device has a passkey already, or you have too many. Remove one that you do not use.',
  },
  'passkey.name': {
    ja: 'パスキーの名前は、40文字までの見える文字で入力してください。',
    en: 'A passkey is named with up to 40 visible characters.',
  },
  'signer.other-person': {
    ja: '手続をしている方と、署名に使われたマイナンバーカードの方が違います。',
    en: 'The card that signed is not that of the person whose procedure this is.',
    advice: {
      ja: 'ご本人のカードで署名するか、ログアウトしてからやり直してください。',
      en: 'Sign with your own card, or log out first.',
    },
  },
  'signer.name': {
    ja: '署名用電子証明書の氏名が、申請の氏名またはログインしている方の氏名と一致しません。',
    en:
      'The name in the signing certificate is not the name in the application, or not that of the ' +
      'person who is logged in.',
    advice: {
      ja: '申請の内容を確かめ、ご本人のカードで署名してください。',
      en: 'Check the application and sign with your own card.',
    },
  },
  'signer.login-ended': {
    ja: '署名の途中でログインが終わりました。',
    en: 'Your login ended while you were signing.',
    advice: { ja: 'もう一度ログインしてください。', en: 'Please log in again.' },
  },
  'login.none': {
    ja: 'このブラウザーではログインしていません。ログインしてから、もう一度お試しください。',
    en: 'Nobody is logged in in this browser. Log in and try again.',
  },
  'login.tokens-gone': { ja: '認証の有効な時間が終わりました。', en: 'The authentication has run out.' },
  'record.not-found': { ja: '該当する手続はありません。', en: 'There is no such procedure.' },
  'store.conflict': {
    ja: 'ただいま処理しています。少し待ってから、署名の画面を開き直してください。',
    en: 'Being processed. Please wait a moment and open the signing page again.',
  },
  'http.body-size': {
    ja: 'ファイルが大きすぎます。小さいファイルを選んでください。',
    en: 'The file is too large. Choose a smaller one.',
  },
  'http.media-type': {
    ja: 'この形で送られたものは受け付けられません。この画面からファイルを選んで送ってください。',
    en: 'It was sent in a form that is not accepted. Choose the file on our page and send it from there.',
  },
  'http.body': {
    ja: '送られた内容を読み取れませんでした。ファイルを選び直して、もう一度お試しください。',
    en: 'What was sent could not be read. Choose the file again and retry.',
  },
  'http.not-found': { ja: '該当する手続はありません。', en: 'There is no such procedure.' },
  'http.cookie': {
    ja: 'ブラウザーからCookieが届かなかったため、手続を進められません。リンクはまだ使えます。Cookieを受け付ける設定にし、プライベートブラウズ(シークレットモード)ではない、ふつうの画面でもう一度開いてください。',
    en:
      'Your browser sent no cookie, so the procedure cannot go on. The link still works: allow cookies, and open it ' +
      'again in an ordinary window, not a private one.',
  },
  'http.origin': {
    ja: '安全のため、この操作を中止しました。署名の画面を開き直してください。',
    en: 'This action was stopped for safety. Please open the signing page again.',
  },
};

const BY_KIND: Readonly<Partial<Record<ErrorKind, Happened>>> = {
  temporary: NOT_NOW,
  undecided: NOT_NOW,
  'rate-limited': NOT_NOW,
  operator: OUR_SETTINGS,
  internal: OUR_SETTINGS,
};

const ASK: Sentence = {
  ja: 'お問い合わせ窓口にご連絡ください。',
  en: 'Please contact us.',
};
const TRY_LATER: Sentence = {
  ja: 'しばらくしてからもう一度お試しください。',
  en: 'Please try again later.',
};
const FROM_THE_START: Sentence = {
  ja: 'お手数ですが、最初からやり直してください。',
  en: 'Please begin again.',
};

/** What to do where the refusal is the whole story: nothing was recorded, so nothing follows by itself. */
const WITHOUT_RECORD: Readonly<Partial<Record<ErrorKind, Sentence>>> = {
  temporary: TRY_LATER,
  undecided: TRY_LATER,
  'rate-limited': TRY_LATER,
  operator: ASK,
  internal: ASK,
  'invalid-signature': FROM_THE_START,
  restart: FROM_THE_START,
  citizen: FROM_THE_START,
  gone: FROM_THE_START,
};

/** What follows, by the way on; `{until}`: the clock that ends it. */
const FOLLOWS: Readonly<Record<Exclude<WayOn, 'none'>, Sentence>> = {
  'by-itself': {
    ja: '自動的にやり直します。このままお待ちください。',
    en: 'This is tried again by itself. Please wait here.',
  },
  sign: {
    ja: '{until}までに、署名の画面で「マイナンバーカードで署名する」を押してください。',
    en: 'Press “Sign with the My Number Card” on the signing page before {until}.',
  },
  'sign-again': {
    ja: '{until}まで、同じ申請のままもう一度署名できます。',
    en: 'You can sign the same application again until {until}.',
  },
  'begin-anew': {
    ja: '続けるときは、手続の窓口の画面から始め直してください。',
    en: 'To go on, begin anew at the service that asked for the signature.',
  },
  ask: ASK,
};

/**
 * What a citizen reads about a refusal that no record keeps: the guideline's row in the app's own wording where there
 * is one, else a sentence of ours for the code, and what to do. Nothing that the service or a query said is repeated.
 */
export function citizenMessage(failure: Failure): CitizenMessage {
  const kind = ERROR_CODES[failure.code];
  return joined(happened(failure), WITHOUT_RECORD[kind]);
}

/**
 * What a citizen, or the tenant in `message_ja`, reads about an application's failure: what happened, what to do first,
 * and what will really follow, by state and clock. Undefined where nothing has failed.
 */
export function applicationMessage(application: Application): CitizenMessage | undefined {
  const { failure } = application;
  if (failure === undefined) return undefined;
  const way = wayOnOf(application);
  const until = way === 'sign' ? application.deadline : application.purgeAt;
  if (way === 'none') return joined(happened(failure), undefined);
  const { ja, en } = FOLLOWS[way];
  return joined(happened(failure), { ja, en, values: { until: new Date(until) } });
}

function happened(failure: Failure): Happened {
  const row = failure.row === undefined ? undefined : upstreamErrorRow(failure.row);
  if (row === undefined) return BY_CODE[failure.code] ?? BY_KIND[ERROR_CODES[failure.code]] ?? NOT_COMPLETED;
  const { citizen, advice } = row;
  return advice === undefined ? citizen : { ...citizen, advice };
}

function joined({ ja, en, advice }: Happened, then: Sentence | undefined): CitizenMessage {
  const sentences = [{ ja, en }, advice, then].filter((one) => one !== undefined);
  return {
    ja: sentences.map((one) => sentence(written(one, 'ja'))).join(''),
    en: sentences.map((one) => written(one, 'en')).join(' '),
    sentences,
  };
}

function written({ ja, en, values }: Sentence, language: 'ja' | 'en'): string {
  const text = language === 'ja' ? ja : en;
  if (values === undefined) return text;
  const until = values.until.getTime() as EpochMillis;
  return text.replace('{until}', language === 'ja' ? japanTime(until) : japanTimeInEnglish(until));
}

/** The app's own wording ends without a full stop. */
function sentence(text: string): string {
  return text.endsWith('。') ? text : `${text}。`;
}

/** Each state as the citizen's page names it. */
export const STATE_MESSAGES: Readonly<Record<ApplicationState, CitizenMessage>> = {
  received: { ja: '署名をお待ちしています', en: 'Waiting for your signature' },
  opened: { ja: '署名をお待ちしています', en: 'Waiting for your signature' },
  authorizing: { ja: 'アプリでの署名をお待ちしています', en: 'Waiting for your signature in the app' },
  exchanging: { ja: '署名を確認しています', en: 'Your signature is being checked' },
  authorized: { ja: '署名を受け取っています', en: 'Your signature is being received' },
  fetched: { ja: '署名を検証しています', en: 'Your signature is being verified' },
  submitted: { ja: '署名を検証しています', en: 'Your signature is being verified' },
  decided: { ja: '検証が終わりました', en: 'The verification is done' },
  refused: { ja: '署名されませんでした', en: 'Not signed' },
  failed: { ja: '手続を続けられません', en: 'The procedure cannot go on' },
  'restart-needed': { ja: 'もう一度署名してください', en: 'Please sign again' },
  expired: { ja: '有効な時間が過ぎました', en: 'The time is over' },
  cancelled: { ja: '取り消されました', en: 'Cancelled' },
};
