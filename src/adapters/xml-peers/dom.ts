import { OctetBuffer } from '../../core/xml/octet-buffer.ts';

/** What is used of a DOM node; the nodes of every version of @xmldom/xmldom have it. */
export interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly namespaceURI?: string | null;
  readonly parentNode: DomNode | null;
  readonly firstChild: DomNode | null;
  readonly nextSibling: DomNode | null;
  readonly attributes?: {
    readonly length: number;
    item(index: number): { readonly name: string; readonly value: string } | null;
  } | null;
}

const ELEMENT = 1;
const TEXT = 3;
const CDATA = 4;
const INSTRUCTION = 7;
const COMMENT = 8;
const DOCUMENT = 9;
const DOCUMENT_TYPE = 10;

/** A DOM tree written out, and the place of one of its elements among all of them in document order (-1 for none). */
interface WrittenTree {
  readonly octets: Uint8Array;
  readonly elementNumber: number;
}

/**
 * Writes the tree that a node stands in as XML for our own strict parser, which judges it: nothing is repaired here.
 * @param declared declarations to add to the topmost element where it has none of that prefix ('' the default)
 */
export function writeTree(node: DomNode, declared: ReadonlyMap<string, string> = new Map()): WrittenTree {
  let top = node;
  while (top.parentNode !== null) top = top.parentNode;
  const writer = new TreeWriter(node, declared);
  writer.write(top);
  return { octets: writer.out.take(), elementNumber: writer.found };
}

class TreeWriter {
  readonly out = new OctetBuffer(new Uint8Array(1024));
  found = -1;
  private elements = 0;
  private readonly wanted: DomNode;
  private readonly declared: ReadonlyMap<string, string>;

  constructor(wanted: DomNode, declared: ReadonlyMap<string, string>) {
    this.wanted = wanted;
    this.declared = declared;
  }

  /** Without recursion: trees can be deeper than the stack. */
  write(top: DomNode): void {
    let node: DomNode | null = top;
    while (node !== null) {
      this.open(node);
      if (node.firstChild !== null) {
        node = node.firstChild;
        continue;
      }
      this.close(node);
      while (node !== top && node.nextSibling === null) {
        node = node.parentNode ?? top;
        this.close(node);
      }
      node = node === top ? null : node.nextSibling;
    }
  }

  private open(node: DomNode): void {
    const value = node.nodeValue ?? '';
    switch (node.nodeType) {
      case ELEMENT:
        this.startTag(node);
        break;
      case TEXT:
        this.text(escaped(value, /[&<>\r]/g));
        break;
      case CDATA:
        this.text(`<![CDATA[${value}]]>`);
        break;
      case INSTRUCTION:
        this.text(value === '' ? `<?${node.nodeName}?>` : `<?${node.nodeName} ${value}?>`);
        break;
      case COMMENT:
        this.text(`<!--${value}-->`);
        break;
      case DOCUMENT:
        break;
      default:
        // A document type, an entity reference: written so that the parser refuses it.
        this.text(node.nodeType === DOCUMENT_TYPE ? '<!DOCTYPE' : `&${node.nodeName};`);
    }
  }

  private startTag(node: DomNode): void {
    if (node === this.wanted) this.found = this.elements;
    const attributes = new Map<string, string>();
    for (let i = 0; i < (node.attributes?.length ?? 0); i += 1) {
      const attribute = node.attributes?.item(i);
      if (attribute) attributes.set(attribute.name, attribute.value);
    }
    if (this.elements === 0) {
      for (const [prefix, namespaceUri] of [...this.declared, ...ownNamespace(node)]) {
        const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
        if (!attributes.has(name)) attributes.set(name, namespaceUri);
      }
    }
    this.elements += 1;
    const written = [...attributes].map(([name, value]) => ` ${name}="${escaped(value, /[&<"\t\n\r]/g)}"`);
    this.text(`<${node.nodeName}${written.join('')}>`);
  }

  private close(node: DomNode): void {
    if (node.nodeType === ELEMENT) this.text(`</${node.nodeName}>`);
  }

  private text(text: string): void {
    const octets = Buffer.from(text, 'utf8');
    this.out.append(octets, 0, octets.length);
  }
}

function escaped(text: string, characters: RegExp): string {
  return text.replaceAll(characters, (character) => `&#${character.charCodeAt(0)};`);
}

/** A copied subtree can stand without the declaration of its own name, which the DOM keeps beside it. */
function ownNamespace(node: DomNode): [string, string][] {
  if (!node.namespaceURI) return [];
  const [prefix, localName] = node.nodeName.split(':');
  return [[localName === undefined ? '' : (prefix ?? ''), node.namespaceURI]];
}
