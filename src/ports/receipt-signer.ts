import type { ReceiptClaims } from '../contracts/verification.ts';
import type { EvidenceSealClaims } from '../core/evidence/seal-claims.ts';

/** The platform operator's key for receipts. The private key never leaves the adapter. */
export interface ReceiptSigner {
  /** Claims → compact JWS, ES256, `typ` verification-receipt+jwt. */
  sign(claims: ReceiptClaims): Promise<string>;
  /** The hash of an evidence record → compact JWS, ES256, `typ` evidence-seal+jwt. */
  seal(claims: EvidenceSealClaims): Promise<string>;
  /** ECDSA P-256 over SHA-256 of octets that are no JWS, r and s as 64 octets: the signature of a report. */
  signOctets(octets: Uint8Array): Promise<Uint8Array>;
  /** Public key of the one that signs now. */
  readonly active: Readonly<Record<string, string>>;
  /** Public keys of the receipts, two while rotating (RFC 7517). */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, string>>[] };
}
