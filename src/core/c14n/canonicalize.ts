import type { CanonicalOctets } from '../brand.ts';
import { JitsuinError } from '../errors.ts';
import { ParsedDocument } from '../xml/document.ts';
import { ParsedElement } from '../xml/element.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { OctetBuffer, type OctetOutput } from '../xml/octet-buffer.ts';
import { type C14nAlgorithm, c14nAlgorithm } from './algorithms.ts';
import { writeApexTag } from './apex.ts';
import { writeEdited } from './content.ts';
import { ExclusiveWalk } from './exclusive.ts';
import { refuseRelativeNamespaces } from './namespace-names.ts';
import type { C14nMethod, C14nTarget, OctetSink } from './targets.ts';
import { CanonicalWriter } from './writer.ts';

/** Octets that an apex may be longer by than its source, in most documents. */
const ROOM_FOR_NAMESPACES = 256;

/**
 * Writes the canonical form of a target into a sink (UTF-8, in order, in pieces): C14N 1.0, C14N 1.1 or Exclusive
 * C14N 1.0. The octets come from the same parse that readers of the document use.
 * @throws JitsuinError `c14n.algorithm` for an identifier that is not offered or a PrefixList where there is none;
 *   `c14n.relative-namespace` when the document declares a relative namespace name (C14N 1.0 section 1.3);
 *   `c14n.target` when an element is not of this document, or `without` is not below the target; `c14n.empty`
 */
export function canonicalize(
  document: XmlDocument,
  target: C14nTarget,
  method: C14nMethod,
  sink: OctetSink,
): void {
  const out = new CanonicalWriter(sink, document.octets.length);
  canonicalizeTo(out, document, target, method);
  out.flush();
  if (out.written === 0) throw new JitsuinError('c14n.empty', 'Canonicalization gave no octets.');
}

/**
 * The canonical form of a target in memory. Errors as `canonicalize`.
 * @param most octets that it may have: exclusive form declares a namespace wherever it is used, so a small source
 * may give a lot
 * @throws JitsuinError `xml.limit` when it would be longer
 */
export function canonicalOctets(
  document: XmlDocument,
  target: C14nTarget,
  method: C14nMethod,
  most?: number,
): CanonicalOctets {
  const { without } = target;
  const whole =
    target.kind === 'document' ? document.octets.length : target.element.end - target.element.start;
  // An element that is not inside of the target is refused below, whatever its length.
  const source = Math.max(0, without === undefined ? whole : whole - (without.end - without.start));
  // Memory of its own, not a part of a larger piece: it is the caller's.
  const expected = source + (source >> 3) + ROOM_FOR_NAMESPACES;
  const out = new OctetBuffer(new Uint8Array(expected), most);
  canonicalizeTo(out, document, target, method);
  if (out.length === 0) throw new JitsuinError('c14n.empty', 'Canonicalization gave no octets.');
  return out.take() as CanonicalOctets;
}

function canonicalizeTo(
  out: OctetOutput,
  document: XmlDocument,
  target: C14nTarget,
  method: C14nMethod,
): void {
  const algorithm = c14nAlgorithm(method.algorithm);
  if (algorithm.method !== 'exclusive-1.0' && method.inclusivePrefixes !== undefined) {
    throw new JitsuinError('c14n.algorithm', 'Only exclusive canonicalization has a PrefixList.');
  }
  if (!(document instanceof ParsedDocument))
    throw new JitsuinError('c14n.target', 'Not a document of parseXml.');
  refuseRelativeNamespaces(document.namespaceNames);
  const apex = target.kind === 'document' ? document.root : own(document, target.element);
  const without = target.without === undefined ? undefined : own(document, target.without);
  if (without !== undefined && (without.start <= apex.start || without.end > apex.end)) {
    throw new JitsuinError(
      'c14n.target',
      'The element to leave out is not inside the element to canonicalize.',
    );
  }
  write(document, target.kind, apex, without, algorithm, method.inclusivePrefixes ?? [], out);
}

function write(
  document: ParsedDocument,
  kind: C14nTarget['kind'],
  apex: ParsedElement,
  without: ParsedElement | undefined,
  { method, comments }: C14nAlgorithm,
  prefixList: readonly string[],
  out: OctetOutput,
): void {
  const whole = kind === 'document';
  if (method === 'exclusive-1.0') {
    if (whole) writeEdited(document, 0, apex.start, comments, out);
    new ExclusiveWalk(document, prefixList, comments, out).write(apex, without);
    if (whole) writeEdited(document, apex.end, document.octets.length, comments, out);
    return;
  }
  if (!whole) writeApexTag(apex, method, out);
  const from = whole ? 0 : apex.contentStart;
  const to = whole ? document.octets.length : apex.end;
  writeEdited(document, from, without?.start ?? to, comments, out);
  if (without !== undefined) writeEdited(document, without.end, to, comments, out);
}

function own(document: ParsedDocument, element: XmlElement): ParsedElement {
  if (element instanceof ParsedElement && element.document === document) return element;
  throw new JitsuinError('c14n.target', 'The element is not of this document.');
}
