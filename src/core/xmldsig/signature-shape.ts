import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { isNameOctet, OCTET, startsWith } from '../xml/octets.ts';
import { hasNoAttributes, onlyAttribute } from './only-attribute.ts';
import { XMLDSIG_NAMESPACE, type XmlSignatureProfile } from './profile.ts';
import { defaultNamespace, signatureCandidates } from './signature-candidates.ts';

const { COLON } = OCTET;

/** An element whose attribute `Algorithm` names an algorithm. */
export interface AlgorithmUse {
  readonly uri: string;
  /** It has content or further attributes (XPath, HMACOutputLength, InclusiveNamespaces …). */
  readonly parameters: boolean;
}

export interface ReferenceShape {
  /** undefined when there is no URI attribute; '' when it is empty. */
  readonly uri: string | undefined;
  /** It has attributes other than URI. */
  readonly parameters: boolean;
  readonly transforms: readonly AlgorithmUse[];
  readonly digestMethod: AlgorithmUse;
  readonly digestValue: XmlElement;
}

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
}

/**
 * Reads the only Signature of a document, by position and never by search: the last node of the document element but
 * for white space, its children in exact sequence. Judges names and places, not algorithms.
 * @throws JitsuinError `xmldsig.unsigned` when there is no Signature, `xmldsig.shape` for what XML Signature's own
 * schema forbids,
 * `xmldsig.key-info` where nobody is named, `xmldsig.other-form` for any other form
 */
export function readSignatureShape(document: XmlDocument, profile: XmlSignatureProfile): SignatureShape {
  // Found once: a document can make its root's start tag as long, and the elements to compare with it as many, as
  // it likes.
  const unqualified = profile.signatureNamespace === 'xmldsig' ? undefined : defaultNamespace(document.root);
  const isSignaturePart = (element: XmlElement) => isInSignatureNamespace(element, unqualified);
  const signature = onlySignature(document, profile, isSignaturePart);
  const reader = shapeReader(document, isSignaturePart);
  reader.expectNoAttributes(signature);
  const [signedInfo, signatureValue, keyInfo] = reader.signatureChildren(signature);
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
  };
}

const LESS_THAN = 0x3c;
const SIGNATURE_CHILDREN = ['SignedInfo', 'SignatureValue', 'KeyInfo'] as const;
const REFERENCE_CHILDREN = ['Transforms', 'DigestMethod', 'DigestValue'] as const;

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
  if (signature.parent?.start !== root.start) {
    throw formFault('The Signature is not a child of the document element.', signature);
  }
  if (!isWhiteSpace(document.octets, signature.end, root.contentEnd)) {
    throw formFault('Something stands between the Signature and the end of the document element.', signature);
  }
  return signature;
}

function readReference(reader: ShapeReader, element: XmlElement): ReferenceShape {
  const [transforms, digestMethod, digestValue] = reader.childrenOf(element, REFERENCE_CHILDREN);
  reader.expectNoAttributes(transforms);
  const { value: uri, others } = onlyAttribute(element, 'URI');
  return {
    uri,
    parameters: others,
    transforms: reader.sequence(transforms, 'Transform').map((transform) => reader.algorithm(transform)),
    digestMethod: reader.algorithm(digestMethod),
    digestValue: reader.leaf(digestValue),
  };
}

type ShapeReader = ReturnType<typeof shapeReader>;
type Elements<Names extends readonly string[]> = { [Index in keyof Names]: XmlElement };

