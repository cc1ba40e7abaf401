import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { DerReader, overContent, TAG } from '../x509/der.ts';
import { smallInteger, timeValue } from '../x509/der-values.ts';
import { parseExtensions } from '../x509/extensions.ts';
import { directoryNames, parseGeneralNames } from '../x509/general-name.ts';
import type { Name } from '../x509/name.ts';
import { EXTENSION } from '../x509/oids.ts';
import { entryEnd, headerLength, reasonCodeAlone } from './crl-entry-form.ts';
import type { RevocationReason } from './revocation-reason.ts';

/** CRLReason by its number (RFC 5280 section 5.3.1); 7 is not used. */
const REASONS: readonly (RevocationReason | undefined)[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];

/** One entry of revokedCertificates. */
export interface CrlEntry {
  readonly revocationDate: EpochMillis;
  readonly reason: RevocationReason;
}

/** The reason of an ENUMERATED. @throws JitsuinError `der.invalid` for a number that is not defined */
export function reasonOf(element: DerReader): RevocationReason {
  const reason = REASONS[smallInteger(element)];
  if (reason === undefined) throw element.invalid('CRLReason');
  return reason;
}

/**
 * The entry at an offset of the CRL, whose form the index has checked.
 * @throws JitsuinError `der.invalid` when its date or reason cannot be read
 */
export function readCrlEntry(octets: Uint8Array, offset: number): CrlEntry {
  const serial = offset + headerLength(octets, offset);
  const date = serial + 2 + (octets[serial + 1] ?? 0);
  const extensions = date + 2 + (octets[date + 1] ?? 0);
  const end = entryEnd(octets, offset, octets.length);
  const element = new DerReader(octets, octets[date] ?? 0, date, date + 2, extensions, 0, NOTHING_INSIDE);
  const revocationDate = timeValue(element);
  if (extensions === end) return { revocationDate, reason: 'unspecified' };
  const alone = REASONS[reasonCodeAlone(octets, extensions, end)];
  if (alone !== undefined) return { revocationDate, reason: alone };
  const cursor = overContent(octets.subarray(extensions, end)).read(TAG.sequence);
  return { revocationDate, reason: readEntryExtensions(cursor).reason ?? 'unspecified' };
}

/** A primitive element has no elements to count. */
const NOTHING_INSIDE = { remaining: 0 };

interface EntryExtensions {
  readonly reason?: RevocationReason;
  /** Issuer of this entry's certificate and of those after it, in an indirect CRL (RFC 5280 section 5.3.3). */
  readonly certificateIssuer?: Name;
}

/**
 * Extensions of an entry. A critical one that is not known makes the whole CRL unusable (RFC 5280 section 5.3).
 * @throws JitsuinError `der.invalid`
 */
export function readEntryExtensions(sequence: DerReader): EntryExtensions {
  let reason: RevocationReason | undefined;
  let certificateIssuer: Name | undefined;
  for (const { oid, critical, value } of parseExtensions(sequence)) {
    const cursor = overContent(value);
    if (oid === EXTENSION.reasonCode) reason = reasonOf(cursor.read(TAG.enumerated));
    else if (oid === EXTENSION.invalidityDate) timeValue(cursor.read(TAG.generalizedTime));
    else if (oid === EXTENSION.certificateIssuer) {
      certificateIssuer = directoryNames(parseGeneralNames(cursor.read(TAG.sequence)))[0];
      if (certificateIssuer === undefined) throw cursor.invalid('certificateIssuer without directoryName');
    } else if (critical) throw cursor.invalid('critical CRL entry extension that is not known');
    else continue;
    cursor.finish();
  }
  return defined({
    reason,
    certificateIssuer,
  });
}
