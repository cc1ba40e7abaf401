import { decode, endTagStart, nodeAt, nodesBetween, startTagEnd } from './content.ts';
import type { XmlAttribute, XmlDocument, XmlElement, XmlNode, XmlTextContent } from './model.ts';
import { RESERVED, XML_NAMESPACE_NAME } from './names.ts';
import { OCTET } from './octets.ts';
import type { ParsedSource } from './parsed-source.ts';
import { readStartTag, type StartTag } from './start-tag.ts';

const { XMLNS_PREFIX } = RESERVED;
const { BANG, GT, LT, QUESTION, SLASH } = OCTET;

const NO_DECLARATIONS: ReadonlyMap<string, string> = new Map();

/** The document as its elements know it. */
export interface ElementHome extends XmlDocument, ParsedSource {
  /** The one handle of an element, by its number. */
  element(number: number): ParsedElement;
}

/** A handle on one element of a parsed document; holds its number, reads everything else when asked. */
export class ParsedElement implements XmlElement {
  readonly kind = 'element';
  readonly document: ElementHome;
  /** Its place among all elements in document order, from 0. */
  readonly number: number;
  private tagEnd = 0;

  constructor(document: ElementHome, number: number) {
    this.document = document;
    this.number = number;
  }

  get start(): number {
    return this.document.elements.start(this.number);
  }

  get end(): number {
    return this.document.elements.end(this.number);
  }

  get contentStart(): number {
    if (this.tagEnd === 0) this.tagEnd = startTagEnd(this.document.octets, this.start);
    return this.tagEnd;
  }

  get contentEnd(): number {
    return this.emptyTag ? this.end : endTagStart(this.document.octets, this.end);
  }

  get emptyTag(): boolean {
    return this.document.octets[this.end - 2] === SLASH;
  }

  get localName(): string {
    return this.document.elements.localName(this.number);
  }

  get namespaceUri(): string {
    return this.document.elements.namespaceName(this.number);
  }

  get prefix(): string {
    const { names } = this.document;
    return names.textOf(names.prefixOf(this.readTag().name));
  }

  get parent(): ParsedElement | undefined {
    const parent = this.document.elements.parent(this.number);
    return parent < 0 ? undefined : this.document.element(parent);
  }

  get attributes(): readonly XmlAttribute[] {
    const { names } = this.document;
    let inScope: ReadonlyMap<string, string> | undefined;
    const namespaceOf = (prefix: string): string => {
      if (prefix === '') return '';
      if (prefix === 'xml') return XML_NAMESPACE_NAME;
      inScope ??= this.namespacesInScope();
      return inScope.get(prefix) ?? '';
    };
    return this.entries('attributes').map(({ name, value }) => {
      const prefix = names.textOf(names.prefixOf(name));
      return {
        name: names.textOf(name),
        prefix,
        localName: names.textOf(names.localOf(name)),
        value,
        // When asked: it takes the start tags of all ancestors.
        get namespaceUri() {
          return namespaceOf(prefix);
        },
      };
    });
  }

  attribute(localName: string, namespaceUri = ''): string | undefined {
    const sameName = this.attributes.filter((each) => each.localName === localName);
    // Whatever has a prefix is in a namespace.
    return namespaceUri === ''
      ? sameName.find(({ prefix }) => prefix === '')?.value
      : sameName.find((each) => each.namespaceUri === namespaceUri)?.value;
  }

  childElements(): ParsedElement[] {
    const { elements } = this.document;
    const children: ParsedElement[] = [];
    const end = this.end;
    let child = this.number + 1;
    while (child < elements.count && elements.start(child) < end) {
      children.push(this.document.element(child));
      child = elements.firstFrom(elements.end(child));
    }
    return children;
  }

  children(): XmlNode[] {
    const nodes: XmlNode[] = [];
    let p = this.contentStart;
    for (const child of this.childElements()) {
      // One by one: a spread of some hundred thousand nodes overflows the stack.
      for (const node of nodesBetween(this.document, p, child.start)) nodes.push(node);
      nodes.push(child);
      p = child.end;
    }
    for (const node of nodesBetween(this.document, p, this.contentEnd)) nodes.push(node);
    return nodes;
  }

  text(): XmlTextContent {
    const counts = { elements: 0, comments: 0, processingInstructions: 0, cdataSections: 0 };
    const values: string[] = [];
    const { octets } = this.document;
    const end = this.contentEnd;
    let p = this.contentStart;
    while (p < end) {
      const next = octets[p] === LT ? octets[p + 1] : undefined;
      if (next === SLASH) p = octets.indexOf(GT, p) + 1;
      else if (next !== undefined && next !== BANG && next !== QUESTION) {
        counts.elements += 1;
        p = this.readTag(p).end;
      } else {
        const node = nodeAt(this.document, p, end);
        if (node.kind === 'comment') counts.comments += 1;
        else if (node.kind === 'processing-instruction') counts.processingInstructions += 1;
        else values.push(node.value);
        if (node.kind === 'cdata') counts.cdataSections += 1;
        p = node.end;
      }
    }
    const plain = Object.values(counts).every((count) => count === 0);
    return { value: values.join(''), plain, ...counts };
  }

  namespacesInScope(): ReadonlyMap<string, string> {
    const inScope = new Map<string, string>();
    for (const each of [...this.ancestors(), this]) {
      for (const [prefix, namespaceUri] of each.declarations()) {
        if (namespaceUri === '') inScope.delete(prefix);
        else inScope.set(prefix, namespaceUri);
      }
    }
    inScope.delete('xml');
    return inScope;
  }

  /** The declarations on this element itself: prefix ('' for the default) → namespace name ('' undeclares). */
  declarations(): ReadonlyMap<string, string> {
    const { names } = this.document;
    const entries = this.entries('declarations');
    if (entries.length === 0) return NO_DECLARATIONS;
    return new Map(
      entries.map(({ name, value }) => [
        name === XMLNS_PREFIX ? '' : names.textOf(names.localOf(name)),
        value,
      ]),
    );
  }

  /** From the document element to the parent. */
  ancestors(): ParsedElement[] {
    const ancestors: ParsedElement[] = [];
    for (let each = this.parent; each !== undefined; each = each.parent) ancestors.push(each);
    return ancestors.reverse();
  }

  /** The start tag of this element (or the one at an offset inside it) in the document's scratch, not resolved. */
  readTag(at: number = this.start): StartTag {
    const { document } = this;
    readStartTag(document.tag, document, at, document.octets.length, document.names, document.limits);
    return document.tag;
  }

  private entries(kind: 'attributes' | 'declarations'): { readonly name: number; readonly value: string }[] {
    const { octets } = this.document;
    const tag = this.readTag();
    const entries: { readonly name: number; readonly value: string }[] = [];
    for (let entry = 0; entry < tag.count; entry += 1) {
      if ((tag.isDeclaration[entry] === 1) !== (kind === 'declarations')) continue;
      const value = decode(octets, tag.valueStarts[entry] as number, tag.valueEnds[entry] as number, 'value');
      entries.push({ name: tag.names[entry] as number, value });
    }
    return entries;
  }
}
