import { defined } from '../../core/defined.ts';
import type {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  KeyUsage,
  KnownExtensions,
  NameConstraints,
  PolicyConstraints,
  PolicyInformation,
  PolicyMapping,
} from './certificate-types.ts';
import { KEY_USAGES } from './certificate-types.ts';
import { contextConstructed, contextPrimitive, type DerReader, overContent, TAG } from './der.ts';
import { booleanValue, integerOctets, namedBits, nullValue, oidValue, smallInteger } from './der-values.ts';
import { parseDistributionPoints } from './distribution-point.ts';
import { type GeneralName, parseGeneralName, parseGeneralNames } from './general-name.ts';
import { EXTENSION, KEY_PURPOSE } from './oids.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** Decodes the one element inside extnValue into its member. */
type Decoder = (element: DerReader, into: Mutable<KnownExtensions>) => void;

/** Every extension that is processed, with the tag of its value. What is not here and critical makes the path fail. */
const DECODERS: ReadonlyMap<string, readonly [tag: number, decode: Decoder]> = new Map<
  string,
  [number, Decoder]
>([
  [
    EXTENSION.authorityKeyIdentifier,
    [
      TAG.sequence,
      (from, into) => {
        into.authorityKeyIdentifier = authorityKeyIdentifier(from);
      },
    ],
  ],
  [
    EXTENSION.subjectKeyIdentifier,
    [
      TAG.octetString,
      (from, into) => {
        into.subjectKeyIdentifier = from.content;
      },
    ],
  ],
  [
    EXTENSION.keyUsage,
    [
      TAG.bitString,
      (from, into) => {
        into.keyUsage = keyUsage(from);
      },
    ],
  ],
  [
    EXTENSION.certificatePolicies,
    [
      TAG.sequence,
      (from, into) => {
        into.certificatePolicies = certificatePolicies(from);
      },
    ],
  ],
  [
    EXTENSION.policyMappings,
    [
      TAG.sequence,
      (from, into) => {
        into.policyMappings = policyMappings(from);
      },
    ],
  ],
  [
    EXTENSION.subjectAltName,
    [
      TAG.sequence,
      (from, into) => {
        into.subjectAltName = parseGeneralNames(from);
      },
    ],
  ],
  [
    EXTENSION.issuerAltName,
    [
      TAG.sequence,
      (from, into) => {
        into.issuerAltName = parseGeneralNames(from);
      },
    ],
  ],
  [
    EXTENSION.basicConstraints,
    [
      TAG.sequence,
      (from, into) => {
        into.basicConstraints = basicConstraints(from);
      },
    ],
  ],
  [
    EXTENSION.nameConstraints,
    [
      TAG.sequence,
      (from, into) => {
        into.nameConstraints = nameConstraints(from);
      },
    ],
  ],
  [
    EXTENSION.policyConstraints,
    [
      TAG.sequence,
      (from, into) => {
        into.policyConstraints = policyConstraints(from);
      },
    ],
  ],
  [
    EXTENSION.extendedKeyUsage,
    [
      TAG.sequence,
      (from, into) => {
        into.extendedKeyUsage = extendedKeyUsage(from);
      },
    ],
  ],
  [
    EXTENSION.cRLDistributionPoints,
    [
      TAG.sequence,
      (from, into) => {
        into.cRLDistributionPoints = parseDistributionPoints(from);
      },
    ],
  ],
  [
    EXTENSION.inhibitAnyPolicy,
    [
      TAG.integer,
      (from, into) => {
        into.inhibitAnyPolicy = smallInteger(from);
      },
    ],
  ],
  [
    EXTENSION.freshestCRL,
    [
      TAG.sequence,
      (from, into) => {
        into.freshestCRL = parseDistributionPoints(from);
      },
    ],
  ],
  [
    EXTENSION.ocspNoCheck,
    [
      TAG.null,
      (from, into) => {
        nullValue(from);
        into.ocspNoCheck = true;
      },
    ],
  ],
]);

/** Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension; the same OID twice is refused (RFC 5280 section 4.2). */
export function parseExtensions(sequence: DerReader): readonly Extension[] {
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  while (!sequence.exhausted) {
    const element = sequence.read(TAG.sequence);
    const oid = oidValue(element.read(TAG.oid));
    if (seen.has(oid)) throw element.invalid('the same extension twice');
    seen.add(oid);
    const flag = element.optional(TAG.boolean);
    if (flag !== undefined && !booleanValue(flag)) throw flag.invalid('DEFAULT encoded'); // X.690 section 11.5
    const value = element.read(TAG.octetString).content;
    element.finish();
    extensions.push({ oid, critical: flag !== undefined, value });
  }
  if (extensions.length === 0) throw sequence.invalid('empty Extensions');
  return extensions;
}

/** Decodes the known ones into `into` and returns the OIDs of critical ones that are not known. */
export function decodeExtensions(extensions: readonly Extension[], into: KnownExtensions): string[] {
  const unknownCritical: string[] = [];
  for (const { oid, critical, value } of extensions) {
    const known = DECODERS.get(oid);
    if (known === undefined) {
      if (critical) unknownCritical.push(oid);
      continue;
    }
    const cursor = overContent(value);
    const element = cursor.read(known[0]);
    cursor.finish();
    known[1](element, into);
  }
  return [...unknownCritical, ...outOfPlace(extensions, into)];
}

