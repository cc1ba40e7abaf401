/** The relying party's own key for private_key_jwt. The private key never leaves the adapter. */
export interface ClientKeys {
  /** Signs a JWT (compact JWS) with the active key; `kid` and `alg` stand in its header. */
  signAssertion(claims: Readonly<Record<string, string | number>>): Promise<string>;
}
