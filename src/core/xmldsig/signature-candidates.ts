import { JitsuinError } from '../errors.ts';
import { ParsedDocument } from '../xml/document.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { COLON, LT, NAME_OCTETS } from '../xml/octets.ts';
import { XMLDSIG_NAMESPACE } from './profile.ts';

const SIGNATURE = Buffer.from('Signature');

/** Every element that any reader could take for a Signature, in document order. */
export function signatureCandidates(document: XmlDocument): XmlElement[] {
  const candidates = elementsCalledSignature(document);
  if (candidates.length === 0) return candidates;
  const namespaces = ['', XMLDSIG_NAMESPACE, defaultNamespace(document.root)];
  return candidates.filter(({ namespaceUri }) => namespaces.includes(namespaceUri));
}

/** The default namespace where the children of the document element stand; a child without prefix is in it. */
export function defaultNamespace(root: XmlElement): string {
  return root.prefix === '' ? root.namespaceUri : (root.namespacesInScope().get('') ?? '');
}

/**
 * The elements with this local name in any namespace. Names hold no references, so each of them is found by its octets; what only
 * looks like a start tag (in a comment, in CDATA) is no element of the index.
 */
function elementsCalledSignature(document: XmlDocument): XmlElement[] {
  if (!(document instanceof ParsedDocument))
    throw new JitsuinError('c14n.target', 'Not a document of parseXml.');
  const octets = Buffer.from(document.octets.buffer, document.octets.byteOffset, document.octets.length);
  const { elements } = document;
  const found: XmlElement[] = [];
  for (let at = octets.indexOf(SIGNATURE); at >= 0; at = octets.indexOf(SIGNATURE, at + SIGNATURE.length)) {
    if (NAME_OCTETS[octets[at + SIGNATURE.length] as number] === 1) continue;
    const start = startTagOf(octets, at);
    const number = start < 0 ? elements.count : elements.firstFrom(start);
    if (number < elements.count && elements.start(number) === start) found.push(document.element(number));
  }
  return found;
}

/** Offset of the `<` before the name whose local part is at `local`; -1 when none is there. */
function startTagOf(octets: Uint8Array, local: number): number {
  if (octets[local - 1] === LT) return local - 1;
  if (octets[local - 1] !== COLON) return -1;
  let p = local - 1;
  while (p >= 0 && NAME_OCTETS[octets[p] as number] === 1) p -= 1;
  return octets[p] === LT ? p : -1;
}
