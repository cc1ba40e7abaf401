import type { CompactJwe, SignTransactionId } from '../brand.ts';
import type { Failure, Verdict } from './application.ts';

export type { Failure } from './application.ts';

/** Tokens as the state keeps them; all of it protected data. */
export interface KeptTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken: string;
  readonly subject: string;
}

/** Everything that can happen to an application after it was received. */
export type ApplicationEvent =
  /** The start call [06] is about to leave; written first, so that a crash is seen as an attempt. */
  | { readonly kind: 'start-attempted' }
  /** The call failed in a way that may heal; the next attempt need not wait. */
  | { readonly kind: 'start-given-up'; readonly failure: Failure }
  /** [07] */
  | { readonly kind: 'transaction-opened'; readonly signTransactionId: SignTransactionId }
  /** The tenant asked for a new one-time link; whoever has the application keeps it until the link is used. */
  | { readonly kind: 'handed-over'; readonly signLink: string }
  /** A browser came with the link: from now on it is that browser's alone. */
  | { readonly kind: 'browser-took'; readonly browserHash: string }
  /** [08] The citizen's browser is about to be redirected; again with every new attempt: the newest state wins. */
  | {
      readonly kind: 'citizen-sent';
      readonly stateHash: string;
      readonly browserHash: string;
      readonly state: string;
      readonly nonce: string;
      readonly codeVerifier: string;
      /** The login of that browser, where there is one. */
      readonly loginHash?: string;
    }
  /** [12] The callback with a code was accepted; written before the code leaves [13]. */
  | { readonly kind: 'code-received' }
  /** [15] */
  | {
      readonly kind: 'tokens-verified';
      readonly tokens: KeptTokens;
      readonly subjectHash: string;
      /** The login whose name the certificate's is still to be compared with. */
      readonly loginHash?: string;
    }
  /** After a 401 of the result endpoint: one refresh. */
  | { readonly kind: 'tokens-refreshed'; readonly tokens: KeptTokens }
  /** [17], private variant. */
  | { readonly kind: 'encrypted-result'; readonly jwe: CompactJwe }
  /** [17], government variant. */
  | { readonly kind: 'clear-result'; readonly certificate: Uint8Array; readonly signatureValue: Uint8Array }
  | { readonly kind: 'verification-submitted'; readonly verificationId: string }
  | { readonly kind: 'verdict-reached'; readonly verdict: Verdict; readonly receipt?: string }
  | { readonly kind: 'citizen-refused'; readonly failure: Failure }
  | { readonly kind: 'restart-demanded'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /**
   * Not decided now, and there is still time. `failure`: why the verifier must act; absent: only data is missing.
   */
  | { readonly kind: 'judgement-postponed'; readonly failure?: Failure }
  /** An operator has it judged once more: it ended without a verdict or undecided, and the result is still kept. */
  | { readonly kind: 'judged-again'; readonly by: Readonly<Record<string, string>> }
  /** The sweep gives a job back to an application that has waited too long for its worker. */
  | { readonly kind: 'job-renewed' }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'cancelled'; readonly by: 'tenant' | 'citizen' | 'logout' }
  | { readonly kind: 'purged' };

export type ApplicationEventKind = ApplicationEvent['kind'];
