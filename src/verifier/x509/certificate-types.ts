import type { KeyObject } from 'node:crypto';

import type { EpochMillis } from '../../core/brand.ts';
import type { GeneralName } from './general-name.ts';
import type { Name } from './name.ts';

/** `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2): dotted OID and the DER of the parameters, if any. */
export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: Uint8Array | undefined;
  /** The whole SEQUENCE, for comparison octet by octet. */
  readonly der: Uint8Array;
}

/** `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7) split but not imported. */
export interface SubjectPublicKeyInfo {
  readonly der: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  /** The BIT STRING's octets: PKCS#1 RSAPublicKey, an EC point, or a raw Edwards key. */
  readonly key: Uint8Array;
}

/** Names of the KeyUsage bits in order (RFC 5280 section 4.2.1.3). */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

/** One extension as it stands in the certificate; `value` is the content of extnValue (RFC 5280 section 4.2). */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLenConstraint?: number;
}

export interface AuthorityKeyIdentifier {
  readonly keyIdentifier?: Uint8Array;
  readonly authorityCertIssuer?: readonly GeneralName[];
  /** Content octets of the INTEGER. */
  readonly authorityCertSerialNumber?: Uint8Array;
}

export interface PolicyInformation {
  readonly policy: string;
  /** DER of policyQualifiers, not interpreted. */
  readonly qualifiers?: Uint8Array;
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
}

/** `minimum` must be 0 and `maximum` absent in this profile (RFC 5280 section 4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** Where a CRL is found or what it covers (RFC 5280 sections 4.2.1.13 and 5.2.5). */
export interface DistributionPoint {
  readonly fullName?: readonly GeneralName[];
  /** DER of the RelativeDistinguishedName (a SET). */
  readonly nameRelativeToCrlIssuer?: Uint8Array;
  /** The named reasons; absent means all of them. Bit n of ReasonFlags is bit n here. */
  readonly reasons?: number;
  readonly cRLIssuer?: readonly GeneralName[];
}

/** The extensions this software understands, decoded. An absent extension is an absent member. */
export interface KnownExtensions {
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier;
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  readonly certificatePolicies?: readonly PolicyInformation[];
  readonly policyMappings?: readonly PolicyMapping[];
  readonly subjectAltName?: readonly GeneralName[];
  readonly issuerAltName?: readonly GeneralName[];
  readonly basicConstraints?: BasicConstraints;
  readonly nameConstraints?: NameConstraints;
  readonly policyConstraints?: PolicyConstraints;
  readonly extendedKeyUsage?: readonly string[];
  readonly cRLDistributionPoints?: readonly DistributionPoint[];
  readonly inhibitAnyPolicy?: number;
  readonly freshestCRL?: readonly DistributionPoint[];
  /** id-pkix-ocsp-nocheck (RFC 6960 section 4.2.2.2.1). */
  readonly ocspNoCheck?: true;
}

/** An X.509 certificate, strictly parsed. All octets are views of the given DER; none is copied. */
export interface Certificate extends KnownExtensions {
  readonly der: Uint8Array;
  /** The signed octets: tbsCertificate with its header. */
  readonly tbsCertificate: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Content octets of the INTEGER: minimal two's complement. Compare octets, never numbers. */
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: EpochMillis;
  readonly notAfter: EpochMillis;
  readonly subjectPublicKeyInfo: SubjectPublicKeyInfo;
  readonly extensions: readonly Extension[];
  /** OIDs of critical extensions that this software does not process. */
  readonly unknownCriticalExtensions: readonly string[];
  /**
   * Imported at the first call and kept. @throws JitsuinError `certificate.key-policy` when the key cannot be
   * imported
   */
  publicKey(): KeyObject;
}
