import type { ErrorCode } from '../../errors.ts';

/** The five endpoints whose error tables the implementation guideline prints (補足資料). */
export type UpstreamEndpoint = 'authorization' | 'token' | 'userinfo' | 'start' | 'result';

/**
 * What may happen with the request: `retry` the same one later, `refresh` the access token and ask again once,
 * `restart` the flow with a new authorization request, or `final`: nothing sent again can succeed.
 */
export type UpstreamDisposition = 'final' | 'retry' | 'restart' | 'refresh';

/** Who must act before things can go on. */
export type UpstreamActor = 'citizen' | 'operator' | 'nobody';

/** What the pipeline does next; the `end-…` steps name the state the application ends in. */
export type UpstreamNext =
  | 'retry-with-back-off' // the queue asks again, bounded in number and by the deadline
  | 'renew-client-token' // drop the client-credentials token, get another, ask once more
  | 'refresh-tokens' // refresh grant, then ask once more
  | 'end-refused'
  | 'end-restart-needed'
  | 'end-failed';

/** One row of the guideline's tables, or one of our fallbacks (ids `<endpoint>-fallback-…`). */
export interface UpstreamErrorRow {
  /** Endpoint and position in the guideline's table, counted from 1, for example `result-7`. */
  readonly id: string;
  readonly endpoint: UpstreamEndpoint;
  readonly status: number;
  readonly error: string;
  /**
   * As printed; `○○○○` stands for a value. Absent where the guideline prints `-`: on the wire it may be absent or
   * empty.
   */
  readonly errorDescription?: string;
  /** Only the start endpoint has it. */
  readonly item?: string;
  readonly disposition: UpstreamDisposition;
  readonly actor: UpstreamActor;
  readonly code: ErrorCode;
  readonly next: UpstreamNext;
  /** The sentence a citizen reads; for card errors the app's own wording (guideline, アプリが表示するエラーについて). */
  readonly messageJa: string;
  /** The same for operators and English pages. */
  readonly messageEn: string;
  /** What the citizen can do about it, where the sentence alone does not say. */
  readonly adviceJa?: string;
}

/** What a row does, without what it answers to. */
type UpstreamConsequence = Pick<UpstreamErrorRow, 'disposition' | 'actor' | 'code' | 'next' | 'messageJa'>;

/** Our request, registration or configuration is wrong: the citizen can do nothing. */
export const OPERATOR: UpstreamConsequence = {
  disposition: 'final',
  actor: 'operator',
  code: 'upstream.operator',
  next: 'end-failed',
  messageJa: 'システムの設定に問題があるため、手続を続けられません。お問い合わせ窓口にご連絡ください。',
};

/** The service is in trouble: nobody needs to act unless it lasts. */
export const TEMPORARY: UpstreamConsequence = {
  disposition: 'retry',
  actor: 'nobody',
  code: 'upstream.temporary',
  next: 'retry-with-back-off',
  messageJa:
    'デジタル認証アプリサービスで一時的な問題が発生しています。しばらくしてから自動的にやり直します。',
};

export const MAINTENANCE: UpstreamConsequence = {
  ...TEMPORARY,
  messageJa: 'デジタル認証アプリサービスはメンテナンス中です。終了後に自動的にやり直します。',
};

/** Asked again within bounds, but an operator should look: the cause is a setting, not load. */
export const TEMPORARY_OPERATOR: UpstreamConsequence = { ...TEMPORARY, actor: 'operator' };

/** The citizen has to begin anew; what was done so far is void. */
export const RESTART: UpstreamConsequence = {
  disposition: 'restart',
  actor: 'citizen',
  code: 'upstream.restart',
  next: 'end-restart-needed',
  messageJa: '手続の有効な時間が過ぎたか、途中で中断されました。お手数ですが、最初からやり直してください。',
};

/** The citizen declined, or the card does not allow it. */
export const CITIZEN: Omit<UpstreamConsequence, 'messageJa'> = {
  disposition: 'final',
  actor: 'citizen',
  code: 'upstream.citizen',
  next: 'end-refused',
};

/** The citizen's access token is not accepted: refresh it, then ask once more (guideline, steps 11, 17 and 19). */
export const REFRESH: UpstreamConsequence = {
  disposition: 'refresh',
  actor: 'nobody',
  code: 'upstream.refresh',
  next: 'refresh-tokens',
  messageJa: '認証の有効期限を更新しています。このままお待ちください。',
};
