import { escapeCharacters } from '../xml/canonical-tag.ts';
import type { ParsedElement } from '../xml/element.ts';
import { XML_NAMESPACE_NAME } from '../xml/names.ts';
import type { OctetOutput } from '../xml/octet-buffer.ts';
import type { C14nAlgorithm } from './algorithms.ts';
import { joinedBase } from './xml-base.ts';

interface ApexAttribute {
  readonly name: string;
  readonly localName: string;
  readonly namespaceUri: string;
  readonly value: string;
}

/**
 * Writes the start tag of the element at the top of a subtree in inclusive canonical form: all namespaces in scope
 * and the `xml:*` attributes inherited from its ancestors (C14N 1.0 section 2.4, C14N 1.1 section 2.4).
 */
export function writeApexTag(
  element: ParsedElement,
  method: C14nAlgorithm['method'],
  out: OctetOutput,
): void {
  const tagName = element.prefix === '' ? element.localName : `${element.prefix}:${element.localName}`;
  write(out, `<${tagName}`);
  const declarations = [...element.namespacesInScope()].sort(([a], [b]) => compareUtf8(a, b));
  for (const [prefix, namespaceUri] of declarations) {
    writeAttribute(out, prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespaceUri);
  }
  for (const { name, value } of apexAttributes(element, method).sort(canonicalOrder))
    writeAttribute(out, name, value);
  write(out, '>');
  if (element.emptyTag) write(out, `</${tagName}>`);
}

function apexAttributes(element: ParsedElement, method: C14nAlgorithm['method']): ApexAttribute[] {
  const own = element.attributes;
  const inherited = method === 'inclusive-1.1' ? inheritedByC14n11(element) : inheritedByC14n10(element);
  const base = method === 'inclusive-1.1' ? joinedBase(element) : undefined;
  const kept = own.filter(
    (each) =>
      each.namespaceUri !== XML_NAMESPACE_NAME ||
      (base?.replaces === true ? each.localName !== 'base' : true),
  );
  for (const each of own) inherited.delete(each.namespaceUri === XML_NAMESPACE_NAME ? each.localName : '');
  const added = [...inherited].map(([localName, value]) => xmlAttribute(localName, value));
  if (base?.replaces === true && base.value !== '') added.push(xmlAttribute('base', base.value));
  return [...kept, ...added];
}

/** Nearest ancestor's value of every attribute in the XML namespace. */
function inheritedByC14n10(element: ParsedElement): Map<string, string> {
  const inherited = new Map<string, string>();
  for (let each = element.parent; each !== undefined; each = each.parent) {
    for (const { namespaceUri, localName, value } of each.attributes) {
      if (namespaceUri === XML_NAMESPACE_NAME && !inherited.has(localName)) inherited.set(localName, value);
    }
  }
  return inherited;
}

/** Only the simple inheritable attributes: `xml:id` is not inherited, `xml:base` is joined, others are ordinary. */
function inheritedByC14n11(element: ParsedElement): Map<string, string> {
  const all = inheritedByC14n10(element);
  return new Map([...all].filter(([localName]) => localName === 'lang' || localName === 'space'));
}

function xmlAttribute(localName: string, value: string): ApexAttribute {
  return { name: `xml:${localName}`, localName, namespaceUri: XML_NAMESPACE_NAME, value };
}

function canonicalOrder(a: ApexAttribute, b: ApexAttribute): number {
  return compareUtf8(a.namespaceUri, b.namespaceUri) || compareUtf8(a.localName, b.localName);
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

function write(out: OctetOutput, text: string): void {
  const octets = Buffer.from(text, 'utf8');
  out.append(octets, 0, octets.length);
}

function writeAttribute(out: OctetOutput, name: string, value: string): void {
  write(out, ` ${name}="`);
  const octets = Buffer.from(value, 'utf8');
  escapeCharacters(octets, 0, octets.length, 'value', out);
  write(out, '"');
}
