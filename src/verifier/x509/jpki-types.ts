import type { Report } from '../../core/report.ts';

type JpkiMedium = 'card' | 'phone';
export type JpkiPurpose = 'signing' | 'user-authentication';
export type JpkiEnvironment = 'production' | 'test';

/** What a policy OID of the arc 1.2.392.200149.8.5.1 stands for. */
export interface JpkiCertificateKind {
  readonly policy: string;
  readonly medium: JpkiMedium;
  readonly purpose: JpkiPurpose;
  readonly environment: JpkiEnvironment;
  /** How surely the OID is known: read from real certificates, or taken from one unverified source. */
  readonly certainty: 'seen' | 'unverified';
}

/** A text with its map of substitute characters (代替文字使用位置情報). */
export interface SubstitutableText {
  /** Exactly the code points of the certificate: no normalization, no trimming. */
  readonly text: string;
  /** One ASCII digit a code point, `1` where a substitute stands; absent when the certificate has none. */
  readonly substitutionMap?: string;
  /** Code point positions (from 0) of substituted characters. */
  readonly substituted: readonly number[];
}

export type JapaneseEra = 'unknown' | 'meiji' | 'taisho' | 'showa' | 'heisei' | 'reiwa';

/** Date of birth as the certificate says it. Parts may be unknown ("00"), so it is text and never a Date. */
export interface DateOfBirth {
  readonly era: JapaneseEra;
  /** Gregorian year, month and day as 4, 2 and 2 digits; zeros where unknown. */
  readonly year: string;
  readonly month: string;
  readonly day: string;
  /** The nine digits as they stand. */
  readonly raw: string;
}

/** 基本4情報 from the otherNames of subjectAltName, found by OID. Protected data: never log. */
export interface FourAttributes {
  readonly name?: SubstitutableText;
  readonly sex?: 'male' | 'female' | 'unknown';
  readonly dateOfBirth?: DateOfBirth;
  readonly address?: SubstitutableText;
  /** Other OIDs under 1.2.392.200149.8.5.5 (kana name, former surname …) with the DER of their value, kept raw. */
  readonly additional: readonly { readonly oid: string; readonly value: Uint8Array }[];
}

/**
 * Rules of the profile that say how a certificate is written and not what it is good for: a policy file may let them
 * only warn. The kind of certificate, its usage and that it is no CA always decide.
 */
export const JPKI_NITS = [
  'jpki-version',
  'jpki-subject-name',
  'jpki-key-identifiers',
  'jpki-distribution-point',
  'jpki-four-attributes',
] as const;
export type JpkiNit = (typeof JPKI_NITS)[number];

/** Verdict on the JPKI profile, apart from the path verdict. */
export interface JpkiProfileReport extends Report {
  /** Absent when no policy OID of the table is present. */
  readonly kind?: JpkiCertificateKind;
}
