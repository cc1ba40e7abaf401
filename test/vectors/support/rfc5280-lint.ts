import type { EpochMillis } from '../../../src/core/brand.ts';
import { type Check, conclude, finding, type Report } from '../../../src/core/report.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import { isHostName } from '../../../src/verifier/x509/name-subtrees.ts';
import { EXTENSION } from '../../../src/verifier/x509/oids.ts';
import { placeInPath } from '../../../src/verifier/x509/path-finding.ts';

/** One rule that RFC 5280 lays on issuers and not on validators; true when it holds. */
interface Rule {
  readonly name: string;
  /** The rule in words, with its section. */
  readonly rule: string;
  /** Place in the path: leaf, CA certificate below the anchor, anchor. */
  readonly appliesTo: (certificate: Certificate, place: Place) => boolean;
  readonly holds: (certificate: Certificate) => boolean;
}

type Place = 'leaf' | 'intermediate' | 'anchor';

const isCa = ({ basicConstraints }: Certificate) => basicConstraints?.ca === true;
const always = () => true;
const critical = (certificate: Certificate, oid: string) =>
  certificate.extensions.some((extension) => extension.oid === oid && extension.critical);
const present = (certificate: Certificate, oid: string) =>
  certificate.extensions.some((extension) => extension.oid === oid);

/** Rules for conforming CAs, each with its section of RFC 5280. */
const RULES: readonly Rule[] = [
  {
    name: 'serial-number-positive',
    rule: 'serialNumber is positive (section 4.1.2.2)',
    appliesTo: always,
    holds: ({ serialNumber }) => serialNumber.some((octet) => octet !== 0),
  },
  {
    name: 'ca-subject-name',
    rule: 'a CA has a subject name (section 4.1.2.6)',
    appliesTo: isCa,
    holds: ({ subject }) => !subject.empty,
  },
  {
    name: 'authority-key-identifier-present',
    rule: 'authorityKeyIdentifier is present unless self-issued (section 4.2.1.1)',
    appliesTo: (certificate, place) => place !== 'anchor' || !certificate.issuer.equals(certificate.subject),
    holds: ({ authorityKeyIdentifier, issuer, subject }) =>
      authorityKeyIdentifier?.keyIdentifier !== undefined || issuer.equals(subject),
  },
  {
    name: 'authority-key-identifier-value',
    rule: 'authorityKeyIdentifier has a keyIdentifier (section 4.2.1.1)',
    appliesTo: ({ authorityKeyIdentifier }) => authorityKeyIdentifier !== undefined,
    holds: ({ authorityKeyIdentifier }) => authorityKeyIdentifier?.keyIdentifier !== undefined,
  },
  {
    name: 'authority-key-identifier-not-critical',
    rule: 'authorityKeyIdentifier is not critical (section 4.2.1.1)',
    appliesTo: always,
    holds: (certificate) => !critical(certificate, EXTENSION.authorityKeyIdentifier),
  },
  {
    name: 'subject-key-identifier-present',
    rule: 'a CA has a subjectKeyIdentifier (section 4.2.1.2)',
    appliesTo: (certificate) => isCa(certificate) && certificate.version === 3,
    holds: ({ subjectKeyIdentifier }) => subjectKeyIdentifier !== undefined,
  },
  {
    name: 'subject-key-identifier-not-critical',
    rule: 'subjectKeyIdentifier is not critical (section 4.2.1.2)',
    appliesTo: always,
    holds: (certificate) => !critical(certificate, EXTENSION.subjectKeyIdentifier),
  },
  {
    name: 'subject-alt-name-critical',
    rule: 'subjectAltName is critical when the subject is empty (section 4.2.1.6)',
    appliesTo: ({ subject }) => subject.empty,
    holds: (certificate) => critical(certificate, EXTENSION.subjectAltName),
  },
  {
    name: 'dns-name-syntax',
    rule: 'dNSName has the preferred name syntax (section 4.2.1.6)',
    appliesTo: always,
    holds: ({ subjectAltName = [] }) =>
      subjectAltName.every((name) => name.type !== 'dNSName' || isDnsName(name.text)),
  },
  {
    name: 'basic-constraints-critical',
    rule: 'a CA has critical basicConstraints (section 4.2.1.9)',
    appliesTo: isCa,
    holds: (certificate) => critical(certificate, EXTENSION.basicConstraints),
  },
  {
    name: 'key-cert-sign-without-ca',
    rule: 'only a CA has keyCertSign (section 4.2.1.9)',
    appliesTo: (certificate) => !isCa(certificate),
    holds: ({ keyUsage }) => keyUsage?.has('keyCertSign') !== true,
  },
  {
    name: 'name-constraints-without-ca',
    rule: 'only a CA has nameConstraints (section 4.2.1.10)',
    appliesTo: (certificate) => !isCa(certificate),
    holds: (certificate) => !present(certificate, EXTENSION.nameConstraints),
  },
  {
    name: 'name-constraints-critical',
    rule: 'nameConstraints is critical (section 4.2.1.10)',
    appliesTo: (certificate) => present(certificate, EXTENSION.nameConstraints),
    holds: (certificate) => critical(certificate, EXTENSION.nameConstraints),
  },
  {
    name: 'policy-constraints-critical',
    rule: 'policyConstraints is critical (section 4.2.1.11)',
    appliesTo: (certificate) => present(certificate, EXTENSION.policyConstraints),
    holds: (certificate) => critical(certificate, EXTENSION.policyConstraints),
  },
];

/** Host name or wildcard in the preferred syntax of RFC 1034: no underscore, no IP address. */
function isDnsName(text: string): boolean {
  const host = text.startsWith('*.') ? text.slice(2) : text;
  return isHostName(host) && !host.includes('_') && !/^[0-9.]+$/.test(host);
}

/**
 * What RFC 5280 demands of issuers, over a path that was found: a verdict apart from the path verdict, for operators
 * who want strictness. JPKI's own anchors are judged too.
 * @param path leaf first, anchor last
 */
export function lintCertificationPath(path: readonly Certificate[], at: EpochMillis): Report {
  const checks = RULES.map((rule): Check => {
    const broken = path.findIndex(
      (certificate, index) =>
        rule.appliesTo(certificate, placeOf(index, path.length)) && !rule.holds(certificate),
    );
    if (broken < 0) return { name: rule.name, result: 'passed' };
    return finding(rule.name, 'certificate.profile', {
      of: broken === 0 ? 'signer' : 'issuer',
      detail: `Broken by ${placeInPath(broken, path.length)}: ${rule.rule}.`,
    });
  });
  return conclude(checks, at);
}

function placeOf(index: number, length: number): Place {
  if (index === 0) return 'leaf';
  return index === length - 1 ? 'anchor' : 'intermediate';
}
