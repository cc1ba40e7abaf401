import type { HashName } from '../x509/signature-algorithm.ts';

/** RFC 5652, RFC 3161, RFC 5035, RFC 5816. */
export const CMS = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  rsaEncryption: '1.2.840.113549.1.1.1',
} as const;

export type TimeStampHash = Exclude<HashName, 'sha1'>;

/** Hashes that a time-stamp may use; SHA-1 is none of them. */
export const TIME_STAMP_HASH_OIDS: Readonly<Record<TimeStampHash, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
export const TIME_STAMP_HASHES: ReadonlyMap<string, TimeStampHash> = new Map(
  (['sha256', 'sha384', 'sha512'] as const).map((hash) => [TIME_STAMP_HASH_OIDS[hash], hash]),
);
