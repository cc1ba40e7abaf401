import { decode, outsideNodes } from './content.ts';
import type { Edits } from './edits.ts';
import { type ElementHome, ParsedElement } from './element.ts';
import type { ElementIndex } from './element-index.ts';
import type { XmlLimits } from './limits.ts';
import type { XmlComment, XmlElement, XmlProcessingInstruction } from './model.ts';
import type { NamespaceNames, NameTable } from './names.ts';
import { readStartTag, type StartTag } from './start-tag.ts';

/** A document as `parseXml` leaves it: the octets and, beside them, only numbers. */
export class ParsedDocument implements ElementHome {
  readonly octets: Uint8Array;
  readonly before = 0;
  readonly names: NameTable;
  readonly namespaceNames: NamespaceNames;
  readonly elements: ElementIndex;
  readonly edits: Edits;
  readonly limits: XmlLimits;
  /** Scratch for reading one tag again; never kept across calls. */
  readonly tag: StartTag;
  private readonly handles = new Map<number, ParsedElement>();

  constructor(
    octets: Uint8Array,
    names: NameTable,
    namespaceNames: NamespaceNames,
    elements: ElementIndex,
    edits: Edits,
    limits: XmlLimits,
    tag: StartTag,
  ) {
    this.octets = octets;
    this.names = names;
    this.namespaceNames = namespaceNames;
    this.elements = elements;
    this.edits = edits;
    this.limits = limits;
    this.tag = tag;
  }

  get root(): ParsedElement {
    return this.element(0);
  }

  get elementCount(): number {
    return this.elements.count;
  }

  get commentCount(): number {
    return this.edits.comments;
  }

  commentOffsets(from: number, to: number): number[] {
    return this.edits.commentsBetween(from, to);
  }

  elementsNamed(namespaceUri: string, localName: string): XmlElement[] {
    return this.elements.named(localName, namespaceUri).map((number) => this.element(number));
  }

  elementsCalled(localName: string): XmlElement[] {
    return this.elements.named(localName).map((number) => this.element(number));
  }

  elementsWithId(value: string): XmlElement[] {
    const found: XmlElement[] = [];
    for (let number = 0; number < this.elements.count; number += 1) {
      if (hasId(this, number, value)) found.push(this.element(number));
    }
    return found;
  }

  outsideNodes(): (XmlComment | XmlProcessingInstruction)[] {
    return outsideNodes(this);
  }

  /** The one handle of an element, so that two handles are the same object exactly when they are the same element. */
  element(number: number): ParsedElement {
    const known = this.handles.get(number);
    if (known !== undefined) return known;
    const handle = new ParsedElement(this, number);
    this.handles.set(number, handle);
    return handle;
  }
}

const ID_NAMES = ['Id', 'ID', 'id', 'xml:id'];

function hasId(document: ParsedDocument, number: number, value: string): boolean {
  const { tag, names, octets } = document;
  readStartTag(tag, document, document.elements.start(number), octets.length, names, document.limits);
  for (let entry = 0; entry < tag.count; entry += 1) {
    if (!ID_NAMES.includes(names.textOf(tag.names[entry] as number))) continue;
    if (decode(octets, tag.valueStarts[entry] as number, tag.valueEnds[entry] as number, 'value') === value)
      return true;
  }
  return false;
}
