/** A key as it lies at rest: only the KMS that wrapped it can give its octets. */
interface WrappedKey {
  /** Id of the KMS's own key, as `wrap` answered it. */
  readonly keyId: string;
  readonly wrapped: Uint8Array;
}

/**
 * A key management service that wraps the keys that seal data at rest. It is asked when a process starts and when a
 * key is made, never for a value. Anything thrown means that the KMS does not answer or refuses.
 */
export interface KeyWrapper {
  /**
   * @param context names the key; a KMS that authenticates a context gets it as such, and `unwrap` gives the same
   * again
   */
  wrap(key: Uint8Array, context: string): Promise<WrappedKey>;
  unwrap(wrapped: WrappedKey, context: string): Promise<Uint8Array>;
}
