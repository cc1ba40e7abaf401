import type { XmlDocument, XmlElement, XmlNode } from '../../core/xml/model.ts';
import type { UnsignedPart } from './validation.ts';

/**
 * What a Signature does not cover, in document order. When the whole document is signed these are its comments
 * (canonicalization drops them); otherwise everything outside the signed element and the Signature, and the
 * comments inside the signed element.
 */
export function unsignedParts(
  document: XmlDocument,
  signed: { readonly element: XmlElement; readonly wholeDocument: boolean },
  signature: XmlElement,
): UnsignedPart[] {
  if (signed.wholeDocument && document.commentCount === 0) return [];
  const around = document.outsideNodes();
  const before = around.filter((node) => node.start < document.root.start);
  const after = around.filter((node) => node.start > document.root.start);
  const keep = (node: XmlNode) => !signed.wholeDocument || node.kind === 'comment';
  return [
    ...before.filter(keep).map(part),
    ...(signed.wholeDocument
      ? comments(document, document.root, signature)
      : besides(document, signed.element, signature)),
    ...after.filter(keep).map(part),
  ];
}

function besides(document: XmlDocument, signed: XmlElement, signature: XmlElement): UnsignedPart[] {
  const { root } = document;
  // xml:* attributes are inherited by the canonical form of the signed element, so they are covered.
  const parts: UnsignedPart[] = root.attributes
    .filter(({ prefix }) => prefix !== 'xml')
    .map(({ localName }) => ({ kind: 'attribute', name: localName, offset: root.start }));
  for (const node of root.children()) {
    if (node.start === signed.start)
      for (const comment of comments(document, signed, signature)) parts.push(comment);
    else if (node.start !== signature.start && !isBlank(node)) parts.push(part(node));
  }
  return parts;
}

/** The comments in an element's subtree but for the Signature's. */
function comments(document: XmlDocument, element: XmlElement, signature: XmlElement): UnsignedPart[] {
  return document
    .commentOffsets(element.start, element.end)
    .filter((offset) => offset < signature.start || offset >= signature.end)
    .map((offset) => ({ kind: 'comment', offset }));
}

function isBlank(node: XmlNode): boolean {
  return node.kind === 'text' && !/[^\t\n\r ]/.test(node.value);
}

function part(node: XmlNode): UnsignedPart {
  switch (node.kind) {
    case 'element':
      return { kind: 'element', name: node.localName, offset: node.start };
    case 'processing-instruction':
      return { kind: 'processing-instruction', name: node.target, offset: node.start };
    case 'comment':
      return { kind: 'comment', offset: node.start };
    default:
      return { kind: 'text', offset: node.start };
  }
}
