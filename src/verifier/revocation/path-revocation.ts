import type { Certificate } from '../x509/certificate-types.ts';
import type { PathPolicy } from '../x509/path-types.ts';
import { checkRevocation } from './check.ts';
import type { RevocationRequest, RevocationResult } from './revocation-types.ts';

export interface PathRevocationRequest extends Omit<RevocationRequest, 'certificate' | 'issuer' | 'trust'> {
  /** A validated path, leaf first and anchor last, from `validateCertificationPath`. */
  readonly path: readonly Certificate[];
  /** Lets CRL issuers with a path of their own to the same anchor be trusted; without it only the issuers' keys count. */
  readonly crlIssuers?: { readonly intermediates: readonly Certificate[]; readonly policy: PathPolicy };
}

/**
 * The revocation status of every certificate of a path but the anchor, leaf first (RFC 5280 section 6.1.3 (a) (3)).
 * All must be good for the path to be good.
 */
export function checkPathRevocation(request: PathRevocationRequest): readonly RevocationResult[] {
  const { path, crlIssuers, ...common } = request;
  const anchor = path.at(-1);
  const trust =
    crlIssuers === undefined || anchor === undefined
      ? {}
      : { trust: { ...crlIssuers, trustAnchors: [anchor] } };
  return path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1] ?? certificate;
    return checkRevocation({ ...common, ...trust, certificate, issuer });
  });
}