/**
 * id-pkix-ocsp-nocheck is for responders' certificates (RFC 6960 section 4.2.2.2.1): critical elsewhere, nobody has
 * processed it.
 */
function outOfPlace(
  extensions: readonly Extension[],
  { extendedKeyUsage }: KnownExtensions,
): readonly string[] {
  if (extendedKeyUsage?.includes(KEY_PURPOSE.ocspSigning) === true) return [];
  const stray = extensions.filter(({ oid, critical }) => critical && oid === EXTENSION.ocspNoCheck);
  return stray.map(({ oid }) => oid);
}

/** RFC 5280 section 4.2.1.1. */
export function authorityKeyIdentifier(sequence: DerReader): AuthorityKeyIdentifier {
  const keyIdentifier = sequence.optional(contextPrimitive(0));
  const issuer = sequence.optional(contextConstructed(1));
  const serial = sequence.optional(contextPrimitive(2));
  sequence.finish();
  if ((issuer === undefined) !== (serial === undefined)) throw sequence.invalid('AKI issuer without serial');
  return defined({
    keyIdentifier: keyIdentifier === undefined ? undefined : keyIdentifier.content,
    authorityCertIssuer: issuer === undefined ? undefined : parseGeneralNames(issuer),
    authorityCertSerialNumber: serial === undefined ? undefined : integerOctets(serial),
  });
}

function keyUsage(element: DerReader): ReadonlySet<KeyUsage> {
  const bits = namedBits(element);
  if (bits === 0) throw element.invalid('keyUsage without a bit'); // RFC 5280 section 4.2.1.3
  return new Set(KEY_USAGES.filter((_, bit) => (bits >> bit) & 1));
}

function certificatePolicies(sequence: DerReader): readonly PolicyInformation[] {
  const policies: PolicyInformation[] = [];
  const seen = new Set<string>();
  while (!sequence.exhausted) {
    const element = sequence.read(TAG.sequence);
    const policy = oidValue(element.read(TAG.oid));
    const qualifiers = element.optional(TAG.sequence);
    element.finish();
    if (seen.has(policy)) throw element.invalid('the same policy twice'); // RFC 5280 section 4.2.1.4
    seen.add(policy);
    policies.push(qualifiers === undefined ? { policy } : { policy, qualifiers: qualifiers.der });
  }
  if (policies.length === 0) throw sequence.invalid('empty certificatePolicies');
  return policies;
}

function policyMappings(sequence: DerReader): readonly PolicyMapping[] {
  const mappings: PolicyMapping[] = [];
  while (!sequence.exhausted) {
    const element = sequence.read(TAG.sequence);
    const issuerDomainPolicy = oidValue(element.read(TAG.oid));
    const subjectDomainPolicy = oidValue(element.read(TAG.oid));
    element.finish();
    mappings.push({ issuerDomainPolicy, subjectDomainPolicy });
  }
  if (mappings.length === 0) throw sequence.invalid('empty policyMappings');
  return mappings;
}

function basicConstraints(sequence: DerReader): BasicConstraints {
  const flag = sequence.optional(TAG.boolean);
  const ca = flag !== undefined && booleanValue(flag);
  if (flag !== undefined && !ca) throw flag.invalid('DEFAULT encoded');
  const pathLen = sequence.optional(TAG.integer);
  sequence.finish();
  return pathLen === undefined ? { ca } : { ca, pathLenConstraint: smallInteger(pathLen) };
}

function nameConstraints(sequence: DerReader): NameConstraints {
  const permitted = sequence.optional(contextConstructed(0));
  const excluded = sequence.optional(contextConstructed(1));
  sequence.finish();
  if (permitted === undefined && excluded === undefined) throw sequence.invalid('empty nameConstraints');
  return {
    permitted: permitted === undefined ? [] : generalSubtrees(permitted),
    excluded: excluded === undefined ? [] : generalSubtrees(excluded),
  };
}

/** minimum is 0 by DEFAULT and so not encoded, maximum is absent (RFC 5280 section 4.2.1.10). */
function generalSubtrees(sequence: DerReader): readonly GeneralName[] {
  const bases: GeneralName[] = [];
  while (!sequence.exhausted) {
    const subtree = sequence.read(TAG.sequence);
    bases.push(parseGeneralName(subtree, 'subtree'));
    subtree.finish();
  }
  if (bases.length === 0) throw sequence.invalid('empty GeneralSubtrees');
  return bases;
}

function policyConstraints(sequence: DerReader): PolicyConstraints {
  const explicit = sequence.optional(contextPrimitive(0));
  const mapping = sequence.optional(contextPrimitive(1));
  sequence.finish();
  if (explicit === undefined && mapping === undefined) throw sequence.invalid('empty policyConstraints');
  return defined({
    requireExplicitPolicy: explicit === undefined ? undefined : smallInteger(explicit),
    inhibitPolicyMapping: mapping === undefined ? undefined : smallInteger(mapping),
  });
}

function extendedKeyUsage(sequence: DerReader): readonly string[] {
  const purposes: string[] = [];
  while (!sequence.exhausted) purposes.push(oidValue(sequence.read(TAG.oid)));
  if (purposes.length === 0) throw sequence.invalid('empty extKeyUsage');
  return purposes;
}
