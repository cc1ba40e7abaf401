/** Where a sealed value lives. All of it is associated data: a value copied elsewhere does not open. */
export interface SealContext {
  readonly table: string;
  readonly column: string;
  readonly record: string;
  readonly tenant: string;
}

/** Envelope encryption at rest (AES-256-GCM). The sealed octets name their key. */
export interface Sealer {
  seal(plaintext: Uint8Array, context: SealContext): Uint8Array;
  /** @throws JitsuinError `seal.integrity`, `key.not-found` */
  open(sealed: Uint8Array, context: SealContext): Uint8Array;
}
