import { type Indication, reportRow, type SubIndication } from './indications.ts';
import { decisiveCheck, type Report, type VerdictClass } from './report.ts';
import type { ApplicationState } from './sign-transaction/application.ts';
import { certificateEnded } from './sign-transaction/certificate-ended.ts';
import type { Verification } from './sign-transaction/verification.ts';

/**
 * How a state looks. `good`: proved valid, and nothing else. `bad`: proved wrong, or ended for good by a fault.
 * `care`: ended without proof. `held`: the verifier must act. `open`: under way by itself or in the citizen's hands.
 */
export type Tone = 'good' | 'bad' | 'care' | 'held' | 'open';

interface Words {
  readonly ja: string;
  readonly en: string;
}

export interface Outcome {
  readonly tone: Tone;
  /** Before the words; says nothing that they do not. */
  readonly icon: string;
  /** For staff, in lists and reports. */
  readonly label: Words;
  /** What a verdict says to anyone; absent where there is no verdict. */
  readonly sentence?: Words;
  /** What it says to the citizen who signed; absent where there is no verdict. */
  readonly citizen?: Words;
}

type VerdictWord = 'valid' | 'wrong' | 'not-confirmed' | 'undecided' | 'held' | 'retried';
/** Of a report alone: what keeps it from being judged as a signature at all. */
type InputWord = 'unsigned' | 'not-xml' | 'other-form';
type ApplicationWord = Exclude<ApplicationState, 'decided'>;

/** The word of an outcome: in filters, CSV and metrics. */
export type OutcomeWord =
  | VerdictWord
  | InputWord
  | ApplicationWord
  | 'verification-received'
  | 'verification-refused'
  | 'verification-expired'
  | 'verification-deleted';

const DOORS: Words = { ja: 'お問い合わせ窓口にご連絡ください。', en: 'Please contact us.' };

function withContact({ ja, en }: Words): Words {
  return { ja: `${ja}${DOORS.ja}`, en: `${en} ${DOORS.en}` };
}

/**
 * Every outcome of an application, a verification and a report: its words, its tone and its icon. The pages, lists,
 * filters, the CSV of `applications list` and the metrics read it from here. "The verification is done" is none.
 */
export const OUTCOMES: Readonly<Record<OutcomeWord, Outcome>> = {
  valid: {
    tone: 'good',
    icon: '✓',
    label: { ja: '有効と確認', en: 'found valid' },
    sentence: { ja: '署名は有効です。', en: 'The signature is valid.' },
    citizen: {
      ja: '署名は有効です。手続は完了しました。',
      en: 'The signature is valid. The procedure is complete.',
    },
  },
  wrong: {
    tone: 'bad',
    icon: '✕',
    label: { ja: '正しくないと確認', en: 'proved wrong' },
    sentence: {
      ja: '署名は有効ではありません。誤りが証明されました。',
      en: 'The signature is not valid: it was proved to be wrong.',
    },
    citizen: withContact({
      ja: '署名が正しくないことを確認しました。',
      en: 'The signature was proved to be wrong.',
    }),
  },
  'not-confirmed': {
    tone: 'care',
    icon: '?',
    label: { ja: '証明書の失効・期限切れで確認できず', en: 'not confirmed: certificate ended' },
    sentence: {
      ja: '署名用電子証明書が失効しているか有効期間外のため、署名を有効と確認できませんでした。誤りと証明されたわけではありません。',
      en:
        'The signing certificate was revoked or outside its time, so the signature could not be confirmed. It is ' +
        'not proved to be wrong.',
    },
    citizen: withContact({
      ja: '署名用電子証明書が失効しているか有効期間外のため、署名を有効と確認できませんでした。',
      en: 'The signing certificate was revoked or outside its time, so the signature could not be confirmed.',
    }),
  },
  undecided: {
    tone: 'care',
    icon: '?',
    label: { ja: '判断できず', en: 'could not be decided' },
    sentence: {
      ja: '署名が有効かどうか、判断できませんでした。誤りと証明されたわけではありません。',
      en: 'Whether the signature is valid could not be decided. It is not proved to be wrong.',
    },
    citizen: withContact({
      ja: '署名が有効かどうかを判断できませんでした。',
      en: 'Whether the signature is valid could not be decided.',
    }),
  },
  held: {
    tone: 'held',
    icon: '‖',
    label: { ja: '保留(検証する側の対応待ち)', en: 'held: the verifier must act' },
    sentence: {
      ja: '検証する側の設定や失効情報に足りないものがあり、判断を保留しています。署名の誤りではありません。',
      en:
        'Something is missing in the settings or the revocation data of the verifier, so it is held. This is no ' +
        'fault of the signature.',
    },
  },
  retried: {
    tone: 'open',
    icon: '…',
    label: { ja: '情報待ち(自動で再確認)', en: 'waits for data, asked again' },
    sentence: {
      ja: '判断に必要な情報を、いまは得られません。しばらくしてから、もう一度確かめてください。',
      en: 'What is needed to decide cannot be had at the moment. Please check again later.',
    },
  },
  unsigned: {
    tone: 'bad',
    icon: '✕',
    label: { ja: '署名がない', en: 'not signed' },
    sentence: {
      ja: 'この文書には署名がありません。署名された文書を選んでください。',
      en: 'This document has no signature. Choose the signed document.',
    },
  },
  'not-xml': {
    tone: 'bad',
    icon: '✕',
    label: { ja: 'XMLでない', en: 'not XML' },
    sentence: {
      ja: 'このファイルはXML文書として読めません。途中で切れているか、別の種類のファイルです。',
      en: 'This file cannot be read as XML: it was cut off, or is a file of another kind.',
    },
  },
  'other-form': {
    tone: 'care',
    icon: '?',
    label: { ja: '別の形式の署名', en: 'signed in another form' },
    sentence: {
      ja: '選んだ形式の署名ではないため、判断していません。誤りと証明されたわけではありません。',
      en: 'It is not signed in the form that was chosen, so it was not judged. It is not proved to be wrong.',
    },
  },
  received: open('署名待ち(受付済み)', 'received, not signed'),
  opened: open('署名待ち', 'waits for the citizen'),
  authorizing: open('アプリで署名中', 'in the app'),
  exchanging: open('認証を確認中', 'authentication being checked'),
  authorized: open('署名を受取中', 'signature being fetched'),
  fetched: open('検証中', 'being verified'),
  submitted: open('検証を依頼済み', 'handed to the verifier'),
  refused: ended('care', '署名されず(本人またはカードの事情)', 'not signed: declined or card'),
  failed: ended('bad', '続行できず(設定またはサービスの障害)', 'failed: settings or service'),
  'restart-needed': ended('care', '署名のやり直しが必要', 'to be signed again'),
  expired: ended('care', '期限切れ(署名なし)', 'expired without a signature'),
  cancelled: ended('care', '取消し', 'cancelled'),
  'verification-received': open('受付済み', 'received'),
  'verification-refused': ended('bad', '受付拒否', 'refused'),
  'verification-expired': ended('care', '期限切れ(判断なし)', 'expired without a verdict'),
  'verification-deleted': ended('care', '削除済み', 'deleted'),
};

