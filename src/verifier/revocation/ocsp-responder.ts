import { createHash } from 'node:crypto';

import type { EpochMillis } from '../../core/brand.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { GENERAL_KEY_POLICY, type KeyPolicy, keyRefusal, schemeRefusal } from '../x509/key-policy.ts';
import { sameOctets } from '../x509/octets.ts';
import { KEY_PURPOSE } from '../x509/oids.ts';
import { signatureScheme, verifiesWith } from '../x509/signature-algorithm.ts';
import type { BasicOcspResponse, ResponderId } from './ocsp-response.ts';
import type { RevocationRequest, VerifiedResponder } from './revocation-types.ts';

/** Whether a responder certificate without id-pkix-ocsp-nocheck is known not to be revoked. */
export type ResponderStatusCheck = (responder: Certificate) => boolean;

/**
 * The certificates that may have signed an answer (RFC 6960 section 4.2.2.2): the issuer itself when the ResponderID
 * names it, and certificates sent along that the same issuer key issued for OCSP signing and nothing revoked.
 */
export function authorizedResponders(
  basic: BasicOcspResponse,
  request: RevocationRequest,
  notRevoked: ResponderStatusCheck,
): readonly Certificate[] {
  const { issuer } = request;
  const found: Certificate[] = identifies(basic.responderId, issuer) ? [issuer] : [];
  for (const der of basic.certificates.slice(0, MAXIMUM_CERTIFICATES)) {
    const responder = delegatedResponder(der, basic.responderId, request, notRevoked);
    if (responder !== undefined) found.push(responder);
  }
  return found;
}

/** Whether an answer was signed by a responder that was authorized once, and whose certificate has ended since. */
export function hasEndedResponder(basic: BasicOcspResponse, request: RevocationRequest): boolean {
  const at = request.dataAt ?? request.at;
  return basic.certificates.slice(0, MAXIMUM_CERTIFICATES).some((der) => {
    const certificate = parsed(der);
    if (certificate === undefined || at <= certificate.notAfter) return false;
    const { notAfter } = certificate;
    const keyPolicy = request.trust?.policy.keyPolicy;
    return (
      identifies(basic.responderId, certificate) &&
      isDelegated(certificate, request.issuer, notAfter, keyPolicy)
    );
  });
}

/** A responder sends its own certificate, seldom one more. */
const MAXIMUM_CERTIFICATES = 4;

function delegatedResponder(
  der: Uint8Array,
  id: ResponderId,
  request: RevocationRequest,
  notRevoked: ResponderStatusCheck,
): Certificate | undefined {
  const at = request.dataAt ?? request.at;
  const key = cacheKey(der, request.issuer);
  const known = request.responderCache?.get(key);
  if (known !== undefined && at <= known.validUntil && at >= known.certificate.notBefore) {
    return identifies(id, known.certificate) ? known.certificate : undefined;
  }
  const certificate = parsed(der);
  if (certificate === undefined || !identifies(id, certificate)) return undefined;
  if (!isDelegated(certificate, request.issuer, at, request.trust?.policy.keyPolicy)) return undefined;
  if (certificate.ocspNoCheck) request.responderCache?.set(key, verifiedUntil(certificate));
  else if (!notRevoked(certificate)) return undefined;
  return certificate;
}

function verifiedUntil(certificate: Certificate): VerifiedResponder {
  return { certificate, validUntil: certificate.notAfter };
}

function parsed(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch {
    return undefined;
  }
}

/** Issued by the very key that issued the certificate asked about, in force, and for OCSP signing. */
function isDelegated(
  responder: Certificate,
  issuer: Certificate,
  at: EpochMillis,
  keyPolicy: KeyPolicy = GENERAL_KEY_POLICY,
): boolean {
  const scheme = signatureScheme(responder.signatureAlgorithm);
  if (scheme === undefined || schemeRefusal(scheme, keyPolicy) !== undefined) return false;
  if (keyRefusal(responder.subjectPublicKeyInfo, keyPolicy) !== undefined) return false;
  const inForce = responder.notBefore <= at && at <= responder.notAfter;
  const forOcsp = responder.extendedKeyUsage?.includes(KEY_PURPOSE.ocspSigning) === true;
  const maySign = responder.keyUsage === undefined || responder.keyUsage.has('digitalSignature');
  if (!inForce || !forOcsp || !maySign || responder.unknownCriticalExtensions.length > 0) return false;
  if (!responder.issuer.equals(issuer.subject)) return false;
  return verifiesWith(issuer, scheme, responder.tbsCertificate, responder.signature);
}

/** ResponderID: the subject name, or SHA-1 of the key without its BIT STRING header. */
function identifies(id: ResponderId, certificate: Certificate): boolean {
  if ('byName' in id) return id.byName.equals(certificate.subject);
  const keyHash = createHash('sha1').update(certificate.subjectPublicKeyInfo.key).digest();
  return sameOctets(id.byKey, keyHash);
}

/** The issuer's key belongs to the key of the cache: the same responder under another CA is another responder. */
function cacheKey(der: Uint8Array, issuer: Certificate): string {
  return createHash('sha256').update(issuer.subjectPublicKeyInfo.der).update(der).digest('base64');
}
