import { toBase64, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { XmlElement } from '../../core/xml/model.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { elementOctets } from '../../core/xmldsig/signed-octets.ts';
import type { RevocationData } from '../validation-types.ts';
import type { XadesSource } from './xades-source.ts';

const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const SIGNATURE_ID = 'xades-signature';
const XADES_141 = ' xmlns:xades141="http://uri.etsi.org/01903/v1.4.1#"';

/** A time-stamp token and what its authority is judged by: its certificates up to the root, and revocation data. */
export interface XadesStamp extends RevocationData {
  readonly token: Uint8Array;
  readonly certificates: readonly Uint8Array[];
}

/** Gets a time-stamp over these octets. */
type Stamp = (octets: Uint8Array) => Promise<XadesStamp>;

/**
 * The signed document with what a validation in the far future needs, in the unsigned properties of XAdES (ETSI EN
 * 319 132-1): SignatureTimeStamp, CertificateValues and RevocationValues (level LT), then an ArchiveTimeStamp over
 * all of it (level LTA); behind each time-stamp a TimeStampValidationData with what its authority is judged by. The
 * XML Signature itself stays valid: nothing that it covers changes. It holds no SignedProperties, since the service
 * signs a SignedInfo without them, so the baseline's signed SigningCertificateV2 is not there and cannot be added.
 * @param source a W3C profile's document; the guideline's unqualified Signature cannot carry XAdES
 * @throws JitsuinError `xmldsig.profile`, `xmldsig.state` (the Id that is needed is taken), and what `stamp` throws
 */
export async function xadesDocument(source: XadesSource, stamp: Stamp): Promise<Uint8Array> {
  const named = withSignatureId(source.document);
  const signatureStamp = await stamp(elementOctets(child(signatureOf(named), 'SignatureValue')));
  const properties = [
    timeStamp('xades:SignatureTimeStamp', signatureStamp.token),
    timeStampData(signatureStamp),
    certificateValues(source.certificates),
    revocationValues(source),
  ].join('');
  const long = withProperties(named, properties);
  const archiveStamp = await stamp(archivedOctets(long, source.signedOctets));
  const archive = timeStamp('xades141:ArchiveTimeStamp', archiveStamp.token, XADES_141);
  return insertAt(long, propertiesOf(long).contentEnd, `${archive}${timeStampData(archiveStamp)}`);
}

/**
 * What an ArchiveTimeStamp covers (EN 319 132-1 section 5.5.2.2): the data of the Reference, then SignedInfo,
 * SignatureValue and KeyInfo, then the unsigned properties before it, each canonicalized.
 */
export function archivedOctets(document: Uint8Array, signedOctets: Uint8Array): Uint8Array {
  const signature = signatureOf(document);
  const parts = ['SignedInfo', 'SignatureValue', 'KeyInfo'].map((name) => child(signature, name));
  const properties = propertiesOf(document).childElements();
  const archive = properties.findIndex(({ localName }) => localName === 'ArchiveTimeStamp');
  const before = archive === -1 ? properties : properties.slice(0, archive);
  return Buffer.concat([signedOctets, ...[...parts, ...before].map(elementOctets)]);
}

function signatureOf(document: Uint8Array): XmlElement {
  const [signature, second] = parseXml(document).elementsNamed(XMLDSIG, 'Signature');
  if (signature !== undefined && second === undefined && signature.prefix === '') return signature;
  throw new JitsuinError('xmldsig.profile', 'XAdES needs the one Signature of a W3C profile as we write it.');
}

function child(element: XmlElement, localName: string): XmlElement {
  const found = element.childElements().find((candidate) => candidate.localName === localName);
  if (found === undefined)
    throw new JitsuinError('xmldsig.shape', 'The Signature lacks an element.', { at: localName });
  return found;
}

function propertiesOf(document: Uint8Array): XmlElement {
  const qualifying = child(child(signatureOf(document), 'Object'), 'QualifyingProperties');
  return child(child(qualifying, 'UnsignedProperties'), 'UnsignedSignatureProperties');
}

/** QualifyingProperties point at the Signature by its Id. */
function withSignatureId(document: Uint8Array): Uint8Array {
  const signature = signatureOf(document);
  const taken =
    signature.attribute('Id') !== undefined || parseXml(document).elementsWithId(SIGNATURE_ID).length > 0;
  if (taken)
    throw new JitsuinError('xmldsig.state', 'The Id for the Signature is taken.', { at: SIGNATURE_ID });
  return insertAt(document, signature.start + '<Signature'.length, ` Id="${SIGNATURE_ID}"`);
}

function withProperties(document: Uint8Array, properties: string): Uint8Array {
  const object = [
    '<Object><xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"',
    ` Target="#${SIGNATURE_ID}"><xades:UnsignedProperties><xades:UnsignedSignatureProperties>`,
    properties,
    '</xades:UnsignedSignatureProperties></xades:UnsignedProperties></xades:QualifyingProperties></Object>',
  ];
  return insertAt(document, signatureOf(document).contentEnd, object.join(''));
}

function timeStamp(name: string, token: Uint8Array, declarations = ''): string {
  return [
    `<${name}${declarations}><CanonicalizationMethod Algorithm="${C14N_10}"></CanonicalizationMethod>`,
    `<xades:EncapsulatedTimeStamp>${toBase64(token)}</xades:EncapsulatedTimeStamp></${name}>`,
  ].join('');
}

/** It stands right behind its time-stamp, so no URI has to name that (EN 319 132-1 section 5.5.1). */
function timeStampData(stamp: XadesStamp): string {
  const values = certificateValues(stamp.certificates) + revocationValues(stamp);
  return `<xades141:TimeStampValidationData${XADES_141}>${values}</xades141:TimeStampValidationData>`;
}

function certificateValues(certificates: readonly Uint8Array[]): string {
  return wrapped('xades:CertificateValues', certificates.map(encapsulated('X509Certificate')).join(''));
}

function revocationValues({ crls, ocsp }: RevocationData): string {
  const lists = wrapped('xades:CRLValues', crls.map(encapsulated('CRLValue')).join(''));
  const answers = wrapped('xades:OCSPValues', ocsp.map(encapsulated('OCSPValue')).join(''));
  return wrapped('xades:RevocationValues', `${lists}${answers}`);
}

const encapsulated = (what: string) => (der: Uint8Array) =>
  `<xades:Encapsulated${what}>${toBase64(der)}</xades:Encapsulated${what}>`;

function wrapped(name: string, content: string): string {
  return content === '' ? '' : `<${name}>${content}</${name}>`;
}

function insertAt(document: Uint8Array, offset: number, text: string): Uint8Array {
  return Buffer.concat([document.subarray(0, offset), toUtf8(text), document.subarray(offset)]);
}
