import { JitsuinError } from '../errors.ts';
import { type NamespaceNames, RESERVED } from '../xml/names.ts';

const { XMLNS_NAMESPACE } = RESERVED;

/** RFC 3986 section 3.1: what is absolute begins with a scheme. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Whether a namespace name has no scheme (the empty one, which declares nothing, as well). */
export function isRelative(name: string): boolean {
  return !SCHEME.test(name);
}

/** Every namespace name that the document declares, without the reserved ones. */
export function declaredNamespaceNames(namespaceNames: NamespaceNames): string[] {
  const declared: string[] = [];
  for (let id = XMLNS_NAMESPACE + 1; id < namespaceNames.count; id += 1)
    declared.push(namespaceNames.textOf(id));
  return declared;
}

/**
 * Canonical XML must not be made from documents with relative namespace names (C14N 1.0 section 1.3).
 * @throws JitsuinError `c14n.relative-namespace`
 */
export function refuseRelativeNamespaces(namespaceNames: NamespaceNames): void {
  while (namespaceNames.absolute < namespaceNames.count) {
    if (isRelative(namespaceNames.textOf(namespaceNames.absolute))) {
      throw new JitsuinError('c14n.relative-namespace', 'The document declares a relative namespace name.');
    }
    namespaceNames.absolute += 1;
  }
}
