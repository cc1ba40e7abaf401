import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { isNameOctet, OCTET, startsWith } from '../xml/octets.ts';
import { hasNoAttributes, onlyAttribute } from './only-attribute.ts';

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

const LESS_THAN = 0x3c;
const SIGNATURE_CHILDREN = ['SignedInfo', 'SignatureValue', 'KeyInfo'] as const;
const REFERENCE_CHILDREN = ['Transforms', 'DigestMethod', 'DigestValue'] as const;

/** Reads one Reference. `optional`: without Transforms it has an empty list. */
export function readReference(
  reader: ShapeReader,
  element: XmlElement,
  transformsElement: 'needed' | 'optional' = 'needed',
): ReferenceShape {
  const bare = transformsElement === 'optional' && element.childElements().length === 2;
  const [transforms, digestMethod, digestValue] = bare
    ? ([undefined, ...reader.childrenOf(element, ['DigestMethod', 'DigestValue'])] as const)
    : reader.childrenOf(element, REFERENCE_CHILDREN);
  if (transforms !== undefined) reader.expectNoAttributes(transforms);
  const { value: uri, others } = onlyAttribute(element, 'URI');
  return {
    uri,
    parameters: others,
    transforms:
      transforms === undefined
        ? []
        : reader.sequence(transforms, 'Transform').map((transform) => reader.algorithm(transform)),
    digestMethod: reader.algorithm(digestMethod),
    digestValue: reader.leaf(digestValue),
  };
}

type ShapeReader = ReturnType<typeof shapeReader>;
type Elements<Names extends readonly string[]> = { [Index in keyof Names]: XmlElement };

/** Reads the parts of a Signature by position. @param isSignaturePart whether an element is in its namespace */
export function shapeReader(document: XmlDocument, isSignaturePart: (element: XmlElement) => boolean) {
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
    elements: readonly XmlElement[] = elementsOf(parent),
  ): Elements<Names> {
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
   * @param leftOut a child that is no part of the form
   */
  function signatureChildren(
    signature: XmlElement,
    leftOut?: XmlElement,
  ): Elements<typeof SIGNATURE_CHILDREN> {
    const elements = elementsOf(signature).filter((element) => element.start !== leftOut?.start);
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
    return childrenOf(signature, SIGNATURE_CHILDREN, elements);
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

  return {
    elementsOf,
    childrenOf,
    sequence,
    signatureChildren,
    signedInfoChildren,
    expectNoAttributes,
    leaf,
    algorithm,
  };
}

/** Compares the name as it is written: names hold no references. */
function hasLocalName(element: XmlElement, name: string): boolean {
  const { octets } = element.document;
  let local = element.start + 1;
  let p = local;
  for (; isNameOctet(octets[p] as number); p += 1) if (octets[p] === COLON) local = p + 1;
  return p - local === name.length && startsWith(octets, local, name);
}

export function isWhiteSpace(octets: Uint8Array, from: number, to: number): boolean {
  for (let offset = from; offset < to; offset += 1) {
    const octet = octets[offset];
    if (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) return false;
  }
  return true;
}

export function shapeFault(message: string, where: { readonly start: number }): JitsuinError {
  return new JitsuinError('xmldsig.shape', message, { at: `octet ${where.start}` });
}

export function formFault(message: string, where: { readonly start: number }): JitsuinError {
  return new JitsuinError('xmldsig.other-form', message, { at: `octet ${where.start}` });
}
