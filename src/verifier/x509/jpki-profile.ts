import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import { type Check, conclude, finding } from '../../core/report.ts';
import type { Certificate, KeyUsage } from './certificate-types.ts';
import { TAG } from './der.ts';
import { readFourAttributes } from './four-attributes.ts';
import { jpkiKind } from './jpki-policies.ts';
import type {
  JpkiCertificateKind,
  JpkiEnvironment,
  JpkiNit,
  JpkiProfileReport,
  JpkiPurpose,
} from './jpki-types.ts';
import type { Name } from './name.ts';
import { EXTENSION } from './oids.ts';

export interface JpkiExpectation {
  readonly purpose: JpkiPurpose;
  readonly environment: JpkiEnvironment;
  /** What policy OIDs stand for; the table of the first policies when absent. */
  readonly kinds?: readonly JpkiCertificateKind[];
  /** Rules that only warn. */
  readonly warnOnly?: readonly JpkiNit[];
  /** Stated in the report; nothing here depends on it. */
  readonly at: EpochMillis;
}

/** Why a rule of the profile does not hold, or undefined when it does; a note is a remark on a rule that holds. */
type Finding = { readonly code: ErrorCode; readonly detail: string } | { readonly note: string } | undefined;
type Rule = (certificate: Certificate, expected: JpkiExpectation) => Finding;

/** The rules of JPKI's certificate profile, in the order of the certificate's fields. */
const RULES: readonly (readonly [name: string, rule: Rule])[] = [
  ['jpki-version', ({ version }) => (version === 3 ? undefined : profile('not version 3'))],
  ['jpki-subject-name', subjectName],
  [
    'jpki-end-entity',
    ({ basicConstraints }) => (basicConstraints?.ca ? usage('a CA certificate') : undefined),
  ],
  ['jpki-key-identifiers', keyIdentifiers],
  ['jpki-certificate-kind', certificateKind],
  ['jpki-key-usage', keyUsage],
  ['jpki-distribution-point', distributionPoint],
  ['jpki-four-attributes', fourAttributes],
];

/**
 * Holds a leaf against the JPKI profile. This verdict is apart from the path verdict: a path can be valid without the
 * profile being kept, and the other way round. Every rule is judged; the first broken one decides.
 * Codes: `certificate.profile`, `certificate.usage`, `certificate.policy`.
 */
export function lintJpkiProfile(certificate: Certificate, expected: JpkiExpectation): JpkiProfileReport {
  const checks = RULES.map(([name, rule]) => asCheck(name, rule(certificate, expected), expected.warnOnly));
  const kind = jpkiKindOf(certificate, expected.kinds);
  return defined({
    ...conclude(checks, expected.at),
    kind,
  });
}

