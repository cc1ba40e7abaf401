import type { CompactJwe, EpochMillis, SigningInput, SignTransactionId } from '../core/brand.ts';

/** Tokens of the code or refresh grant, the ID token already judged (core/oidc). All of it is protected data. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken: string;
  /** PPID, from the verified ID token. */
  readonly subject: string;
  readonly sid?: string;
  readonly expiresAt: EpochMillis;
  /** Attributes of the ID token, where the client is configured to read them there (a broker without UserInfo). */
  readonly claims?: Omit<UserInfo, 'subject'>;
}

export interface AuthorizationRequest {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly scope: readonly string[];
  readonly redirectUri: string;
  readonly signTransactionId?: SignTransactionId;
  /** When the citizen was sent: an authentication before it is none of this request, where a fresh one is asked for. */
  readonly begunAt?: EpochMillis;
}

export interface StartSignatureRequest {
  /** 署名対象データ名 */
  readonly displayName: string;
  /** 署名対象識別コード */
  readonly identificationCode: string;
  /** 署名対象ハッシュ値; proved to be DigestInfo + 32 octets or 32 octets before it is sent. */
  readonly data: SigningInput;
}

/** Private variant: the JWE, unopened. A clear result at an sp is refused before it reaches a caller. */
export interface EncryptedResult {
  readonly kind: 'encrypted';
  readonly jwe: CompactJwe;
}

/** Government variant. */
export interface ClearResult {
  readonly kind: 'clear';
  /** DER of the signing certificate. */
  readonly certificate: Uint8Array;
  readonly signatureValue: Uint8Array;
}

export interface UserInfo {
  readonly subject: string;
  readonly name?: string;
  readonly address?: string;
  /** YYYYMMDD */
  readonly birthdate?: string;
  /** 1 male, 2 female */
  readonly gender?: string;
}

/**
 * デジタル認証アプリサービスAPI as the relying party sees it. Failures are JitsuinErrors `upstream.*` with the row of the
 * guideline's table (core/sign-transaction/upstream-errors.ts), or `oidc.*` when a token is refused.
 */
export interface AuthAndSign<Result extends EncryptedResult | ClearResult = EncryptedResult | ClearResult> {
  /** The URL to send the browser to (PKCE S256 challenge made from the verifier). */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Code grant. A time-out is `upstream.restart`: codes work once. Verifies the ID token (nonce required).
   * `sender`: whether the answer that brought the code named its issuer; one that must and does not is `oidc.issuer`.
   */
  exchangeCode(code: string, request: AuthorizationRequest, sender?: 'named' | 'unnamed'): Promise<TokenSet>;
  /** Refresh grant. The refreshed ID token carries no nonce and must name the same subject. */
  refresh(tokens: TokenSet): Promise<TokenSet>;
  /** Client-credentials token from the shared cache, then the start call. */
  startSignature(request: StartSignatureRequest): Promise<{ readonly id: SignTransactionId }>;
  /** Result of the sign transaction with the citizen's access token. */
  fetchResult(id: SignTransactionId, accessToken: string): Promise<Result>;
  userInfo(accessToken: string, expectedSubject: string): Promise<UserInfo>;
}
