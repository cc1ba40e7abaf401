import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { XMLDSIG_NAMESPACE } from './profile.ts';

/** Every element that any reader could take for a Signature, in document order. */
export function signatureCandidates(document: XmlDocument): XmlElement[] {
  const called = document.elementsCalled('Signature');
  if (called.every(({ namespaceUri }) => namespaceUri === XMLDSIG_NAMESPACE)) return called;
  const namespaces = ['', XMLDSIG_NAMESPACE, defaultNamespace(document.root)];
  return called.filter(({ namespaceUri }) => namespaces.includes(namespaceUri));
}

/** The default namespace where the children of the document element stand; a child without prefix is in it. */
export function defaultNamespace(root: XmlElement): string {
  return root.prefix === '' ? root.namespaceUri : (root.namespacesInScope().get('') ?? '');
}

/** What is said of a Signature that is the document element: no form of ours but a file's has one. */
export function standingAlone(signature: XmlElement): string | undefined {
  if (signature.parent !== undefined) return undefined;
  return signature.childElements().some(({ localName }) => localName === 'Object')
    ? 'The document element is a Signature with an Object in it: an enveloping signature.'
    : 'The document element is a Signature: a detached signature over something outside of this file.';
}
