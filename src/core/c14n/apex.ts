import {
  appendAttribute,
  appendDeclaration,
  appendNewAttribute,
  appendTagClose,
  appendTagOpen,
} from '../xml/canonical-tag.ts';
import type { ParsedElement } from '../xml/element.ts';
import { enterAgain } from '../xml/enter-again.ts';
import { RESERVED } from '../xml/names.ts';
import { NamespaceResolver } from '../xml/namespaces.ts';
import type { OctetOutput } from '../xml/octet-buffer.ts';
import type { StartTag } from '../xml/start-tag.ts';
import type { C14nAlgorithm } from './algorithms.ts';
import { joinedBase } from './xml-base.ts';

const { NO_NAMESPACE, XML_NAMESPACE, XML_PREFIX } = RESERVED;

/**
 * C14N 1.1 (section 2.4) inherits the first two as they are and joins `xml:base`; 1.0 inherits every `xml:*`
 * attribute.
 */
const INHERITED_BY_C14N_11: readonly string[] = ['xml:lang', 'xml:space', 'xml:base'];

/**
 * Writes the start tag of the element at the top of a subtree in inclusive canonical form: all namespaces in scope
 * and the `xml:*` attributes inherited from its ancestors (C14N 1.0 section 2.4, C14N 1.1 section 2.4).
 */
export function writeApexTag(
  element: ParsedElement,
  method: C14nAlgorithm['method'],
  out: OctetOutput,
): void {
  const { names, namespaceNames, limits, octets } = element.document;
  const base = method === 'inclusive-1.1' ? joinedBase(element) : undefined;
  const resolver = new NamespaceResolver(names, namespaceNames, limits);
  const tag = inheritingTag(element, method, resolver);
  appendTagOpen(out, tag, names);
  for (const prefix of prefixesInScope(resolver))
    appendDeclaration(out, resolver, prefix, resolver.scope.lookup(prefix));
  for (let i = tag.declarations; i < tag.count; i += 1) {
    const entry = tag.order[i] as number;
    const name = tag.names[entry] as number;
    if (base === undefined || names.textOf(name) !== 'xml:base')
      appendAttribute(out, octets, tag, entry, names);
    else if (base !== '') appendNewAttribute(out, name, base, names);
  }
  appendTagClose(out, tag, names);
}

/** The element's start tag with the attributes that it inherits among its own, in canonical order. */
function inheritingTag(
  element: ParsedElement,
  method: C14nAlgorithm['method'],
  resolver: NamespaceResolver,
): StartTag {
  const { document } = element;
  const { names, tag } = document;
  /** Name → where its value lies. From the outermost ancestor inwards, so that the nearest one's stays. */
  const inherited = new Map<number, readonly [start: number, end: number]>();
  for (const ancestor of element.ancestors()) {
    enterAgain(document, ancestor.number, resolver, tag);
    for (let entry = 0; entry < tag.count; entry += 1) {
      const name = tag.names[entry] as number;
      if (names.prefixOf(name) !== XML_PREFIX) continue;
      if (method === 'inclusive-1.1' && !INHERITED_BY_C14N_11.includes(names.textOf(name))) continue;
      inherited.set(name, [tag.valueStarts[entry] as number, tag.valueEnds[entry] as number]);
    }
  }
  enterAgain(document, element.number, resolver, tag);
  for (let entry = 0; entry < tag.count; entry += 1) inherited.delete(tag.names[entry] as number);
  for (const [name, [start, end]] of inherited) tag.add(name, start, end, XML_NAMESPACE);
  if (inherited.size > 0) resolver.putInOrder(tag);
  return tag;
}

/** In canonical order; `xml` is never declared. */
function prefixesInScope({ scope, names }: NamespaceResolver): number[] {
  const prefixes = new Set<number>();
  for (let binding = 0; binding < scope.size; binding += 1) {
    const prefix = scope.prefixAt(binding);
    if (prefix !== XML_PREFIX && scope.lookup(prefix) !== NO_NAMESPACE) prefixes.add(prefix);
  }
  return [...prefixes].sort((a, b) => names.compare(a, b));
}
