/**
 * The reading side of a parsed document. Nothing here is a copy: every value is read on demand from the octets
 * that were parsed, so what a reader sees and what a canonicalizer digests are the same bytes. Offsets are octet
 * offsets into `XmlDocument.octets`.
 */
export interface XmlDocument {
  /** The octets as they came in, byte order mark included. Must not be changed by anyone after parsing. */
  readonly octets: Uint8Array;
  readonly root: XmlElement;
  /** Number of elements in the document. */
  readonly elementCount: number;
  /** Number of comments in the document, those before and after the document element included. */
  readonly commentCount: number;
  /** Octet offsets of the comments that begin between two offsets, in document order; no node is made. */
  commentOffsets(from: number, to: number): number[];
  /** All elements with this expanded name in document order; '' for no namespace. Linear in the number of elements. */
  elementsNamed(namespaceUri: string, localName: string): XmlElement[];
  /** All elements with this local name, in any namespace or none, in document order. Linear. */
  elementsCalled(localName: string): XmlElement[];
  /** All elements that carry this value in an attribute `Id`, `ID`, `id` (no namespace) or `xml:id`. Linear. */
  elementsWithId(value: string): XmlElement[];
  /** Comments and processing instructions before and after the document element, in document order. */
  outsideNodes(): (XmlComment | XmlProcessingInstruction)[];
}

export interface XmlElement {
  readonly kind: 'element';
  readonly document: XmlDocument;
  readonly localName: string;
  /** '' when the name has no prefix. */
  readonly prefix: string;
  /** '' when the element is in no namespace. */
  readonly namespaceUri: string;
  /** Offset of `<` of the start tag. */
  readonly start: number;
  /** Offset after `>` of the end tag (or of the empty-element tag). */
  readonly end: number;
  /** Offset after `>` of the start tag; equal to `end` when `emptyTag`. */
  readonly contentStart: number;
  /** Offset of `</`; equal to `end` when `emptyTag`. */
  readonly contentEnd: number;
  /** Written as `<a/>`: there is no end tag to insert before. */
  readonly emptyTag: boolean;
  /** undefined for the document element. */
  readonly parent: XmlElement | undefined;
  /** In document order, namespace declarations not included. */
  readonly attributes: readonly XmlAttribute[];
  /** Value of one attribute, undefined when absent; '' (the default) for no namespace. */
  attribute(localName: string, namespaceUri?: string): string | undefined;
  childElements(): XmlElement[];
  children(): XmlNode[];
  /** The character data of the whole subtree, and what else than plain text occurred in it. */
  text(): XmlTextContent;
  /** Prefix → namespace name in scope; '' is the default namespace (absent when none). `xml` is not listed. */
  namespacesInScope(): ReadonlyMap<string, string>;
}

export interface XmlAttribute {
  /** As written, with its prefix. */
  readonly name: string;
  readonly prefix: string;
  readonly localName: string;
  readonly namespaceUri: string;
  /** Decoded and normalized (XML 1.0 section 3.3.3, type CDATA). */
  readonly value: string;
}

/** A run of character data between two pieces of markup, or one CDATA section. */
export interface XmlText {
  readonly kind: 'text' | 'cdata';
  readonly start: number;
  readonly end: number;
  /** Decoded, line ends normalized (XML 1.0 section 2.11). */
  readonly value: string;
}

export interface XmlComment {
  readonly kind: 'comment';
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

export interface XmlProcessingInstruction {
  readonly kind: 'processing-instruction';
  readonly start: number;
  readonly end: number;
  readonly target: string;
  readonly value: string;
}

export type XmlNode = XmlElement | XmlText | XmlComment | XmlProcessingInstruction;

export interface XmlTextContent {
  /** All character data of the subtree in order: never a part of it. */
  readonly value: string;
  /** True when the content is character data and references only: no comment, PI, CDATA section or element. */
  readonly plain: boolean;
  readonly elements: number;
  readonly comments: number;
  readonly processingInstructions: number;
  readonly cdataSections: number;
}
