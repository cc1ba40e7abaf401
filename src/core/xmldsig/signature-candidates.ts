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
