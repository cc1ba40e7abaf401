import { parseAlgorithmIdentifier } from '../x509/algorithm.ts';
import type { AlgorithmIdentifier } from '../x509/certificate-types.ts';
import { contextConstructed, contextPrimitive, type DerReader, openDer, TAG } from '../x509/der.ts';
import { integerOctets, oidValue, smallInteger } from '../x509/der-values.ts';
import { type Name, parseName } from '../x509/name.ts';
import { CMS } from './oids.ts';
import { readHash } from './tst-info.ts';

type SignerId =
  | { readonly issuer: Name; readonly serialNumber: Uint8Array }
  | { readonly subjectKeyIdentifier: Uint8Array };

/** CMS SignedData of a time-stamp token (RFC 5652 section 5, RFC 3161 section 2.4.2), parsed and not yet verified. */
export interface SignedData {
  /** DER of TSTInfo, the octets of eContent. */
  readonly content: Uint8Array;
  /** DER, in the order sent. */
  readonly certificates: readonly Uint8Array[];
  readonly signerId: SignerId;
  /** Dotted OID. */
  readonly digestAlgorithm: string;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** What was signed: the attributes as SET OF, tag 31 (RFC 5652 section 5.4). */
  readonly signedOctets: Uint8Array;
  /** OID → the one value, DER. */
  readonly signedAttributes: ReadonlyMap<string, Uint8Array>;
}

const MAXIMUM_CERTIFICATES = 16;

/** Exactly one signer, with signed attributes. @throws JitsuinError `der.invalid`, `der.limit` */
export function parseTimeStampToken(der: Uint8Array): SignedData {
  const outer = openDer(der, TAG.sequence);
  if (oidValue(outer.read(TAG.oid)) !== CMS.signedData) throw outer.invalid('content type');
  const wrapped = outer.read(contextConstructed(0));
  outer.finish();
  const data = wrapped.read(TAG.sequence);
  wrapped.finish();
  if (smallInteger(data.read(TAG.integer)) !== 3) throw data.invalid('SignedData version');
  const digests = data.read(TAG.set);
  while (!digests.exhausted) readHash(digests.read(TAG.sequence));
  const content = readContent(data.read(TAG.sequence));
  const certificates = readCertificates(data.optional(contextConstructed(0)));
  if (data.optional(contextConstructed(1)) !== undefined) throw data.invalid('revocation data in the token');
  const signers = data.read(TAG.set);
  data.finish();
  const signer = signers.read(TAG.sequence);
  signers.finish();
  return { content, certificates, ...readSigner(signer) };
}

function readContent(encapsulated: DerReader): Uint8Array {
  if (oidValue(encapsulated.read(TAG.oid)) !== CMS.tstInfo) throw encapsulated.invalid('eContentType');
  const wrapped = encapsulated.read(contextConstructed(0));
  const content = wrapped.read(TAG.octetString).content;
  wrapped.finish();
  encapsulated.finish();
  return content;
}

function readCertificates(set: DerReader | undefined): readonly Uint8Array[] {
  const certificates: Uint8Array[] = [];
  while (set?.exhausted === false) {
    certificates.push(set.read(TAG.sequence).der);
    if (certificates.length > MAXIMUM_CERTIFICATES) throw set.invalid('too many certificates');
  }
  return certificates;
}

function readSigner(signer: DerReader): Omit<SignedData, 'content' | 'certificates'> {
  const version = smallInteger(signer.read(TAG.integer));
  const signerId = readSignerId(signer, version);
  const digestAlgorithm = readHash(signer.read(TAG.sequence));
  const attributes = signer.read(contextConstructed(0));
  const signedOctets = Uint8Array.from(attributes.der);
  signedOctets[0] = TAG.set;
  const signedAttributes = readAttributes(attributes);
  const signatureAlgorithm = parseAlgorithmIdentifier(signer.read(TAG.sequence));
  const signature = signer.read(TAG.octetString).content;
  signer.optional(contextConstructed(1)); // unsigned attributes: nothing in them is believed
  signer.finish();
  return { signerId, digestAlgorithm, signatureAlgorithm, signature, signedOctets, signedAttributes };
}

function readSignerId(signer: DerReader, version: number): SignerId {
  if (version === 3) return { subjectKeyIdentifier: signer.read(contextPrimitive(0)).content };
  if (version !== 1) throw signer.invalid('SignerInfo version');
  const id = signer.read(TAG.sequence);
  const issuer = parseName(id.read(TAG.sequence));
  const serialNumber = integerOctets(id.read(TAG.integer));
  id.finish();
  return { issuer, serialNumber };
}

/**
 * Each type once and with one value, the members in the order of DER (X.690 section 11.6): what was signed stands
 * fast.
 */
function readAttributes(set: DerReader): ReadonlyMap<string, Uint8Array> {
  const attributes = new Map<string, Uint8Array>();
  let before: Uint8Array | undefined;
  while (!set.exhausted) {
    const attribute = set.read(TAG.sequence);
    if (before !== undefined && Buffer.compare(before, attribute.der) >= 0)
      throw attribute.invalid('SET OF order');
    before = attribute.der;
    const oid = oidValue(attribute.read(TAG.oid));
    const values = attribute.read(TAG.set);
    attribute.finish();
    if (attributes.has(oid)) throw attribute.invalid('the same attribute twice');
    attributes.set(oid, values.next().der);
    values.finish();
  }
  return attributes;
}