function open(ja: string, en: string): Outcome {
  return { tone: 'open', icon: '…', label: { ja, en } };
}

function ended(tone: 'bad' | 'care', ja: string, en: string): Outcome {
  return { tone, icon: tone === 'bad' ? '✕' : '–', label: { ja, en } };
}

interface Judged {
  readonly indication: Indication;
  readonly subIndication?: string;
  readonly class?: VerdictClass;
}

/** What a verdict comes to once it is kept: no class of it is asked again. */
export function outcomeOfVerdict({ indication, subIndication }: Judged): OutcomeWord {
  if (indication === 'TOTAL-PASSED') return 'valid';
  if (indication === 'TOTAL-FAILED') return 'wrong';
  const ended =
    subIndication !== undefined &&
    certificateEnded({ indication, subIndication: subIndication as SubIndication });
  return ended ? 'not-confirmed' : 'undecided';
}

const INPUTS: Readonly<Record<string, InputWord>> = {
  'xmldsig.unsigned': 'unsigned',
  'xml.not-well-formed': 'not-xml',
  'xml.namespace': 'not-xml',
  'xmldsig.other-form': 'other-form',
};

/** What a report comes to that nobody keeps: held or to be asked again by whoever reads it. */
export function outcomeOfReport(report: Report): OutcomeWord {
  const input = INPUTS[decisiveCheck(report)?.code ?? ''];
  if (input !== undefined) return input;
  if (report.indication === 'INDETERMINATE' && report.class === 'hold') return 'held';
  if (report.indication === 'INDETERMINATE' && report.class === 'retry') return 'retried';
  return outcomeOfVerdict(report);
}

/** @param application as its tenant or its agency has it: a state and, once decided, a verdict */
export function outcomeOfApplication(application: {
  readonly state: ApplicationState;
  readonly verdict?: Judged | undefined;
  /** While it is being verified: why the verifier must act. */
  readonly failure?: object | undefined;
}): OutcomeWord {
  const { state, verdict, failure } = application;
  if (state === 'fetched' && failure !== undefined) return 'held';
  if (state !== 'decided') return state;
  return verdict === undefined ? 'undecided' : outcomeOfVerdict(verdict);
}

/** A verification that waits says for whom: for data, or for somebody at the platform operator. */
export function outcomeOfVerification({
  state,
  report,
  failure,
  deletedAt,
}: Pick<Verification, 'state' | 'report' | 'failure' | 'deletedAt'>): OutcomeWord {
  if (deletedAt !== undefined) return 'verification-deleted';
  if (state === 'decided') return report === undefined ? 'undecided' : outcomeOfVerdict(report);
  if (state !== 'received') return `verification-${state}`;
  if (failure === undefined) return 'verification-received';
  const asked = failure.code === 'verification.running' || reportRow(failure.code)?.class === 'retry';
  return asked ? 'retried' : 'held';
}
