import type { Certificate } from '../x509/certificate-types.ts';
import type { PathPolicy } from '../x509/path-types.ts';
import { checkRevocation } from './check.ts';
import type { RevocationRequest, RevocationResult } from './revocation-types.ts';

interface PathRevocationRequest extends Omit<RevocationRequest, 'certificate' | 'issuer' | 'trust' | 'data'> {
  /** A validated path, leaf first and anchor last, from `validateCertificationPath`. */
  readonly path: readonly Certificate[];
  /** What is at hand for the certificate at this place of the path. */
  readonly data: (index: number) => RevocationRequest['data'];
  /**
   * Lets CRL issuers with a path of their own to the same anchor be trusted; without it only the issuers' keys
   * count.
   */
  readonly crlIssuers?: { readonly intermediates: readonly Certificate[]; readonly policy: PathPolicy };
}

/**
 * The revocation status of every certificate of a path but the anchor, leaf first (RFC 5280 section 6.1.3 (a) (3)).
 * All must be good for the path to be good. A CRL issuer counts under this path's anchor only (section 6.3.3 (f)):
 * all generations of JPKI's CA have one name, and another one's list would say "good" of a certificate it knows
 * nothing of.
 */
export function checkPathRevocation(request: PathRevocationRequest): readonly RevocationResult[] {
  const { path, data, crlIssuers, ...common } = request;
  const anchor = path.at(-1);
  const trust =
    crlIssuers === undefined || anchor === undefined
      ? {}
      : { trust: { ...crlIssuers, trustAnchors: [anchor] } };
  return path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1] ?? certificate;
    return checkRevocation({ ...common, ...trust, data: data(index), certificate, issuer });
  });
}
