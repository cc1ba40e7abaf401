import type { ApplicationEventKind } from '../../core/sign-transaction/events.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';

/** What happened to an application, in words; by the event of its machine. */
const OF_APPLICATIONS: Readonly<Record<ApplicationEventKind | 'received', Bilingual>> = {
  received: { ja: '申請を受け付けた', en: 'received' },
  'start-attempted': { ja: '署名の開始を依頼した', en: 'asked the service to begin' },
  'start-given-up': { ja: '署名を開始できなかった(再試行あり)', en: 'could not begin; will be tried again' },
  'transaction-opened': { ja: '署名の準備が整った', en: 'sign transaction opened' },
  'handed-over': { ja: '署名用のリンクを作り直した', en: 'a new sign link was made' },
  'browser-took': { ja: '本人のブラウザーで開かれた', en: 'opened in a browser' },
  'citizen-sent': { ja: '本人をアプリの画面へ案内した', en: 'citizen sent to the service' },
  'code-received': { ja: '本人が戻った', en: 'the citizen came back' },
  'tokens-verified': { ja: '本人の認証を確認した', en: 'tokens verified' },
  'tokens-refreshed': { ja: '認証を延長した', en: 'tokens refreshed' },
  'encrypted-result': { ja: '署名の結果を受け取った(暗号化のまま)', en: 'result received, encrypted' },
  'clear-result': { ja: '署名の結果を受け取った', en: 'result received' },
  'verification-submitted': { ja: '検証を依頼した', en: 'handed to the platform operator' },
  'verdict-reached': { ja: '判定が出た', en: 'verdict reached' },
  'citizen-refused': { ja: '本人の手続が続けられなくなった', en: 'ended at the citizen' },
  'restart-demanded': { ja: '署名のやり直しが必要になった', en: 'must be signed again' },
  failed: { ja: '続けられなくなった', en: 'failed' },
  'judgement-postponed': { ja: '判定を待つことになった', en: 'its judgement was put off' },
  'judged-again': { ja: '判定をやり直すことになった', en: 'to be judged again' },
  'job-renewed': { ja: '止まっていた処理を再開した', en: 'its job was published anew' },
  'timed-out': { ja: '時間切れになった', en: 'its time ran out' },
  cancelled: { ja: '取り消された', en: 'cancelled' },
  purged: { ja: '文書などの保管を終えた', en: 'document and secrets deleted' },
};

