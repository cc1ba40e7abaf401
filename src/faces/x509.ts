/**
 * `jitsuin/x509`: certificates read strictly, paths validated (RFC 5280 section 6), revocation judged from lists and
 * answers that the caller brings. Builds requests, sends none; trusts nothing of its own.
 */
export type { EpochMillis } from '../core/brand.ts';
export { type ErrorCode, JitsuinError } from '../core/errors.ts';
export type { Check, Indication, Report, SubIndication } from '../core/report.ts';
export { checkRevocation } from '../verifier/revocation/check.ts';
export { type Crl, openCrl } from '../verifier/revocation/crl.ts';
export { ocspRequest } from '../verifier/revocation/ocsp-request.ts';
export { type OcspResponse, parseOcspResponse } from '../verifier/revocation/ocsp-response.ts';
export { checkPathRevocation } from '../verifier/revocation/path-revocation.ts';
export type {
  FreshnessPolicy,
  RevocationMethod,
  RevocationRequest,
  RevocationResult,
} from '../verifier/revocation/revocation-types.ts';
export { parseCertificate } from '../verifier/x509/certificate.ts';
export type { Certificate, KeyUsage } from '../verifier/x509/certificate-types.ts';
export { readFourAttributes } from '../verifier/x509/four-attributes.ts';
export { type JpkiExpectation, jpkiKindOf, lintJpkiProfile } from '../verifier/x509/jpki-profile.ts';
export { GENERAL_KEY_POLICY, JPKI_KEY_POLICY, type KeyPolicy } from '../verifier/x509/key-policy.ts';
export { validateCertificationPath } from '../verifier/x509/path.ts';
export type { PathBudgets, PathPolicy, PathRequest, PathValidation } from '../verifier/x509/path-types.ts';
export { certificatesFromPem } from '../verifier/x509/pem.ts';
