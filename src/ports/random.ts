/** The only source of randomness for everything above the pure rooms. */
export interface Random {
  /** Cryptographically strong octets. */
  octets(count: number): Uint8Array;
  /** UUIDv7 text: sorts by time of creation. */
  id(): string;
}
