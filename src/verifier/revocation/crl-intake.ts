import type { EpochMillis } from '../../core/brand.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { directoryNames } from '../x509/general-name.ts';
import { sameOctets } from '../x509/octets.ts';
import type { Crl } from './crl.ts';
import { DEFAULT_FRESHNESS, freshness } from './freshness.ts';

/**
 * Why a list that came for a distribution point may not take the place of the one at hand, whatever its number: it
 * is from the future, it has ended, or it is of another partition (RFC 5280 sections 5.1.2.4, 5.1.2.5 and 5.2.5).
 * Undefined when nothing speaks against it.
 * @param distributionPoint DER Name for which it was asked
 */
export function intakeFault(
  crl: Crl,
  distributionPoint: Uint8Array,
  now: EpochMillis,
): ErrorCode | undefined {
  if (!isOfPoint(crl, distributionPoint)) return 'revocation.scope';
  if (crl.nextUpdate === undefined) return 'revocation.stale';
  const age = freshness(crl, now, DEFAULT_FRESHNESS);
  return age === 'fresh' ? undefined : age;
}

/** A list without a name of its own covers all that its issuer made; one with names only those. */
function isOfPoint({ issuingDistributionPoint: scope, issuer }: Crl, distributionPoint: Uint8Array): boolean {
  if (scope?.fullName === undefined || sameOctets(issuer.der, distributionPoint)) return true;
  return directoryNames(scope.fullName).some(({ der }) => sameOctets(der, distributionPoint));
}

/**
 * What a file that is no DER is instead, where it can be told: the two that operators drop into a folder by
 * mistake.
 */
export function crlForm(octets: Uint8Array): 'pem' | 'octets-after-the-end' | undefined {
  const text = Buffer.from(octets.subarray(0, 64)).toString('latin1').trimStart();
  if (text.startsWith('-----BEGIN')) return 'pem';
  if (octets[0] !== 0x30) return undefined;
  const length = declaredLength(octets);
  return length !== undefined && length < octets.length ? 'octets-after-the-end' : undefined;
}

/** Octets of the outer SEQUENCE with its header, as the header says (X.690 section 8.1.3). */
function declaredLength(octets: Uint8Array): number | undefined {
  const first = octets[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) return undefined;
  return 2 + count + octets.subarray(2, 2 + count).reduce((sum, octet) => sum * 256 + octet, 0);
}
