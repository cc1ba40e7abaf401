import type { EpochMillis } from '../../core/brand.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { overContent, TAG } from '../x509/der.ts';
import { GENERAL_KEY_POLICY, type KeyPolicy, keyRefusal, schemeRefusal } from '../x509/key-policy.ts';
import type { Name } from '../x509/name.ts';
import { signatureScheme, verifiesWith } from '../x509/signature-algorithm.ts';
import { type CrlEntry, readCrlEntry, readEntryExtensions } from './crl-entry.ts';
import { type CrlExtensions, type CrlFields, decodeCrlExtensions, readCrlFields } from './crl-fields.ts';
import { CrlIndex } from './crl-index.ts';

/** A CRL whose signature was verified and whose entries are indexed over the raw octets. */
export interface Crl extends CrlExtensions {
  readonly der: Uint8Array;
  readonly issuer: Name;
  /**
   * The certificate whose key verified the signature. Whether it may sign for a certificate is judged at each
   * check.
   */
  readonly issuerCertificate: Certificate;
  readonly thisUpdate: EpochMillis;
  readonly nextUpdate?: EpochMillis;
  readonly entryCount: number;
  /** Lower-case hexadecimal SHA-256 of `der`, computed when first asked for. */
  sha256(): string;
  /**
   * The entry of a certificate.
   * @param serialNumber content octets of the INTEGER
   * @param certificateIssuer issuer name of the certificate; decides in an indirect CRL
   * @throws JitsuinError `der.invalid` when the entry's date or reason cannot be read
   */
  find(serialNumber: Uint8Array, certificateIssuer: Name): CrlEntry | undefined;
}

interface OpenCrlOptions {
  /** Certificates that may have signed it: the CA, its other generations, CRL issuers. */
  readonly issuers: readonly Certificate[];
  /** Accepted algorithms; `GENERAL_KEY_POLICY` when absent. */
  readonly keyPolicy?: KeyPolicy;
  /** Greatest size; 48,000,000 octets when absent (1.2 million entries). */
  readonly maximumOctets?: number;
}

const MAXIMUM_OCTETS = 48_000_000;

/**
 * Opens a CRL (RFC 5280 section 5): splits it, verifies its signature, and only then reads its entries, once.
 * @param der the DER octets; kept and viewed, so they must not change afterwards
 * @throws JitsuinError `revocation.limit` too large; `revocation.invalid` not a CRL, unknown critical extension,
 * refused
 *   algorithm; `revocation.issuer` no certificate of the issuer given; `revocation.signature` none verifies
 */
export function openCrl(der: Uint8Array, options: OpenCrlOptions): Crl {
  if (der.length > (options.maximumOctets ?? MAXIMUM_OCTETS)) {
    throw new JitsuinError('revocation.limit', 'The CRL is larger than allowed.');
  }
  try {
    const fields = readCrlFields(der);
    const issuerCertificate = signerOf(fields, options);
    return new IndexedCrl(fields, issuerCertificate);
  } catch (cause) {
    throw asRevocationError(cause);
  }
}

function asRevocationError(cause: unknown): unknown {
  if (!(cause instanceof JitsuinError) || !cause.code.startsWith('der.')) return cause;
  const code: ErrorCode = cause.code === 'der.limit' ? 'revocation.limit' : 'revocation.invalid';
  const at = cause.at === undefined ? {} : { at: cause.at };
  return new JitsuinError(code, `Not a CRL of RFC 5280: ${cause.message}`, { cause, ...at });
}

/** The certificate whose key verifies the CRL: by name, cRLSign, key policy, and the signature itself. */
function signerOf(
  fields: CrlFields,
  { issuers, keyPolicy = GENERAL_KEY_POLICY }: OpenCrlOptions,
): Certificate {
  const scheme = signatureScheme(fields.signatureAlgorithm);
  const refusal = schemeRefusal(scheme, keyPolicy);
  if (scheme === undefined || refusal !== undefined) {
    throw new JitsuinError('revocation.invalid', `The CRL is signed with an algorithm that is not accepted.`);
  }
  const named = issuers.filter((issuer) => issuer.subject.equals(fields.issuer));
  if (named.length === 0)
    throw new JitsuinError('revocation.issuer', 'No certificate of the CRL issuer is known.');
  const signer = named.find(
    (issuer) =>
      (issuer.keyUsage === undefined || issuer.keyUsage.has('cRLSign')) &&
      keyRefusal(issuer.subjectPublicKeyInfo, keyPolicy) === undefined &&
      verifiesWith(issuer, scheme, fields.tbsCertList, fields.signature),
  );
  if (signer === undefined)
    throw new JitsuinError('revocation.signature', 'The signature of the CRL does not verify.');
  return signer;
}

