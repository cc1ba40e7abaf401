import type { EpochMillis } from '../../core/brand.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import type { PathPolicy } from '../x509/path-types.ts';
import type { Crl } from './crl.ts';
import type { RevocationReason } from './revocation-reason.ts';

export type RevocationMethod = 'CRL' | 'OCSP';

/** Facts about the data that decided; all times in milliseconds since the epoch. */
export interface RevocationEvidence {
  readonly method: RevocationMethod;
  /** OCSP only. */
  readonly producedAt?: EpochMillis;
  readonly thisUpdate: EpochMillis;
  readonly nextUpdate?: EpochMillis;
  /** CRL only: hexadecimal content octets of cRLNumber. */
  readonly crlNumber?: string;
  /** Lower-case hexadecimal SHA-256 of the DER that decided: the CRL or the OCSP response. */
  readonly sha256: string;
}

export interface Revocation {
  readonly revokedAt: EpochMillis;
  readonly reason: RevocationReason;
}

export type RevocationResult =
  | {
      readonly status: 'good';
      readonly source: RevocationEvidence;
      /** The data says that the certificate was revoked after the instant judged. */
      readonly revokedLater?: Revocation;
    }
  | {
      readonly status: 'revoked';
      readonly source: RevocationEvidence;
      readonly revokedAt: EpochMillis;
      readonly reason: RevocationReason;
    }
  | {
      readonly status: 'indeterminate';
      /** One of the `revocation.*` codes. */
      readonly code: ErrorCode;
      readonly detail: string;
      readonly source?: RevocationEvidence;
    };

/** How responders are asked. What is absent is as strict as it can be: a nonce of ours, which the answer must carry. */
export interface OcspTerms {
  /** `not-sent`: no nonce; the policy's greatest age alone bounds how long an old answer counts. */
  readonly nonce: 'required' | 'not-sent';
  /** Hash of CertID. */
  readonly certId: 'sha1' | 'sha256';
}

/** How old revocation data may be. Milliseconds. */
export interface FreshnessPolicy {
  /** Tolerated difference between the CA's clock and ours, in both directions. */
  readonly skew: number;
  /** For an OCSP answer without nextUpdate: greatest age of thisUpdate. */
  readonly maxAgeWithoutNextUpdate: number;
  /** Greatest age of thisUpdate, whatever nextUpdate says (ETSI EN 319 102-1 section 5.2.5). */
  readonly maxAge?: number;
  /**
   * Data of any kind counts at least this long after thisUpdate, whatever nextUpdate says (ETSI EN 319 102-1 section
   * 5.2.5).
   */
  readonly leastAge?: number;
}

/** A delegated OCSP responder that was verified under one issuer key. */
export interface VerifiedResponder {
  readonly certificate: Certificate;
  readonly validUntil: EpochMillis;
}

/** Kept by the caller so that a responder certificate is verified once; a Map will do. */
export interface ResponderCache {
  get(key: string): VerifiedResponder | undefined;
  set(key: string, value: VerifiedResponder): unknown;
}

/**
 * What lets a CRL issuer other than the certificate's own issuer be trusted. JPKI needs none: leave it out, and only
 * the issuer's own key counts.
 */
interface RevocationTrust {
  /** The anchor of the certificate's own validated path, and no other (RFC 5280 section 6.3.3 (f)). */
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly policy: PathPolicy;
}

export interface RevocationRequest {
  readonly certificate: Certificate;
  /** The certificate of the issuer as the validated path has it. */
  readonly issuer: Certificate;
  readonly data: {
    /** Opened with `openCrl` (their signatures verified); complete, delta and indirect ones together. */
    readonly crls: readonly Crl[];
    /** DER OCSPResponses. */
    readonly ocsp: readonly Uint8Array[];
  };
  /** The instant for which the certificate is judged. */
  readonly at: EpochMillis;
  /** The instant at which the data must be fresh; `at` when absent. Later than `at` for "valid at signing time". */
  readonly dataAt?: EpochMillis;
  readonly method: RevocationMethod;
  readonly freshness?: Partial<FreshnessPolicy>;
  /** OCSP: the nonce that was sent; when given, the answer must carry it. */
  readonly nonce?: Uint8Array;
  readonly trust?: RevocationTrust;
  readonly responderCache?: ResponderCache;
}
