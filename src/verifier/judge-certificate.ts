import type { Check } from '../core/report.ts';
import { ocspRequest } from './revocation/ocsp-request.ts';
import type { RevocationNeed, ValidationOutcome, ValidationRequest } from './validation-types.ts';
import type { Certificate } from './x509/certificate-types.ts';
import { directoryNames } from './x509/general-name.ts';
import { lintJpkiProfile } from './x509/jpki-profile.ts';
import { validateCertificationPath } from './x509/path.ts';

interface JudgedCertificate {
  readonly checks: readonly Check[];
  readonly found: Pick<ValidationOutcome, 'path' | 'kind'>;
}

/** Path, period, usage and policy (RFC 5280 section 6.1), then the JPKI profile of the leaf where the policy asks for it. */
export function judgeCertificate(leaf: Certificate, request: ValidationRequest): JudgedCertificate {
  const { policy, trustAnchors, intermediates = [], at } = request;
  const validation = validateCertificationPath({
    leaf,
    intermediates,
    trustAnchors,
    at,
    policy: policy.path,
  });
  const { checks, path } = validation;
  if (validation.indication !== 'TOTAL-PASSED' || policy.profile === 'none')
    return { checks, found: { path } };
  const profile = lintJpkiProfile(leaf, { purpose: 'signing', environment: policy.environment, at });
  const kind = profile.kind === undefined ? {} : { kind: profile.kind };
  return { checks: [...checks, ...profile.checks], found: { path, ...kind } };
}

/** What must be asked about every certificate of a path but the anchor. */
export function revocationNeeds(
  path: readonly Certificate[],
  request: Pick<ValidationRequest, 'policy' | 'nonce'>,
): readonly RevocationNeed[] {
  const { method } = request.policy;
  const nonce = request.nonce === undefined ? {} : { nonce: request.nonce };
  return path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1] ?? certificate;
    if (method === 'CRL') {
      return { certificate, issuer, method, distributionPoints: distributionPointNames(certificate) };
    }
    const request = ocspRequest({ certificate, issuer, ...nonce });
    return { certificate, issuer, method, ocspRequest: request, distributionPoints: [] };
  });
}

/** DER Names under which a CRL for the certificate may be kept: its distribution points, else its issuer's name. */
function distributionPointNames(certificate: Certificate): readonly Uint8Array[] {
  const points = certificate.cRLDistributionPoints ?? [];
  const names = points.flatMap((point) => directoryNames(point.fullName).map((name) => name.der));
  return names.length === 0 ? [certificate.issuer.der] : names;
}
