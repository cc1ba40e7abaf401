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
  /**
   * What happened, as a citizen reads it; for card errors the app's own wording (guideline, アプリが表示するエラーについて).
   * It promises nothing: what follows depends on the state too (`citizenMessage`).
   */
  readonly citizen: BilingualText;
  /** For operators: what is wrong, in the guideline's terms. */
  readonly messageEn: string;
  /** What the citizen has to do first, where the sentence alone does not say. */
  readonly advice?: BilingualText;
}

/** A sentence and its translation. */
export interface BilingualText {
  readonly ja: string;
  readonly en: string;
}

/** What a row does, without what it answers to. */
type UpstreamConsequence = Pick<UpstreamErrorRow, 'disposition' | 'actor' | 'code' | 'next' | 'citizen'>;

/** Our request, registration or configuration is wrong: the citizen can do nothing. */
export const OPERATOR: UpstreamConsequence = {
  disposition: 'final',
  actor: 'operator',
  code: 'upstream.operator',
  next: 'end-failed',
  citizen: {
    ja: 'システムの設定に問題があるため、手続を続けられません。',
    en: 'The procedure cannot go on because of a problem in the settings of our system.',
  },
};

/** The service is in trouble: nobody needs to act unless it lasts. */
export const TEMPORARY: UpstreamConsequence = {
  disposition: 'retry',
  actor: 'nobody',
  code: 'upstream.temporary',
  next: 'retry-with-back-off',
  citizen: {
    ja: '認証と署名のサービスで一時的な問題が発生しました。',
    en: 'There was a temporary problem at the service for digital authentication.',
  },
};

export const MAINTENANCE: UpstreamConsequence = {
  ...TEMPORARY,
  citizen: {
    ja: '認証と署名のサービスがメンテナンス中のため、処理できませんでした。',
    en: 'The service for digital authentication was under maintenance.',
  },
};

/** Asked again within bounds, but an operator should look: the cause is a setting, not load. */
export const TEMPORARY_OPERATOR: UpstreamConsequence = { ...TEMPORARY, actor: 'operator' };

/** The citizen has to begin anew; what was done so far is void. */
export const RESTART: UpstreamConsequence = {
  disposition: 'restart',
  actor: 'citizen',
  code: 'upstream.restart',
  next: 'end-restart-needed',
  citizen: {
    ja: '手続の有効な時間が過ぎたか、途中で中断されました。',
    en: 'The time for this procedure is over, or it was interrupted.',
  },
};

/** The citizen declined, or the card does not allow it. */
export const CITIZEN: Omit<UpstreamConsequence, 'citizen'> = {
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
  citizen: { ja: '認証の有効な時間が過ぎていました。', en: 'The time of the authentication was over.' },
};
