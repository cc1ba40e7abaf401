import type { NamespaceResolver } from './namespaces.ts';
import type { ParsedSource } from './parsed-source.ts';
import { readStartTag, type StartTag } from './start-tag.ts';

/**
 * Reads the start tag of an element of a parsed document once more, for a form whose tags depend on where the
 * output begins, and enters it. The scope is the resolver's and the caller's to restore.
 * @returns whether its entries stood in canonical order
 */
export function enterAgain(
  document: ParsedSource,
  element: number,
  resolver: NamespaceResolver,
  tag: StartTag,
): boolean {
  const start = document.elements.start(element);
  readStartTag(tag, document, start, document.octets.length, document.names, document.limits);
  return resolver.enter(tag, document);
}
