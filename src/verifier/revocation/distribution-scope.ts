import type { Certificate, DistributionPoint } from '../x509/certificate-types.ts';
import { nameRelativeTo } from '../x509/distribution-point.ts';
import { directoryNames, type GeneralName } from '../x509/general-name.ts';
import type { Name } from '../x509/name.ts';
import { sameOctets } from '../x509/octets.ts';
import type { Crl } from './crl.ts';

/** ReasonFlags keyCompromise (1) to aACompromise (8): all there are. */
export const ALL_REASONS = 0b1_1111_1110;

/** RFC 5280 section 6.3.3: a certificate without cRLDistributionPoints is covered by its issuer's own CRLs. */
export function distributionPointsOf(certificate: Certificate): readonly DistributionPoint[] {
  const own: DistributionPoint = { fullName: [{ type: 'directoryName', name: certificate.issuer }] };
  return [...(certificate.cRLDistributionPoints ?? []), own];
}

/**
 * Whether a CRL covers a certificate for a distribution point (RFC 5280 section 6.3.3 (b)): issuer, name of the
 * partition, and kind of certificate.
 */
export function covers(crl: Crl, certificate: Certificate, point: DistributionPoint): boolean {
  const scope = crl.issuingDistributionPoint;
  if (!issuerMatches(crl, certificate, point)) return false;
  if (scope === undefined) return true;
  if (scope.onlyContainsAttributeCerts) return false;
  const isCa = certificate.basicConstraints?.ca === true;
  if (scope.onlyContainsUserCerts && isCa) return false;
  if (scope.onlyContainsCACerts && !isCa) return false;
  const scopeNames = namesOf(scope, crl.issuer);
  if (scopeNames === undefined) return true;
  const relativeTo = directoryNames(point.cRLIssuer)[0] ?? certificate.issuer;
  const pointNames = namesOf(point, relativeTo) ?? point.cRLIssuer ?? [];
  return scopeNames.some((name) => pointNames.some((other) => sameGeneralName(name, other)));
}

/** 6.3.3 (b) (1): another CRL issuer must be named by the point, and its CRL must say that it is indirect. */
function issuerMatches(crl: Crl, certificate: Certificate, point: DistributionPoint): boolean {
  if (point.cRLIssuer === undefined) return crl.issuer.equals(certificate.issuer);
  const named = directoryNames(point.cRLIssuer).some((name) => name.equals(crl.issuer));
  return named && crl.issuingDistributionPoint?.indirectCRL === true;
}

/** The names of a distribution point, with a relative one made full. */
function namesOf(point: DistributionPoint, relativeTo: Name): readonly GeneralName[] | undefined {
  if (point.nameRelativeToCrlIssuer === undefined) return point.fullName;
  return [{ type: 'directoryName', name: nameRelativeTo(relativeTo, point.nameRelativeToCrlIssuer) }];
}

function sameGeneralName(left: GeneralName, right: GeneralName): boolean {
  if (left.type === 'directoryName') return right.type === 'directoryName' && left.name.equals(right.name);
  if (left.type !== right.type) return false;
  if ('text' in left) return 'text' in right && left.text === right.text;
  if ('octets' in left) return 'octets' in right && sameOctets(left.octets, right.octets);
  if ('der' in left) return 'der' in right && sameOctets(left.der, right.der);
  if (!('oid' in left && 'oid' in right) || left.oid !== right.oid) return false;
  return !('value' in left) || ('value' in right && sameOctets(left.value, right.value));
}

/** 6.3.3 (d): the reasons for which this CRL and this point together answer. */
export function interimReasons(crl: Crl, point: DistributionPoint): number {
  return (
    (crl.issuingDistributionPoint?.onlySomeReasons ?? ALL_REASONS) &
    (point.reasons ?? ALL_REASONS) &
    ALL_REASONS
  );
}

/** 6.3.3 (c): whether a delta CRL goes with a complete one: issuer, scope, key, and numbers (section 5.2.4). */
export function deltaExtends(
  delta: Crl,
  complete: Crl,
  compare: (left: Uint8Array, right: Uint8Array) => number,
): boolean {
  const base = delta.baseCrlNumber;
  if (base === undefined || !delta.issuer.equals(complete.issuer)) return false;
  const deltaScope = delta.issuingDistributionPoint?.der ?? new Uint8Array();
  const completeScope = complete.issuingDistributionPoint?.der ?? new Uint8Array();
  const deltaKey = delta.authorityKeyIdentifier?.keyIdentifier ?? new Uint8Array();
  const completeKey = complete.authorityKeyIdentifier?.keyIdentifier ?? new Uint8Array();
  if (!sameOctets(deltaScope, completeScope) || !sameOctets(deltaKey, completeKey)) return false;
  return compare(complete.crlNumber, base) >= 0 && compare(delta.crlNumber, complete.crlNumber) > 0;
}
