import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { parseAlgorithmIdentifier } from '../x509/algorithm.ts';
import type {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  DistributionPoint,
  Extension,
} from '../x509/certificate-types.ts';
import {
  contextConstructed,
  contextPrimitive,
  type DerReader,
  openDer,
  overContent,
  TAG,
} from '../x509/der.ts';
import {
  booleanValue,
  namedBits,
  smallInteger,
  timeValue,
  unsignedOctets,
  wholeOctetBits,
} from '../x509/der-values.ts';
import { parseDistributionPointName } from '../x509/distribution-point.ts';
import { authorityKeyIdentifier, parseExtensions } from '../x509/extensions.ts';
import { type Name, parseName } from '../x509/name.ts';
import { sameOctets } from '../x509/octets.ts';
import { EXTENSION } from '../x509/oids.ts';

/** IssuingDistributionPoint (RFC 5280 section 5.2.5): what the CRL covers. */
interface IssuingDistributionPoint extends Pick<DistributionPoint, 'fullName' | 'nameRelativeToCrlIssuer'> {
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  /** Bits as in ReasonFlags; absent means all reasons. */
  readonly onlySomeReasons?: number;
  readonly indirectCRL: boolean;
  readonly onlyContainsAttributeCerts: boolean;
  /** The extension's value, to compare scopes. */
  readonly der: Uint8Array;
}

/** A CertificateList without its entries (RFC 5280 section 5.1). */
export interface CrlFields {
  readonly der: Uint8Array;
  readonly tbsCertList: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly issuer: Name;
  readonly thisUpdate: EpochMillis;
  readonly nextUpdate?: EpochMillis;
  /** The element revokedCertificates, if any. */
  readonly revokedCertificates?: DerReader;
  readonly extensions: readonly Extension[];
}

/** What the extensions of a CRL say. */
export interface CrlExtensions {
  /** Content octets of the INTEGER. */
  readonly crlNumber: Uint8Array;
  /** BaseCRLNumber; present in a delta CRL only. */
  readonly baseCrlNumber?: Uint8Array;
  readonly issuingDistributionPoint?: IssuingDistributionPoint;
  /** ExpiredCertsOnCRL (ITU-T X.509 section 9.5.2.8): certificates that ended at this instant or later stay listed. */
  readonly keepsEndedSince?: EpochMillis;
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier;
}

/** Splits a CRL without walking its entries. @throws JitsuinError `der.invalid`, `der.limit` */
export function readCrlFields(der: Uint8Array): CrlFields {
  const outer = openDer(der, TAG.sequence);
  const tbs = outer.read(TAG.sequence);
  const signatureAlgorithm = parseAlgorithmIdentifier(outer.read(TAG.sequence));
  const signature = wholeOctetBits(outer.read(TAG.bitString));
  outer.finish();
  if (smallInteger(tbs.read(TAG.integer)) !== 1) throw tbs.invalid('CRL version');
  const inner = parseAlgorithmIdentifier(tbs.read(TAG.sequence));
  if (!sameOctets(inner.der, signatureAlgorithm.der)) throw tbs.invalid('signature algorithms differ');
  const issuer = parseName(tbs.read(TAG.sequence));
  const thisUpdate = timeValue(tbs.next());
  const hasNextUpdate = tbs.peek() === TAG.utcTime || tbs.peek() === TAG.generalizedTime;
  const nextUpdate = hasNextUpdate ? timeValue(tbs.next()) : undefined;
  const revokedCertificates = tbs.optional(TAG.sequence);
  const wrapper = tbs.optional(contextConstructed(0));
  const extensions = wrapper === undefined ? [] : parseExtensions(wrapper.read(TAG.sequence));
  wrapper?.finish();
  tbs.finish();
  return defined({
    der: outer.der,
    tbsCertList: tbs.der,
    signatureAlgorithm,
    signature,
    issuer,
    thisUpdate,
    nextUpdate,
    revokedCertificates,
    extensions,
  });
}

/**
 * Decodes the extensions of a CRL. A critical one that is not processed here makes the CRL unusable, and so does a
 * cRLNumber that is missing or critical (RFC 5280 sections 5.2 and 5.2.3).
 * @throws JitsuinError `der.invalid`
 */
export function decodeCrlExtensions(extensions: readonly Extension[]): CrlExtensions {
  const found: { -readonly [K in keyof CrlExtensions]?: CrlExtensions[K] } = {};
  for (const { oid, critical, value } of extensions) {
    const cursor = overContent(value);
    if (oid === EXTENSION.cRLNumber && !critical) found.crlNumber = unsignedOctets(cursor.read(TAG.integer));
    else if (oid === EXTENSION.deltaCRLIndicator)
      found.baseCrlNumber = unsignedOctets(cursor.read(TAG.integer));
    else if (oid === EXTENSION.issuingDistributionPoint)
      found.issuingDistributionPoint = readScope(cursor.read(TAG.sequence));
    else if (oid === EXTENSION.authorityKeyIdentifier)
      found.authorityKeyIdentifier = authorityKeyIdentifier(cursor.read(TAG.sequence));
    else if (oid === EXTENSION.expiredCertsOnCRL && !critical)
      found.keepsEndedSince = timeValue(cursor.next());
    else if (critical) throw cursor.invalid('critical CRL extension that is not known');
    else continue;
    cursor.finish();
  }
  const { crlNumber } = found;
  if (crlNumber === undefined) throw overContent(new Uint8Array()).invalid('CRL without cRLNumber');
  return { ...found, crlNumber };
}

function readScope(sequence: DerReader): IssuingDistributionPoint {
  if (sequence.exhausted) throw sequence.invalid('empty issuingDistributionPoint'); // RFC 5280 section 5.2.5
  const name = sequence.optional(contextConstructed(0));
  const userCerts = flag(sequence, 1);
  const caCerts = flag(sequence, 2);
  const reasons = sequence.optional(contextPrimitive(3));
  const indirect = flag(sequence, 4);
  const attributeCerts = flag(sequence, 5);
  sequence.finish();
  if (Number(userCerts) + Number(caCerts) + Number(attributeCerts) > 1) {
    throw sequence.invalid('issuingDistributionPoint with two kinds of certificates');
  }
  return defined({
    ...(name && parseDistributionPointName(name)),
    onlyContainsUserCerts: userCerts,
    onlyContainsCACerts: caCerts,
    onlySomeReasons: reasons === undefined ? undefined : namedBits(reasons),
    indirectCRL: indirect,
    onlyContainsAttributeCerts: attributeCerts,
    der: sequence.der,
  });
}

/** `[n] BOOLEAN DEFAULT FALSE`: encoded only when true. */
function flag(sequence: DerReader, number: number): boolean {
  const element = sequence.optional(contextPrimitive(number));
  if (element === undefined) return false;
  if (!booleanValue(element)) throw element.invalid('DEFAULT encoded');
  return true;
}