/** Every other record of the audit chain, in words. */
const OTHERS: Readonly<Record<string, Bilingual>> = {
  'approval.requested': { ja: '変更を申請した', en: 'a change was asked for' },
  'approval.approved': { ja: '変更を承認した', en: 'a change was approved' },
  'approval.resumed': { ja: '変更の実施を再開した', en: 'a change was taken up again' },
  'approval.done': { ja: '変更を実施した', en: 'a change was made' },
  'approval.failed': { ja: '変更を実施できなかった', en: 'a change failed' },
  'approval.declined': { ja: '変更を却下した', en: 'a change was declined' },
  'approval.withdrawn': { ja: '変更の申請を取り下げた', en: 'a change was withdrawn' },
  'api-key.made': { ja: 'APIキーを発行した', en: 'an API key was made' },
  'api-key.revoked': { ja: 'APIキーを失効させた', en: 'an API key was revoked' },
  'callback.refused': { ja: '本人の戻りを受け付けなかった', en: 'a callback was refused' },
  'evidence.checked': { ja: '証跡を確かめた', en: 'evidence was checked' },
  'evidence.deleted': { ja: '証跡を削除した', en: 'evidence was deleted' },
  'evidence.exported': { ja: '証跡を書き出した', en: 'evidence was exported' },
  'evidence.time-stamp-renewed': { ja: 'タイムスタンプを更新した', en: 'a time-stamp was renewed' },
  'evidence.time-stamped': { ja: 'タイムスタンプを付けた', en: 'evidence was time-stamped' },
  'evidence.tree-renewed': { ja: '証跡のハッシュを更新した', en: 'a hash tree was renewed' },
  'job.dropped': { ja: '失敗した処理を取りやめた', en: 'failed work was given up' },
  'job.retried': { ja: '失敗した処理をやり直した', en: 'failed work was put back' },
  'login.done': { ja: '本人がログインした', en: 'a citizen logged in' },
  'login.ended': { ja: '本人のログインが終わった', en: 'a login ended' },
  'login.refreshed': { ja: '本人のログインを延長した', en: 'a login was refreshed' },
  'login.refused': { ja: '本人のログインを受け付けなかった', en: 'a login was refused' },
  'operator.disabled': { ja: '担当者を利用停止にした', en: 'a member of the staff was disabled' },
  'operator.enrolled': { ja: '担当者がパスキーを登録した', en: 'a member of the staff enrolled' },
  'operator.invited': { ja: '担当者を招待した', en: 'a member of the staff was invited' },
  'operator.logged-in': { ja: '担当者がログインした', en: 'a member of the staff logged in' },
  'operator.logged-out': { ja: '担当者がログアウトした', en: 'a member of the staff logged out' },
  'operator.login-refused': { ja: '担当者のログインを受け付けなかった', en: 'a login was refused' },
  'passkey.refused': { ja: '本人のパスキーを受け付けなかった', en: 'a passkey was refused' },
  'passkey.registered': { ja: '本人がパスキーを登録した', en: 'a citizen registered a passkey' },
  'passkey.removed': { ja: '本人がパスキーを削除した', en: 'a citizen removed a passkey' },
  'passkey.suspended': { ja: '複製の疑いでパスキーを止めた', en: 'a passkey was suspended' },
  'passkey.used': { ja: '本人がパスキーを使った', en: 'a passkey was used' },
  'personal-data.shown': { ja: '個人情報を表示した', en: 'personal data was shown' },
  'session.all-ended': { ja: 'すべてのログインを終わらせた', en: 'all sessions were ended' },
  'session.ended': { ja: 'ログインを終わらせた', en: 'a session was ended' },
  'session.logged-out': { ja: 'サービスからログアウトの連絡を受けた', en: 'logged out by the service' },
  'session.logout-refused': { ja: 'ログアウトの連絡を受け付けなかった', en: 'a logout was refused' },
  'store.restored': { ja: 'バックアップから復元した', en: 'the store was restored' },
  'subject.linked': { ja: '利用者番号を引き継いだ', en: 'a subject id was kept' },
  'verification.content-taken': { ja: '内容を提供した', en: 'content was handed out' },
  'verification.decided': { ja: '判定が出た', en: 'decided' },
  'verification.deleted': { ja: '削除した', en: 'deleted' },
  'subject.forgotten': { ja: '利用者の検証をすべて削除した', en: 'every verification of a citizen deleted' },
  'verification.expired': { ja: '時間切れになった', en: 'its time ran out' },
  'verification.judged-again': { ja: '判定をやり直した', en: 'judged again' },
  'verification.purged': { ja: '受け取った結果の保管を終えた', en: 'bundle deleted' },
  'verification.received': { ja: '検証の依頼を受け付けた', en: 'received' },
  'verification.refused': { ja: '検証できない結果だった', en: 'refused' },
  'verification.replayed': { ja: '同じ署名が再び届いた', en: 'the same signature came again' },
  'verification.revived': { ja: '止まっていた処理を再開した', en: 'its job was published anew' },
  'verification.status-checked': { ja: '証明書の現況を確認した', en: 'the status was checked' },
  'webhook.deleted': { ja: '通知先を削除した', en: 'an endpoint was deleted' },
  'webhook.disabled': { ja: '通知先への送信を止めた', en: 'an endpoint was switched off' },
  'webhook.enabled': { ja: '通知先への送信を始めた', en: 'an endpoint was switched on' },
  'webhook.gone': { ja: '通知先が受け取りをやめた', en: 'an endpoint answered 410' },
  'webhook.registered': { ja: '通知先を登録した', en: 'an endpoint was registered' },
  'webhook.replayed': { ja: '通知を送り直した', en: 'a delivery was replayed' },
  'webhook.secret-rotated': { ja: '通知の署名鍵を更新した', en: 'a webhook secret was rotated' },
  'webhook.test-sent': { ja: '試しの通知を送った', en: 'a test event was sent' },
};

/** The words for a record of the audit chain; undefined where there are none. */
export function eventWords(event: string): Bilingual | undefined {
  const [of, kind = ''] = event.split('.');
  if (of === 'application') return Object.entries(OF_APPLICATIONS).find(([name]) => name === kind)?.[1];
  return OTHERS[event];
}

/** In words, and as the chain has it. */
export function shownEvent(event: string): Html {
  const words = eventWords(event);
  return html`${words === undefined ? undefined : html`${both(words)} `}<code>${event}</code>`;
}
