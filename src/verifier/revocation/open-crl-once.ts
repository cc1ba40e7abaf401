import type { Certificate } from '../x509/certificate-types.ts';
import { sameOctets } from '../x509/octets.ts';
import { type Crl, openCrl } from './crl.ts';

/** By the very octets: they are not to change, and go with whoever holds them. */
const OPENED = new WeakMap<Uint8Array, Crl>();

/**
 * `openCrl`, whose work for the same octets is done once: a list of a million entries is verified and indexed when
 * it comes and looked up in afterwards. What was verified under an issuer's key counts only where that issuer is
 * given again.
 * @throws JitsuinError as `openCrl`
 */
export function openCrlOnce(der: Uint8Array, issuers: readonly Certificate[]): Crl {
  const known = OPENED.get(der);
  if (known !== undefined && issuers.some((issuer) => isSame(issuer, known.issuerCertificate))) return known;
  const crl = openCrl(der, { issuers });
  OPENED.set(der, crl);
  return crl;
}

function isSame(one: Certificate, other: Certificate): boolean {
  return one === other || sameOctets(one.der, other.der);
}