class IndexedCrl implements Crl {
  readonly der: Uint8Array;
  readonly issuer: Name;
  readonly issuerCertificate: Certificate;
  readonly thisUpdate: EpochMillis;
  declare readonly nextUpdate?: EpochMillis;
  readonly crlNumber: Uint8Array;
  declare readonly baseCrlNumber?: Uint8Array;
  declare readonly issuingDistributionPoint?: NonNullable<CrlExtensions['issuingDistributionPoint']>;
  declare readonly authorityKeyIdentifier?: NonNullable<CrlExtensions['authorityKeyIdentifier']>;
  private readonly index: CrlIndex;
  /** Indirect CRL: from this entry's offset on, certificates are of this issuer. */
  private readonly issuersFrom: { readonly offset: number; readonly issuer: Name }[] = [];
  private digest: string | undefined;
  private lastOwn: Name | undefined;

  constructor(fields: CrlFields, issuerCertificate: Certificate) {
    const extensions = decodeCrlExtensions(fields.extensions);
    Object.assign(this, extensions);
    this.crlNumber = extensions.crlNumber;
    this.der = fields.der;
    this.issuer = fields.issuer;
    this.issuerCertificate = issuerCertificate;
    this.thisUpdate = fields.thisUpdate;
    if (fields.nextUpdate !== undefined) this.nextUpdate = fields.nextUpdate;
    this.index = this.indexEntries(fields);
  }

  get entryCount(): number {
    return this.index.entryCount;
  }

  sha256(): string {
    this.digest ??= hexSha256(this.der);
    return this.digest;
  }

  find(serialNumber: Uint8Array, certificateIssuer: Name): CrlEntry | undefined {
    if (this.issuersFrom.length === 0) {
      if (!this.isOwn(certificateIssuer)) return undefined;
      const offset = this.index.firstOffset(serialNumber);
      return offset === 0 ? undefined : readCrlEntry(this.der, offset);
    }
    for (const offset of this.index.offsets(serialNumber)) {
      if (this.issuerAt(offset).equals(certificateIssuer)) return readCrlEntry(this.der, offset);
    }
    return undefined;
  }

  /** The name is compared once for each Name object: look-ups come in crowds for one issuer. */
  private isOwn(certificateIssuer: Name): boolean {
    if (certificateIssuer === this.lastOwn) return true;
    if (!this.issuer.equals(certificateIssuer)) return false;
    this.lastOwn = certificateIssuer;
    return true;
  }

  private indexEntries({ der, revokedCertificates }: CrlFields): CrlIndex {
    // Offsets of the reader are offsets in the octets it was opened over, which are those of `der`.
    const start = revokedCertificates?.contentStart ?? 0;
    const end = revokedCertificates?.end ?? 0;
    const indirect = this.issuingDistributionPoint?.indirectCRL === true;
    return new CrlIndex(der, start, end, (entry, extensions, extensionsEnd) => {
      const cursor = overContent(der.subarray(extensions, extensionsEnd));
      const { certificateIssuer } = readEntryExtensions(cursor.read(TAG.sequence));
      cursor.finish();
      if (certificateIssuer === undefined) return;
      if (!indirect) throw cursor.invalid('certificateIssuer in a CRL that is not indirect');
      this.issuersFrom.push({ offset: entry, issuer: certificateIssuer });
    });
  }

  /** The last certificateIssuer at or before an entry; the CRL issuer before the first (RFC 5280 section 5.3.3). */
  private issuerAt(offset: number): Name {
    let low = 0;
    let high = this.issuersFrom.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.issuersFrom[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return this.issuersFrom[low - 1]?.issuer ?? this.issuer;
  }
}

/** -1, 0 or 1 for two CRL numbers, which are as long as 20 octets. */
export function compareCrlNumbers(left: Uint8Array, right: Uint8Array): number {
  const a = BigInt(`0x${Buffer.from(left).toString('hex')}`);
  const b = BigInt(`0x${Buffer.from(right).toString('hex')}`);
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Refuses a CRL that would take the place of a newer one of the same issuer and scope (a replayed file).
 * @throws JitsuinError `revocation.number` number or thisUpdate going back; `revocation.scope` another issuer or scope
 */
export function assertSupersedes(next: Crl, current: Crl): void {
  const nextScope = Buffer.from(next.issuingDistributionPoint?.der ?? []);
  const sameScope = nextScope.equals(Buffer.from(current.issuingDistributionPoint?.der ?? []));
  const sameKind = (next.baseCrlNumber === undefined) === (current.baseCrlNumber === undefined);
  if (!next.issuer.equals(current.issuer) || !sameScope || !sameKind) {
    throw new JitsuinError(
      'revocation.scope',
      'The CRL is of another issuer or scope than the one it would replace.',
    );
  }
  if (compareCrlNumbers(next.crlNumber, current.crlNumber) < 0 || next.thisUpdate < current.thisUpdate) {
    throw new JitsuinError('revocation.number', 'The CRL is older than the one it would replace.');
  }
}
