import { canonicalOctets } from '../../core/c14n/canonicalize.ts';
import type { C14nMethod } from '../../core/c14n/targets.ts';
import { JitsuinError } from '../../core/errors.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { type DomNode, writeTree } from './dom.ts';

const DOCUMENT = 9;

/**
 * Canonical form of a DOM document or element, by our parser and canonicalizer, for people who have a DOM. What the
 * DOM's own parser lost or repaired before is out of our hands, so no verdict is ever based on this.
 * @throws JitsuinError the codes of `parseXml` and `canonicalize`; `c14n.target` for other kinds of nodes
 */
export function canonicalizeNode(
  node: DomNode,
  method: C14nMethod,
  declared?: ReadonlyMap<string, string>,
): string {
  const { octets, elementNumber } = writeTree(node, declared);
  const document = parseXml(octets);
  if (elementNumber < 0 && node.nodeType !== DOCUMENT) {
    throw new JitsuinError('c14n.target', 'Only documents and elements are canonicalized.');
  }
  const target =
    elementNumber < 0
      ? ({ kind: 'document' } as const)
      : ({ kind: 'element', element: document.element(elementNumber) } as const);
  return Buffer.from(canonicalOctets(document, target, method)).toString('utf8');
}
