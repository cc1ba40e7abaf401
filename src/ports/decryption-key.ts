import type { webcrypto } from 'node:crypto';

/** One private key (P-256) of a platform operator for one service and environment. */
export type DecryptionKey = {
  readonly kid: string;
  readonly service: string;
  readonly environment: 'test' | 'production';
  readonly state: 'active' | 'overlap' | 'expired';
} & (HeldKey | KeptElsewhere);

/** A key that the verifier itself uses, through jose; usage `deriveBits`. */
interface HeldKey {
  readonly key: webcrypto.CryptoKey;
}

/**
 * A key whose keeper makes the key agreement and gives out nothing else: an HSM or KMS (PKCS#11 CKM_ECDH1_DERIVE, KMS
 * DeriveSharedSecret), and the keystore file.
 */
export interface KeptElsewhere {
  /**
   * @param ephemeralKey a validated P-256 point, uncompressed, 65 octets
   * @returns the shared secret Z, 32 octets: the x-coordinate, nothing hashed (SP 800-56A section 5.7.1.2)
   * @throws any error when the keeper cannot be reached or refuses; the verification is tried again
   */
  deriveSharedSecret(ephemeralKey: Uint8Array): Promise<Uint8Array>;
}

export interface DecryptionKeys {
  /** By (service, environment, kid); a kid alone is not enough. */
  find(service: string, environment: 'test' | 'production', kid: string): Promise<DecryptionKey | undefined>;
  /** All usable keys of a service, active first: for a JWE without kid. */
  usable(service: string, environment: 'test' | 'production'): Promise<readonly DecryptionKey[]>;
}
