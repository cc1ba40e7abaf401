/** Where a sealed value lives. All of it is associated data: a value copied elsewhere does not open. */
export interface SealContext {
  readonly table: string;
  readonly column: string;
  readonly record: string;
  readonly tenant: string;
}

/** Envelope encryption at rest (AES-256-GCM) and message authentication codes of rows. What it makes names its key. */
export interface Sealer {
  /**
   * True for who has no key: such a one reads states and codes, believes nothing and writes no row that carries a
   * MAC.
   */
  readonly closed?: boolean;
  seal(plaintext: Uint8Array, context: SealContext): Uint8Array;
  /** @throws JitsuinError `seal.integrity`, `key.not-found` */
  open(sealed: Uint8Array, context: SealContext): Uint8Array;
  /** HMAC-SHA-256 under a key that is derived from the active one for nothing else; its key's id stands before it. */
  mac(text: string): Uint8Array;
  /**
   * Whether `mac` was made of this very text by a key of ours, compared in constant time. @throws JitsuinError
   * `key.not-found`
   */
  isMac(text: string, mac: Uint8Array): boolean;
}
