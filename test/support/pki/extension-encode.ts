import { KEY_USAGES, type KeyUsage } from '../../../src/verifier/x509/certificate-types.ts';
import { EXTENSION } from '../../../src/verifier/x509/oids.ts';
import {
  bitString,
  boolean,
  contextConstructed,
  contextPrimitive,
  encodeDer,
  encodeOid,
  generalName,
  integer,
  integerContent,
  namedBitContent,
  nullElement,
  octetString,
  sequence,
  TAG,
} from './der-encode.ts';

/** One Extension from the DER of its value. */
export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(encodeOid(oid), ...(critical ? [boolean(true)] : []), octetString(value));
}

const small = (value: number) => integerContent(BigInt(value));
const optional = (tag: number, content: Uint8Array | undefined) =>
  content === undefined ? [] : [encodeDer(tag, content)];

export interface ScopeSpec {
  /** DER of a directory name, or of any GeneralName with `generalNames`. */
  readonly directoryName?: Uint8Array;
  readonly relativeRdnContent?: Uint8Array;
  readonly userCerts?: boolean;
  readonly caCerts?: boolean;
  readonly attributeCerts?: boolean;
  readonly indirect?: boolean;
  readonly reasons?: readonly number[];
}

/** Extensions by their names in RFC 5280. */
export const extensions = {
  basicConstraints: (ca: boolean, pathLen?: number, critical = true) =>
    extension(
      EXTENSION.basicConstraints,
      sequence(...(ca ? [boolean(true)] : []), ...(pathLen === undefined ? [] : [integer(pathLen)])),
      critical,
    ),
  keyUsage: (usages: readonly KeyUsage[], critical = true) =>
    extension(
      EXTENSION.keyUsage,
      encodeDer(TAG.bitString, namedBitContent(usages.map((usage) => KEY_USAGES.indexOf(usage)))),
      critical,
    ),
  extendedKeyUsage: (oids: readonly string[], critical = false) =>
    extension(EXTENSION.extendedKeyUsage, sequence(...oids.map(encodeOid)), critical),
  subjectKeyIdentifier: (identifier: Uint8Array) =>
    extension(EXTENSION.subjectKeyIdentifier, octetString(identifier)),
  authorityKeyIdentifier: (identifier: Uint8Array) =>
    extension(EXTENSION.authorityKeyIdentifier, sequence(encodeDer(contextPrimitive(0), identifier))),
  subjectAltName: (names: readonly Uint8Array[], critical = false) =>
    extension(EXTENSION.subjectAltName, sequence(...names), critical),
  certificatePolicies: (policies: readonly string[], critical = true) =>
    extension(
      EXTENSION.certificatePolicies,
      sequence(...policies.map((oid) => sequence(encodeOid(oid)))),
      critical,
    ),
  policyMappings: (pairs: readonly (readonly [string, string])[]) =>
    extension(
      EXTENSION.policyMappings,
      sequence(...pairs.map(([from, to]) => sequence(encodeOid(from), encodeOid(to)))),
      true,
    ),
  policyConstraints: (requireExplicit?: number, inhibitMapping?: number) =>
    extension(
      EXTENSION.policyConstraints,
      sequence(
        ...optional(contextPrimitive(0), requireExplicit === undefined ? undefined : small(requireExplicit)),
        ...optional(contextPrimitive(1), inhibitMapping === undefined ? undefined : small(inhibitMapping)),
      ),
      true,
    ),
  inhibitAnyPolicy: (skip: number) => extension(EXTENSION.inhibitAnyPolicy, integer(skip), true),
  nameConstraints: (permitted: readonly Uint8Array[], excluded: readonly Uint8Array[] = []) =>
    extension(EXTENSION.nameConstraints, sequence(...subtrees(0, permitted), ...subtrees(1, excluded)), true),
  /** One distribution point for each directory name. */
  crlDistributionPoints: (directoryNames: readonly Uint8Array[]) =>
    extension(
      EXTENSION.cRLDistributionPoints,
      sequence(...directoryNames.map((der) => sequence(pointName(generalName.directory(der))))),
    ),
  /** Distribution points given as GeneralNames, or with a cRLIssuer. */
  distributionPoints: (points: readonly { name?: Uint8Array; crlIssuer?: Uint8Array }[]) =>
    extension(
      EXTENSION.cRLDistributionPoints,
      sequence(
        ...points.map(({ name, crlIssuer }) =>
          sequence(
            ...(name === undefined ? [] : [pointName(name)]),
            ...(crlIssuer === undefined
              ? []
              : [encodeDer(contextConstructed(2), generalName.directory(crlIssuer))]),
          ),
        ),
      ),
    ),
  issuingDistributionPoint: (scope: ScopeSpec) =>
    extension(EXTENSION.issuingDistributionPoint, issuingDistributionPoint(scope), true),
  ocspNoCheck: () => extension(EXTENSION.ocspNoCheck, nullElement()),
  unknown: (critical: boolean) => extension('1.3.6.1.4.1.99999.1', bitString(Uint8Array.of(1)), critical),
};

function subtrees(number: number, bases: readonly Uint8Array[]): Uint8Array[] {
  if (bases.length === 0) return [];
  return [encodeDer(contextConstructed(number), ...bases.map((base) => sequence(base)))];
}

function pointName(name: Uint8Array): Uint8Array {
  return encodeDer(contextConstructed(0), encodeDer(contextConstructed(0), name));
}

function issuingDistributionPoint(scope: ScopeSpec): Uint8Array {
  const flag = (number: number, set: boolean | undefined) =>
    set ? [encodeDer(contextPrimitive(number), Uint8Array.of(0xff))] : [];
  const relative =
    scope.relativeRdnContent === undefined
      ? []
      : [encodeDer(contextConstructed(0), encodeDer(contextConstructed(1), scope.relativeRdnContent))];
  return sequence(
    ...(scope.directoryName === undefined
      ? relative
      : [pointName(generalName.directory(scope.directoryName))]),
    ...flag(1, scope.userCerts),
    ...flag(2, scope.caCerts),
    ...(scope.reasons === undefined ? [] : [encodeDer(contextPrimitive(3), namedBitContent(scope.reasons))]),
    ...flag(4, scope.indirect),
    ...flag(5, scope.attributeCerts),
  );
}
