import type { webcrypto } from 'node:crypto';

/** One private key of a platform operator for one service and environment. An HSM or KMS can stand behind `deriveBits`. */
export interface DecryptionKey {
  readonly kid: string;
  readonly service: string;
  readonly environment: 'test' | 'production';
  readonly state: 'active' | 'overlap' | 'expired';
  /** ECDH with the ephemeral public key (a validated P-256 point): the 32-octet shared secret Z. */
  readonly key: webcrypto.CryptoKey;
}

export interface DecryptionKeys {
  /** By (service, environment, kid); a kid alone is not enough. */
  find(service: string, environment: 'test' | 'production', kid: string): Promise<DecryptionKey | undefined>;
  /** All usable keys of a service, active first: for a JWE without kid. */
  usable(service: string, environment: 'test' | 'production'): Promise<readonly DecryptionKey[]>;
}
