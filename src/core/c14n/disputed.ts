import { JitsuinError } from '../errors.ts';
import { ParsedDocument } from '../xml/document.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { XML_NAMESPACE_NAME } from '../xml/names.ts';
import { isAbsoluteUri } from './absolute-uri.ts';
import { isFourthEditionName } from './fourth-edition-names.ts';
import { declaredNamespaceNames, isRelative } from './namespace-names.ts';
import type { C14nTarget } from './targets.ts';

const LAST_ASCII = 0x7f;

/**
 * A construct on which well-known implementations disagree, though the specification is clear:
 *
 * - `namespace-name-markup`: `&`, `<` or `"` in a namespace name; libxml2 does not escape them.
 * - `namespace-name-iri`: a namespace name that is not ASCII; libxml2 refuses to canonicalize.
 * - `namespace-name-uri`: a namespace name that is no URI of RFC 3986 for another reason; libxml2 refuses as well.
 * - `inherited-xml-attribute`: an `xml:*` attribute on two or more left-out ancestors; the JDK and Apache Santuario
 *   take the outermost instead of the nearest.
 * - `node-after-empty-root`: a comment or PI after an empty document element; Apache Santuario drops it.
 * - `fifth-edition-name`: a name that only XML 1.0 fifth edition allows; the JDK refuses the document.
 */
export type DisputedConstruct =
  | 'namespace-name-markup'
  | 'namespace-name-iri'
  | 'namespace-name-uri'
  | 'inherited-xml-attribute'
  | 'node-after-empty-root'
  | 'fifth-edition-name';

/**
 * The disputed constructs of a document (each named once). `inherited-xml-attribute` and
 * `node-after-empty-root` concern one target, by default the whole document. Signing refuses them with
 * `c14n.disputed-construct`; verification follows the specification and flags them.
 * @throws JitsuinError `c14n.target` when the document is not one of `parseXml`
 */
export function disputedConstructs(
  document: XmlDocument,
  target: C14nTarget = { kind: 'document' },
): DisputedConstruct[] {
  if (!(document instanceof ParsedDocument))
    throw new JitsuinError('c14n.target', 'Not a document of parseXml.');
  const namespaceNames = declaredNamespaceNames(document.namespaceNames);
  const disputed: DisputedConstruct[] = [];
  for (const construct of NAMESPACE_CONSTRUCTS)
    if (namespaceNames.some((name) => namespaceConstruct(name) === construct)) disputed.push(construct);
  if (!hasFourthEditionNames(document)) disputed.push('fifth-edition-name');
  if (target.kind === 'document' && nodeAfterEmptyRoot(document)) {
    disputed.push('node-after-empty-root');
  }
  if (target.kind === 'element' && inheritsAcrossTwo(target.element)) {
    disputed.push('inherited-xml-attribute');
  }
  return disputed;
}

const NAMESPACE_CONSTRUCTS = ['namespace-name-markup', 'namespace-name-iri', 'namespace-name-uri'] as const;

/** What is disputed about a namespace name. A relative one is refused by canonicalization itself. */
export function namespaceConstruct(name: string): (typeof NAMESPACE_CONSTRUCTS)[number] | undefined {
  if (/[&<"]/.test(name)) return 'namespace-name-markup';
  if (/[^\0-\x7f]/.test(name)) return 'namespace-name-iri';
  return isRelative(name) || isAbsoluteUri(name) ? undefined : 'namespace-name-uri';
}

/**
 * Names are interned with their parts, so every local name and prefix is checked by itself. In ASCII the editions
 * agree.
 */
function hasFourthEditionNames({ names }: ParsedDocument): boolean {
  const { octets } = names.pool;
  for (let id = 1; id < names.count; id += 1) {
    const start = names.starts[id] as number;
    const end = names.starts[id + 1] as number;
    if (isAscii(octets, start, end) || names.hasColon(id)) continue;
    if (!isFourthEditionName(octets, start, end)) return false;
  }
  return true;
}

function isAscii(octets: Uint8Array, from: number, to: number): boolean {
  for (let p = from; p < to; p += 1) if ((octets[p] as number) > LAST_ASCII) return false;
  return true;
}

function nodeAfterEmptyRoot(document: ParsedDocument): boolean {
  const { root } = document;
  return (
    root.contentStart === root.contentEnd && document.outsideNodes().some((node) => node.start >= root.end)
  );
}

/** Whether two ancestors of the element carry the same `xml:*` attribute that it does not carry itself. */
function inheritsAcrossTwo(element: XmlElement): boolean {
  const own = new Set(xmlAttributeNames(element));
  const inherited = new Set<string>();
  for (let each = element.parent; each !== undefined; each = each.parent) {
    for (const name of xmlAttributeNames(each)) {
      if (own.has(name)) continue;
      if (inherited.has(name)) return true;
      inherited.add(name);
    }
  }
  return false;
}

function xmlAttributeNames(element: XmlElement): string[] {
  return element.attributes
    .filter(({ namespaceUri }) => namespaceUri === XML_NAMESPACE_NAME)
    .map(({ localName }) => localName);
}
