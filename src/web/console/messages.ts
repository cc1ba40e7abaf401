import { ERROR_CODES, type ErrorCode, type ErrorKind } from '../../core/errors.ts';
import type { Bilingual } from '../bilingual.ts';

const BY_CODE: Readonly<Partial<Record<ErrorCode, Bilingual>>> = {
  'record.not-found': {
    ja: 'この記録はもうありません。一覧を開き直してください。',
    en: 'This record is not there any more. Open the list again.',
  },
  'right.missing': {
    ja: 'この操作の権限がありません。必要なときは管理者に相談してください。',
    en: 'Your role does not have this right. Ask an administrator if you need it.',
  },
  'http.not-found': { ja: 'そのようなものはありません。', en: 'Nothing is under this address.' },
  'http.forbidden': {
    ja: 'この操作の権限がありません。必要なときは管理者に相談してください。',
    en: 'Your role does not have this right. Ask an administrator if you need it.',
  },
  'http.origin': {
    ja: '安全のため、この操作を中止しました。画面を開き直してから、もう一度操作してください。',
    en: 'This action was stopped for safety. Open the page again and repeat it.',
  },
  'operator.invitation': {
    ja: 'この招待は、知られていないか、使用済みか、期限切れです。管理者に新しい招待を頼んでください。',
    en: 'This invitation is unknown, was used, or has ended. Ask an administrator for a new one.',
  },
  'passkey.refused': {
    ja: 'パスキーを確認できませんでした。画面を開き直して、もう一度お試しください。',
    en: 'The passkey was not accepted. Open the page again and retry.',
  },
  'passkey.counter': {
    ja: 'このパスキーは複製された疑いがあるため、使えません。管理者に連絡してください。',
    en: 'This passkey may have been copied and is not accepted. Tell an administrator.',
  },
  'approval.own': {
    ja: '自分が申請した変更は承認できません。別の管理者が承認してください。',
    en: 'You asked for this change yourself. Another administrator must approve it.',
  },
  'approval.expired': {
    ja: '承認の期限が過ぎました。必要なら申請し直してください。',
    en: 'The time to approve is over. Ask for the change again if it is needed.',
  },
  'approval.state': {
    ja: 'この変更は、すでに別の人が処理しました。',
    en: 'Somebody has decided about this change already.',
  },
};

const OURS: Bilingual = {
  ja: '処理を完了できませんでした。下のコードで記録を確認してください。',
  en: 'It could not be completed. The code below leads to the log.',
};
const BY_KIND: Readonly<Partial<Record<ErrorKind, Bilingual>>> = {
  'bad-input': {
    ja: '入力が正しくありません。内容を確認して、もう一度操作してください。',
    en: 'The input is not acceptable. Check it and try again.',
  },
  conflict: {
    ja: 'いまの状態では、この操作はできません。最新の状態を確認してください。',
    en: 'The present state does not allow this. Look at it again.',
  },
  temporary: {
    ja: 'ただいま利用できません。しばらくしてからお試しください。',
    en: 'Not available at the moment. Try again later.',
  },
};

/** What an operator reads about a refusal; the code stands beside it. */
export function consoleMessage(code: ErrorCode, kind: ErrorKind = ERROR_CODES[code]): Bilingual {
  return BY_CODE[code] ?? BY_KIND[kind] ?? OURS;
}