function shapeReader(document: XmlDocument, isSignaturePart: (element: XmlElement) => boolean) {
  const isNamed = (element: XmlElement, name: string) =>
    hasLocalName(element, name) && isSignaturePart(element);

  /** The child elements; between them nothing but white space, written as such. */
  function elementsOf(parent: XmlElement): XmlElement[] {
    const elements = parent.childElements();
    let position = parent.contentStart;
    for (const element of elements) {
      expectWhiteSpace(parent, position, element.start);
      position = element.end;
    }
    expectWhiteSpace(parent, position, parent.contentEnd);
    return elements;
  }

  function expectWhiteSpace(parent: XmlElement, from: number, to: number): void {
    if (isWhiteSpace(document.octets, from, to)) return;
    throw formFault(`${parent.localName} holds something other than its elements.`, { start: from });
  }

  /** The children, which must have exactly these names in this order. */
  function childrenOf<const Names extends readonly string[]>(
    parent: XmlElement,
    names: Names,
  ): Elements<Names> {
    const elements = elementsOf(parent);
    if (
      elements.length !== names.length ||
      !elements.every((element, index) => isNamed(element, names[index] ?? ''))
    ) {
      throw formFault(
        `${parent.localName} must hold ${names.join(', ')}, each once and in this order.`,
        parent,
      );
    }
    return elements as Elements<Names>;
  }

  /** The children, which must all have this name. */
  function sequence(parent: XmlElement, name: string): XmlElement[] {
    const elements = elementsOf(parent);
    const stranger = elements.find((element) => !isNamed(element, name));
    if (stranger !== undefined) throw formFault(`${parent.localName} may hold ${name} only.`, stranger);
    return elements;
  }

  function signedInfoChildren(signedInfo: XmlElement): [XmlElement, XmlElement, ...XmlElement[]] {
    const [first, second, ...references] = elementsOf(signedInfo);
    const inOrder =
      first !== undefined &&
      second !== undefined &&
      isNamed(first, 'CanonicalizationMethod') &&
      isNamed(second, 'SignatureMethod') &&
      references.every((element) => isNamed(element, 'Reference'));
    if (!inOrder) {
      throw shapeFault(
        'SignedInfo must hold CanonicalizationMethod, SignatureMethod and Reference, in this order.',
        signedInfo,
      );
    }
    return [first, second, ...references];
  }

  /**
   * XML Signature section 4.2: SignedInfo and SignatureValue, then KeyInfo and Object at will; the profiles need
   * KeyInfo alone.
   */
  function signatureChildren(signature: XmlElement): Elements<typeof SIGNATURE_CHILDREN> {
    const elements = elementsOf(signature);
    const [first, second, third] = elements;
    if (
      first === undefined ||
      !isNamed(first, 'SignedInfo') ||
      second === undefined ||
      !isNamed(second, 'SignatureValue')
    )
      throw shapeFault('Signature must begin with SignedInfo and SignatureValue.', signature);
    if (third === undefined || !elements.some((element) => isNamed(element, 'KeyInfo')))
      throw new JitsuinError(
        'xmldsig.key-info',
        'The Signature has no KeyInfo, so nobody is named who signed.',
      );
    return childrenOf(signature, SIGNATURE_CHILDREN);
  }

  function expectNoAttributes(element: XmlElement): void {
    if (hasNoAttributes(element)) return;
    throw formFault(`${element.localName} has an attribute it may not have.`, element);
  }

  /** An element that holds character data and references only, without attributes. */
  function leaf(element: XmlElement): XmlElement {
    expectNoAttributes(element);
    if (holdsMarkup(element)) throw formFault(`${element.localName} must hold text only.`, element);
    return element;
  }

  /** Comments, PIs, CDATA sections and elements all begin with `<`, and nothing else holds one. */
  function holdsMarkup(element: XmlElement): boolean {
    const markup = document.octets.indexOf(LESS_THAN, element.contentStart);
    return markup >= 0 && markup < element.contentEnd;
  }

  function algorithm(element: XmlElement): AlgorithmUse {
    const { value: uri, others } = onlyAttribute(element, 'Algorithm');
    if (uri === undefined) throw shapeFault(`${element.localName} has no Algorithm.`, element);
    const empty = isWhiteSpace(document.octets, element.contentStart, element.contentEnd);
    return { uri, parameters: !empty || others };
  }

  return { childrenOf, sequence, signatureChildren, signedInfoChildren, expectNoAttributes, leaf, algorithm };
}

/**
 * @param unqualified the namespace of unprefixed children of the document element, in profiles whose Signature has
 * no own one
 */
function isInSignatureNamespace(element: XmlElement, unqualified: string | undefined): boolean {
  if (unqualified === undefined) return element.namespaceUri === XMLDSIG_NAMESPACE;
  if (element.namespaceUri !== unqualified || element.prefix !== '') return false;
  const { buffer, byteOffset } = element.document.octets;
  const length = element.contentStart - element.start;
  return !Buffer.from(buffer, byteOffset + element.start, length).includes('xmlns');
}

/** Compares the name as it is written: names hold no references. */
function hasLocalName(element: XmlElement, name: string): boolean {
  const { octets } = element.document;
  let local = element.start + 1;
  let p = local;
  for (; isNameOctet(octets[p] as number); p += 1) if (octets[p] === COLON) local = p + 1;
  return p - local === name.length && startsWith(octets, local, name);
}

function isWhiteSpace(octets: Uint8Array, from: number, to: number): boolean {
  for (let offset = from; offset < to; offset += 1) {
    const octet = octets[offset];
    if (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) return false;
  }
  return true;
}

function shapeFault(message: string, where: { readonly start: number }): JitsuinError {
  return new JitsuinError('xmldsig.shape', message, { at: `octet ${where.start}` });
}

function formFault(message: string, where: { readonly start: number }): JitsuinError {
  return new JitsuinError('xmldsig.other-form', message, { at: `octet ${where.start}` });
}

/** XML Schema: an Id is one element's only; two Signatures with one Id are no XML Signature at all. */
function secondSignature(first: XmlElement, second: XmlElement): JitsuinError {
  const id = first.attribute('Id');
  const same = id !== undefined && id === second.attribute('Id');
  return same
    ? shapeFault('Two Signatures have the same Id.', second)
    : formFault('The document has more than one Signature.', second);
}
