import type { XmlDocument, XmlElement, XmlNode } from '../xml/model.ts';
import type { Form } from './form.ts';
import type { ReadSignature } from './form-document.ts';
import { hasStepName, otherForm } from './places.ts';

/** Something of a document that no Reference covers. */
export interface UncoveredPart {
  readonly kind: 'element' | 'text' | 'comment' | 'processing-instruction' | 'attribute';
  readonly name?: string;
  /** Octet offset in the document. */
  readonly offset: number;
}

/**
 * What lies outside every Reference, in document order, comments inside of what is signed included: canonicalization
 * drops them.
 * @throws JitsuinError `xmldsig.other-form` for what the form does not let lie there
 */
export function uncoveredParts(
  document: XmlDocument,
  form: Form,
  signatures: readonly ReadSignature[],
): readonly UncoveredPart[] {
  const references = signatures[0]?.references ?? [];
  const whole = references.some(({ kind }) => kind === 'document');
  const covered = references.flatMap((reference) =>
    reference.kind === 'element' ? [reference.element.start] : [],
  );
  const marks: Marks = {
    covered: new Set(covered),
    signatures: signatures.map(({ shape }) => shape.signature),
    ancestors: ancestorsOf(signatures, references),
    whole,
  };
  const around = document.outsideNodes().filter((node) => !whole || node.kind === 'comment');
  for (const node of around) expectAllowed(node, form);
  const { root } = document;
  const before = around.filter(({ start }) => start < root.start).map(partOf);
  const after = around.filter(({ start }) => start > root.start).map(partOf);
  const inside = whole ? commentsIn(document, root, marks) : insideOf(document, root, form, marks);
  return [...before, ...inside, ...after];
}

interface Marks {
  readonly covered: ReadonlySet<number>;
  readonly signatures: readonly XmlElement[];
  /** Elements that hold something signed, or a Signature. */
  readonly ancestors: ReadonlySet<number>;
  readonly whole: boolean;
}

function ancestorsOf(
  signatures: readonly ReadSignature[],
  references: ReadSignature['references'],
): ReadonlySet<number> {
  const marked = new Set<number>();
  const inner = [
    ...signatures.map(({ shape }) => shape.signature),
    ...references.flatMap((reference) => (reference.kind === 'element' ? [reference.element] : [])),
  ];
  for (const element of inner) {
    for (let each = element.parent; each !== undefined; each = each.parent) marked.add(each.start);
  }
  return marked;
}

function insideOf(document: XmlDocument, element: XmlElement, form: Form, marks: Marks): UncoveredPart[] {
  if (marks.covered.has(element.start)) return commentsIn(document, element, marks);
  if (marks.signatures.some(({ start }) => start === element.start)) return [];
  if (!marks.ancestors.has(element.start)) {
    expectAllowed(element, form);
    return [partOf(element)];
  }
  // xml:* attributes are inherited by the canonical form of what is signed, so they are covered.
  const parts: UncoveredPart[] = element.attributes
    .filter(({ prefix }) => prefix !== 'xml')
    .map(({ localName }) => ({ kind: 'attribute', name: localName, offset: element.start }));
  for (const node of element.children()) {
    if (node.kind === 'element') for (const part of insideOf(document, node, form, marks)) parts.push(part);
    else if (!isBlank(node)) {
      expectAllowed(node, form);
      parts.push(partOf(node));
    }
  }
  return parts;
}

/**
 * Comments are reported wherever they stand; elements and instructions only where the form lists them, text nowhere.
 */
function expectAllowed(node: XmlNode, { unsigned, name }: Form): void {
  if (node.kind === 'comment') return;
  if (node.kind === 'element') {
    if (unsigned.elements.some((step) => hasStepName(node, step))) return;
    throw otherForm(
      `Element "${node.localName}" is not signed, and form ${name} does not let it lie there.`,
      node,
    );
  }
  if (node.kind === 'processing-instruction') {
    if (unsigned.instructions.some((target) => target === '*' || target === node.target)) return;
    throw otherForm(
      `The instruction "${node.target}" is not signed, and form ${name} has none of this name.`,
      node,
    );
  }
  throw otherForm('Text stands outside of what is signed.', node);
}

/** The comments in an element's subtree but for the Signatures'. */
function commentsIn(document: XmlDocument, element: XmlElement, { signatures }: Marks): UncoveredPart[] {
  return document
    .commentOffsets(element.start, element.end)
    .filter((offset) => !signatures.some(({ start, end }) => offset >= start && offset < end))
    .map((offset) => ({ kind: 'comment', offset }));
}

function isBlank(node: XmlNode): boolean {
  return node.kind === 'text' && !/[^\t\n\r ]/.test(node.value);
}

function partOf(node: XmlNode): UncoveredPart {
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
