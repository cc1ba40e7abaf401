import { type KeyObject, sign } from 'node:crypto';
import { bitString, context, type Der, decode, encode, integer, nil, oid, sequence, time } from './der.ts';

/** sha256WithRSAEncryption (RFC 4055 section 5): parameters NULL. */
export function sha256WithRsa(): Der {
  return sequence(oid('1.2.840.113549.1.1.11'), nil());
}

/** `SEQUENCE { tbs, sha256WithRSA, signature }` with further members after it (OCSP puts certificates there). */
export function signed(tbs: Der, key: KeyObject, ...after: Der[]): Buffer {
  const signature = sign('sha256', encode(tbs), key);
  return encode(sequence(tbs, sha256WithRsa(), bitString(signature), ...after));
}

interface CertificateTemplate {
  readonly serial: bigint;
  readonly issuer: Der;
  readonly subject: Der;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly spki: Uint8Array;
  readonly extensions: readonly Der[];
}

/** DER of a v3 certificate signed with the issuer's RSA key; the same template gives the same octets. */
export function issueCertificate(template: CertificateTemplate, issuerKey: KeyObject): Buffer {
  const tbs = sequence(
    context(0, integer(2)),
    integer(template.serial),
    sha256WithRsa(),
    template.issuer,
    sequence(time(template.notBefore), time(template.notAfter)),
    template.subject,
    decode(template.spki),
    context(3, sequence(...template.extensions)),
  );
  return signed(tbs, issuerKey);
}

/** DER → PEM with 64-character lines (RFC 7468). */
export function toPem(der: Uint8Array, label = 'CERTIFICATE'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
