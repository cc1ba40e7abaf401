import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { onlyAttribute } from './only-attribute.ts';
import { XMLDSIG_NAMESPACE, type XmlSignatureProfile } from './profile.ts';
import { defaultNamespace, signatureCandidates, standingAlone } from './signature-candidates.ts';
import {
  type AlgorithmUse,
  formFault,
  isWhiteSpace,
  type ReferenceShape,
  readReference,
  shapeFault,
  shapeReader,
} from './signature-reader.ts';
import { unsignedProperties } from './unsigned-properties.ts';

/** A Signature whose children were found by position, each exactly once and in order. */
export interface SignatureShape {
  readonly signature: XmlElement;
  readonly signedInfo: XmlElement;
  readonly canonicalizationMethod: AlgorithmUse;
  readonly signatureMethod: AlgorithmUse;
  readonly references: readonly ReferenceShape[];
  /** Leaf of text only. */
  readonly signatureValue: XmlElement;
  /** The one X509Certificate in the one X509Data: leaf of text only. */
  readonly certificate: XmlElement;
  /** An Object of unsigned XAdES properties; only where reading is wider than making. */
  readonly properties?: XmlElement;
}

/**
 * Reads the only Signature of a document, by position and never by search: the last node of the document element but
 * for white space, its children in exact sequence. Judges names and places, not algorithms.
 * @throws JitsuinError `xmldsig.unsigned` when there is no Signature, `xmldsig.shape` for what XML Signature's own
 * schema forbids,
 * `xmldsig.key-info` where nobody is named, `xmldsig.other-form` for any other form
 * @param reading `wider`: in W3C profiles the Signature may have an Id, and unsigned properties of XAdES
 */
export function readSignatureShape(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  reading: 'as-made' | 'wider' = 'as-made',
): SignatureShape {
  // Found once: a document can make its root's start tag as long, and the elements to compare with it as many, as
  // it likes.
  const unqualified = profile.signatureNamespace === 'xmldsig' ? undefined : defaultNamespace(document.root);
  const isSignaturePart = (element: XmlElement) => isInSignatureNamespace(element, unqualified);
  const signature = onlySignature(document, profile, isSignaturePart);
  const reader = shapeReader(document, isSignaturePart);
  const id = reading === 'wider' && unqualified === undefined ? onlyId(document, signature) : undefined;
  if (id === undefined) reader.expectNoAttributes(signature);
  const properties = unsignedProperties(signature, id);
  const [signedInfo, signatureValue, keyInfo] = reader.signatureChildren(signature, properties);
  const [canonicalizationMethod, signatureMethod, ...references] = reader.signedInfoChildren(signedInfo);
  const [x509Data] = reader.childrenOf(keyInfo, ['X509Data']);
  const [certificate] = reader.childrenOf(x509Data, ['X509Certificate']);
  for (const element of [signedInfo, keyInfo, x509Data]) reader.expectNoAttributes(element);
  return {
    signature,
    signedInfo,
    canonicalizationMethod: reader.algorithm(canonicalizationMethod),
    signatureMethod: reader.algorithm(signatureMethod),
    references: references.map((element) => readReference(reader, element)),
    signatureValue: reader.leaf(signatureValue),
    certificate: reader.leaf(certificate),
    ...defined({ properties }),
  };
}

/** The Id of a Signature that has this one attribute, and no other element the same Id. */
function onlyId(document: XmlDocument, signature: XmlElement): string | undefined {
  const { value, others } = onlyAttribute(signature, 'Id');
  if (value === undefined || others || document.elementsWithId(value).length > 1) return undefined;
  return value;
}

function onlySignature(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  isSignaturePart: (element: XmlElement) => boolean,
): XmlElement {
  const [signature, second] = signatureCandidates(document);
  if (signature === undefined) throw new JitsuinError('xmldsig.unsigned', 'The document has no Signature.');
  if (second !== undefined) throw secondSignature(signature, second);
  if (!isSignaturePart(signature)) {
    throw formFault(`The Signature is not in the namespace of profile ${profile.name}.`, signature);
  }
  const { root } = document;
  const alone = standingAlone(signature);
  if (alone !== undefined)
    throw formFault(`${alone} Profile ${profile.name} has it inside of the document.`, signature);
  if (signature.parent?.start !== root.start) {
    throw formFault('The Signature is not a child of the document element.', signature);
  }
  if (!isWhiteSpace(document.octets, signature.end, root.contentEnd)) {
    throw formFault('Something stands between the Signature and the end of the document element.', signature);
  }
  return signature;
}

/**
 * @param unqualified the namespace of unprefixed children of the document element, in profiles whose Signature has no
 * own one
 */
function isInSignatureNamespace(element: XmlElement, unqualified: string | undefined): boolean {
  if (unqualified === undefined) return element.namespaceUri === XMLDSIG_NAMESPACE;
  if (element.namespaceUri !== unqualified || element.prefix !== '') return false;
  const { buffer, byteOffset } = element.document.octets;
  const length = element.contentStart - element.start;
  return !Buffer.from(buffer, byteOffset + element.start, length).includes('xmlns');
}

/** XML Schema: an Id is one element's only; two Signatures with one Id are no XML Signature at all. */
function secondSignature(first: XmlElement, second: XmlElement): JitsuinError {
  const id = first.attribute('Id');
  const same = id !== undefined && id === second.attribute('Id');
  return same
    ? shapeFault('Two Signatures have the same Id.', second)
    : formFault('The document has more than one Signature.', second);
}
