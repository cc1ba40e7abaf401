import { createHash } from 'node:crypto';

import type { Certificate } from '../x509/certificate-types.ts';
import { contextConstructed, TAG } from '../x509/der.ts';
import { encodeDer, encodeOid } from '../x509/der-writer.ts';
import { EXTENSION } from '../x509/oids.ts';

/** Hashes of CertID by OID (RFC 6960 section 4.3 asks for SHA-1; it names, it does not protect). */
export const CERT_ID_HASHES = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;
export type CertIdHash = keyof typeof CERT_ID_HASHES;

interface OcspRequestInput {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** 1 to 32 random octets from the caller (RFC 8954 section 2.1). */
  readonly nonce?: Uint8Array;
  /** `sha1` when absent. */
  readonly hash?: CertIdHash;
}

/** DER of an unsigned OCSPRequest for one certificate (RFC 6960 section 4.1.1). */
export function ocspRequest({ certificate, issuer, nonce, hash = 'sha1' }: OcspRequestInput): Uint8Array {
  const algorithm = encodeDer(TAG.sequence, encodeOid(CERT_ID_HASHES[hash]), encodeDer(TAG.null));
  const certId = encodeDer(
    TAG.sequence,
    algorithm,
    encodeDer(TAG.octetString, certIdHash(hash, issuer.subject.der)),
    encodeDer(TAG.octetString, certIdHash(hash, issuer.subjectPublicKeyInfo.key)),
    encodeDer(TAG.integer, certificate.serialNumber),
  );
  const requestList = encodeDer(TAG.sequence, encodeDer(TAG.sequence, certId));
  const extensions = nonce === undefined ? [] : [nonceExtension(nonce)];
  return encodeDer(TAG.sequence, encodeDer(TAG.sequence, requestList, ...extensions));
}

/** issuerNameHash over the Name, issuerKeyHash over the key without its BIT STRING header. */
export function certIdHash(hash: CertIdHash, octets: Uint8Array): Uint8Array {
  return createHash(hash).update(octets).digest();
}

function nonceExtension(nonce: Uint8Array): Uint8Array {
  const value = encodeDer(TAG.octetString, encodeDer(TAG.octetString, nonce));
  const extension = encodeDer(TAG.sequence, encodeOid(EXTENSION.ocspNonce), value);
  return encodeDer(contextConstructed(2), encodeDer(TAG.sequence, extension));
}
