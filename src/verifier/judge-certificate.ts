import { defined } from '../core/defined.ts';
import { type Check, finding } from '../core/report.ts';
import { type AlgorithmUse, algorithmChecks } from './policy/algorithm-check.ts';
import { ocspRequest } from './revocation/ocsp-request.ts';
import type { RevocationResult } from './revocation/revocation-types.ts';
import type { RevocationNeed, ValidationOutcome, ValidationRequest } from './validation-types.ts';
import type { Certificate } from './x509/certificate-types.ts';
import { directoryNames } from './x509/general-name.ts';
import { jpkiKind } from './x509/jpki-policies.ts';
import { lintJpkiProfile } from './x509/jpki-profile.ts';
import { JPKI_KEY_POLICY, keyRefusal, schemeRefusal } from './x509/key-policy.ts';
import { validateCertificationPath } from './x509/path.ts';
import { isInPeriod } from './x509/path-checks.ts';
import { signatureScheme } from './x509/signature-algorithm.ts';

interface JudgedCertificate {
  readonly checks: readonly Check[];
  readonly found: Pick<ValidationOutcome, 'path' | 'kind'>;
}

/**
 * Path, period, usage and policy (RFC 5280 section 6.1), the ends of the algorithms, then the JPKI profile of the leaf
 * where the policy asks for it.
 * @param hashes of the document's signature and digest
 */
export function judgeCertificate(
  leaf: Certificate,
  request: Omit<ValidationRequest, 'subject'>,
  hashes: AlgorithmUse['hashes'],
): JudgedCertificate {
  const { policy, trustAnchors, intermediates = [], at } = request;
  const { checks, path, indication } = validateCertificationPath({
    leaf,
    intermediates,
    trustAnchors,
    at,
    policy: policy.path,
    endEntityDates: policy.signerDates === undefined ? 'judged' : 'left-to-caller',
  });
  if (indication !== 'TOTAL-PASSED') {
    const shown =
      policy.profile === 'none' ? checks : checks.map((check) => ofNarrowPolicy(check, path, leaf, policy));
    return { checks: shown, found: { path } };
  }
  const sound = [...checks, ...algorithmChecks(request, { hashes, path })];
  if (policy.profile === 'none') return { checks: sound, found: { path } };
  const { environment, kinds, warnOnly } = policy;
  const profile = lintJpkiProfile(leaf, defined({ purpose: 'signing', environment, at, kinds, warnOnly }));
  const { kind } = profile;
  const shown = profile.checks.map((check) => ofNewKind(check, leaf, policy));
  return { checks: [...sound, ...shown], found: defined({ path, kind }) };
}

/**
 * What the policy does not want, and the JPKI issues: keys, hashes and usages of the profile, or a certificate policy
 * that it does not know. The policy is the operator's file, so it is held, and no fault of the certificate.
 */
function ofNarrowPolicy(
  check: Check,
  path: readonly Certificate[],
  leaf: Certificate,
  policy: ValidationRequest['policy'],
): Check {
  const { name, code } = check;
  const detail = `The policy refuses what the JPKI issues: ${check.detail ?? ''}`;
  const certificates = path.length === 0 ? [leaf] : path.slice(0, -1);
  if (code === 'certificate.key-policy' && certificates.every(hasSoundKey))
    return finding(name, code, { of: 'issuer', detail });
  if (code === 'certificate.usage' && !leaf.basicConstraints?.ca && isForSigning(leaf))
    return finding(name, code, { of: 'issuer', detail });
  return ofNewKind(check, leaf, policy);
}

/** By the key policy of the JPKI as this program knows it, whatever an operator's file says. */
function hasSoundKey({ subjectPublicKeyInfo, signatureAlgorithm }: Certificate): boolean {
  const refusal =
    keyRefusal(subjectPublicKeyInfo, JPKI_KEY_POLICY) ??
    schemeRefusal(signatureScheme(signatureAlgorithm), JPKI_KEY_POLICY);
  return refusal === undefined;
}

/** The usage that the JPKI gives its signing certificates. */
function isForSigning({ keyUsage, extendedKeyUsage }: Certificate): boolean {
  return extendedKeyUsage === undefined && SIGNING.every((bit) => keyUsage?.has(bit));
}

const SIGNING = ['digitalSignature', 'nonRepudiation'] as const;

/**
 * A certificate that a trusted CA did issue, under a policy that is not asked for here: the next card, or the other
 * environment. The table or the setting is behind, unless the policy is known to be for another purpose: then it is
 * the wrong certificate of the card.
 */
function ofNewKind(check: Check, leaf: Certificate, policy: ValidationRequest['policy']): Check {
  if (check.code !== 'certificate.policy') return check;
  const kinds = (leaf.certificatePolicies ?? []).map((one) => jpkiKind(one.policy, policy.kinds));
  if (kinds.length === 0 || kinds.some((kind) => kind !== undefined && kind.purpose !== 'signing'))
    return check;
  const detail = 'A trusted CA issued it under a certificate policy that is not one of this environment.';
  return finding(check.name, 'certificate.policy', { of: 'issuer', detail });
}

/**
 * The signer's period, once its revocation was judged: outside it nothing is proved without a proof of time (EN 319
 * 102-1 section 5.2.6); what is known of its revocation says which word it is. None where an older policy has it
 * judged with the path.
 */
export function periodChecks(
  { policy, at, instant }: Pick<ValidationRequest, 'policy' | 'at' | 'instant'>,
  certificate: Certificate,
  revocation: RevocationResult | undefined,
): readonly Check[] {
  if (policy.signerDates === undefined) return [];
  const name = 'signer-validity-period';
  if (isInPeriod(certificate, at)) return [{ name, result: 'passed' }];
  const when = `At ${new Date(at).toISOString()} the end entity certificate`;
  if (at >= certificate.notBefore) {
    const sub = revocation?.status === 'good' ? 'OUT_OF_BOUNDS_NOT_REVOKED' : 'OUT_OF_BOUNDS_NO_POE';
    return [finding(name, 'certificate.expired', { sub, detail: `${when} had expired.` })];
  }
  const detail = `${when} was not yet valid.`;
  // By an operator's own clock nothing is proved: no card signs before its certificate exists, so the
  // clock is likelier wrong.
  if (policy.profile === 'jpki' && instant !== 'proved')
    return [finding(name, 'certificate.not-yet-valid', { detail })];
  return [finding(name, 'certificate.not-yet-valid', { sub: 'NOT_YET_VALID', detail })];
}

/** What must be asked about every certificate of a path but the anchor. */
export function revocationNeeds(
  path: readonly Certificate[],
  { policy, nonce, certIdHash: hash }: Pick<ValidationRequest, 'policy' | 'nonce' | 'certIdHash'>,
): readonly RevocationNeed[] {
  const { method } = policy;
  return path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1] ?? certificate;
    if (method !== 'OCSP') {
      return { certificate, issuer, method: 'CRL', distributionPoints: distributionPointNames(certificate) };
    }
    const request = ocspRequest(defined({ certificate, issuer, nonce, hash }));
    return { certificate, issuer, method, ocspRequest: request, distributionPoints: [] };
  });
}

/** DER Names under which a CRL for the certificate may be kept: its distribution points, else its issuer's name. */
function distributionPointNames(certificate: Certificate): readonly Uint8Array[] {
  const points = certificate.cRLDistributionPoints ?? [];
  const names = points.flatMap((point) => directoryNames(point.fullName).map((name) => name.der));
  return names.length === 0 ? [certificate.issuer.der] : names;
}
