import type { EpochMillis } from '../core/brand.ts';

/** 基本4情報 as the provider gave them; protected data. */
export interface CitizenAttributes {
  readonly name?: string;
  readonly address?: string;
  /** YYYYMMDD */
  readonly birthdate?: string;
  /** 1 male, 2 female */
  readonly gender?: string;
}

/** What a login (認証) left in a session; sealed at rest, gone with the session. Protected data. */
export interface SessionLogin {
  /** 1 at login, +1 with every change (compare-and-set). */
  readonly revision: number;
  /** Key of the passkey that opened the session; absent: the card did. */
  readonly passkey?: string;
  /** Absent after a login by passkey: the provider had no part in it. */
  readonly idToken?: string;
  readonly refreshToken?: string;
  readonly attributes?: CitizenAttributes;
  /** A refresh is under way since then. */
  readonly refreshingSince?: EpochMillis;
}

/** A browser's session at the relying party. The cookie holds the opaque id; the store holds its SHA-256. */
export interface BrowserSession {
  /** Hex SHA-256 of the cookie value. */
  readonly idHash: string;
  /** Sealed at rest. Present after login. */
  readonly subject?: string;
  /** Keyed hash of `sub`, for back-channel logout. */
  readonly subjectHash?: string;
  readonly sid?: string;
  readonly login?: SessionLogin;
  readonly csrf: string;
  readonly createdAt: EpochMillis;
  readonly expiresAt: EpochMillis;
}

export interface SessionStore {
  put(session: BrowserSession): Promise<void>;
  get(idHash: string): Promise<BrowserSession | undefined>;
  /**
   * Compare-and-set of `login`: only when the stored revision is one less. False when it was not, or the session is
   * gone.
   */
  updateLogin(next: BrowserSession): Promise<boolean>;
  delete(idHash: string): Promise<void>;
  /** Ends every session of this subject (or only the one of `sid`). Returns how many. */
  endAll(subjectHash: string, sid?: string): Promise<number>;
  purge(before: EpochMillis): Promise<number>;
}