/** What a certificate says it is, by the first of its policies that the table knows. */
export function jpkiKindOf(
  certificate: Certificate,
  kinds?: readonly JpkiCertificateKind[],
): JpkiCertificateKind | undefined {
  for (const { policy } of certificate.certificatePolicies ?? []) {
    const kind = jpkiKind(policy, kinds);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

function asCheck(name: string, found: Finding, warnOnly: readonly string[] = []): Check {
  if (found === undefined) return { name, result: 'passed' };
  if ('note' in found) return { name, result: 'passed', detail: found.note };
  if (warnOnly.includes(name))
    return { name, result: 'passed', detail: `Only a warning by this policy: ${found.detail}.` };
  return finding(name, found.code, { detail: found.detail });
}

const profile = (detail: string): Finding => ({ code: 'certificate.profile', detail });
const usage = (detail: string): Finding => ({ code: 'certificate.usage', detail });

function isCritical(certificate: Certificate, oid: string): boolean {
  return certificate.extensions.some((extension) => extension.oid === oid && extension.critical);
}

const COUNTRY = '2.5.4.6';
const COMMON_NAME = '2.5.4.3';

/** C=JP, then the places, then one CN that is an identifier and not a name; PrintableString or UTF8String only. */
function subjectName({ subject, issuer }: Certificate): Finding {
  if (!hasPlainStrings(subject) || !hasPlainStrings(issuer))
    return profile('a name with another string type');
  const attributes = subject.rdns.flat();
  const country = attributes[0];
  const commonNames = attributes.filter(({ type }) => type === COMMON_NAME);
  if (country?.type !== COUNTRY || country.value !== 'JP') return profile('subject does not begin with C=JP');
  return commonNames.length === 1 ? undefined : profile('subject without exactly one CN');
}

function hasPlainStrings(name: Name): boolean {
  return name.rdns.flat().every(({ tag }) => tag === TAG.printableString || tag === TAG.utf8String);
}

/** Needed because all generations of the CA have one name. */
function keyIdentifiers({ authorityKeyIdentifier, subjectKeyIdentifier }: Certificate): Finding {
  if (authorityKeyIdentifier?.keyIdentifier === undefined) return profile('no authorityKeyIdentifier');
  return subjectKeyIdentifier === undefined ? profile('no subjectKeyIdentifier') : undefined;
}

function certificateKind(certificate: Certificate, expected: JpkiExpectation): Finding {
  const kind = jpkiKindOf(certificate, expected.kinds);
  const policy = (detail: string): Finding => ({ code: 'certificate.policy', detail });
  if (kind === undefined) return policy('no certificate policy of JPKI');
  if (kind.purpose !== expected.purpose) return policy(`a certificate for ${kind.purpose}`);
  if (kind.environment !== expected.environment)
    return policy(`a certificate of the ${kind.environment} environment`);
  if (!isCritical(certificate, EXTENSION.certificatePolicies))
    return profile('certificatePolicies not critical');
  return kind.certainty === 'unverified' ? { note: 'policy OID from one unverified source' } : undefined;
}

const KEY_USAGE: Readonly<Record<JpkiPurpose, readonly KeyUsage[]>> = {
  signing: ['digitalSignature', 'nonRepudiation'],
  'user-authentication': ['digitalSignature'],
};

function keyUsage(certificate: Certificate, { purpose }: JpkiExpectation): Finding {
  const wanted = KEY_USAGE[purpose];
  const present = certificate.keyUsage;
  const same =
    present !== undefined && present.size === wanted.length && wanted.every((bit) => present.has(bit));
  if (!same) return usage(`keyUsage is not ${wanted.join(' and ')}`);
  return isCritical(certificate, EXTENSION.keyUsage) ? undefined : usage('keyUsage not critical');
}

/** Partitions are named by directory names; a URL has no place here and would never be followed. */
function distributionPoint({ cRLDistributionPoints }: Certificate): Finding {
  if (cRLDistributionPoints === undefined) return profile('no cRLDistributionPoints');
  const named = cRLDistributionPoints.every(
    (point) =>
      point.cRLIssuer === undefined && point.fullName?.every(({ type }) => type === 'directoryName') === true,
  );
  return named ? undefined : profile('a distribution point that is not a directoryName');
}

function fourAttributes(certificate: Certificate, { purpose }: JpkiExpectation): Finding {
  try {
    const { name, sex, dateOfBirth, address, additional } = readFourAttributes(certificate);
    if (purpose === 'user-authentication') {
      return name || sex || dateOfBirth || address
        ? profile('attributes in an authentication certificate')
        : undefined;
    }
    if (!name || !sex || !dateOfBirth || !address) return profile('one of the four attributes is missing');
    if (usesBmpString(certificate)) return { note: 'an attribute is a BMPString' };
    return additional.length === 0 ? undefined : { note: `${additional.length} more attributes of the arc` };
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return profile('the attributes are not in the form of the profile');
    throw thrown;
  }
}

function usesBmpString({ subjectAltName = [] }: Certificate): boolean {
  return subjectAltName.some((name) => name.type === 'otherName' && name.value[0] === TAG.bmpString);
}
