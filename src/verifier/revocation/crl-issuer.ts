import type { EpochMillis } from '../../core/brand.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { sameOctets } from '../x509/octets.ts';
import { validateCertificationPath } from '../x509/path.ts';
import type { Crl } from './crl.ts';
import type { RevocationRequest } from './revocation-types.ts';

/** Whether a certificate of a CRL issuer's own path is not revoked; given by `check.ts`, which is above this file. */
export type NestedCheck = (certificate: Certificate, issuer: Certificate) => boolean;

/**
 * Whether the signer of a CRL may speak for the certificate's issuer (RFC 5280 section 6.3.3 (f)): the same key as the
 * issuer's, or a path of its own to one of the same anchors, none of it revoked.
 */
export function mayIssueCrl(crl: Crl, request: RevocationRequest, nested: NestedCheck): boolean {
  const signer = crl.issuerCertificate;
  if (isSameAuthority(signer, request.issuer)) return true;
  const { trust } = request;
  if (trust === undefined) return false;
  if (trust.trustAnchors.some((anchor) => isSameAuthority(anchor, signer))) return true;
  const path = validPath(signer, request.at, trust);
  return (
    path.every((certificate, index) => {
      const issuer = path[index + 1];
      return issuer === undefined || nested(certificate, issuer);
    }) && path.length > 0
  );
}

/** The same name and the same key: another certificate of the same authority. */
function isSameAuthority(signer: Certificate, issuer: Certificate): boolean {
  if (!signer.subject.equals(issuer.subject)) return false;
  return sameOctets(signer.subjectPublicKeyInfo.der, issuer.subjectPublicKeyInfo.der);
}

function validPath(leaf: Certificate, at: EpochMillis, trust: NonNullable<RevocationRequest['trust']>) {
  const { trustAnchors, intermediates } = trust;
  const policy = {
    ...trust.policy,
    requiredKeyUsage: [],
    acceptedExtendedKeyUsage: [],
    initialExplicitPolicy: false,
    caAsLeaf: 'allowed',
  } as const;
  const result = validateCertificationPath({ leaf, trustAnchors, intermediates, at, policy });
  return result.indication === 'TOTAL-PASSED' ? result.path : [];
}
