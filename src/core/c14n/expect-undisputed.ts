import type { JitsuinError } from '../errors.ts';
import { normalizedText } from '../normalized-text.ts';
import { fault } from '../xml/faults.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { type DisputedConstruct, disputedConstructs, namespaceConstruct } from './disputed.ts';
import { isFourthEditionName } from './fourth-edition-names.ts';
import type { C14nTarget } from './targets.ts';

/** What to write instead. */
const REMEDIES: Readonly<Record<DisputedConstruct, string>> = {
  'namespace-name-markup':
    'a namespace name holds &, < or ", which libxml2 does not escape. Take a namespace name without them.',
  'namespace-name-iri':
    'a namespace name is not ASCII, and libxml2 (xmlsec1) refuses to canonicalize the document. Write its other ' +
    'characters percent-encoded.',
  'namespace-name-uri':
    'a namespace name is no URI (RFC 3986), and libxml2 (xmlsec1) refuses to canonicalize the document. Take one ' +
    'without spaces and \\ ^ ` { } | > [ ], with % only before two hexadecimal digits and : only before a port.',
  'inherited-xml-attribute':
    'two elements around the one to be signed have the same xml:* attribute, and the JDK takes the outer one. ' +
    'Write it on the element itself.',
  'node-after-empty-root':
    'a comment or instruction follows an empty document element, and Apache Santuario drops it. Put it before.',
  'fifth-edition-name':
    'a name has a character that only XML 1.0 fifth edition allows; the JDK refuses the document. Take another.',
};

/**
 * Nothing is signed that a stock tool could not verify. The first disputed construct is refused, with the place where
 * it stands.
 * @throws JitsuinError `c14n.disputed-construct`, `at` as the faults of the parser; `c14n.target`
 */
export function expectUndisputed(document: XmlDocument, target: C14nTarget): void {
  const [construct] = disputedConstructs(document, target);
  if (construct !== undefined) throw refusal(document, target, construct);
}

function refusal(document: XmlDocument, target: C14nTarget, construct: DisputedConstruct): JitsuinError {
  const message = `Canonicalizers disagree about this document (${construct}): ${remedy(document, construct)}`;
  const window = { octets: document.octets, before: 0 };
  return fault('c14n.disputed-construct', message, window, offsetOf(document, target, construct));
}

function remedy(document: XmlDocument, construct: DisputedConstruct): string {
  const element =
    construct === 'fifth-edition-name' ? firstElement(document.root, hasFifthEditionName) : undefined;
  const name = element === undefined ? undefined : fifthEditionName(element);
  if (name === undefined) return REMEDIES[construct];
  const codes = [...name].filter((each) => !isFourthEdition(`a${each}`)).map(codePoint);
  const usual = normalizedText(name, 'NFKC');
  const instead = usual === undefined || usual === name || !isFourthEdition(usual) ? '' : `: "${usual}"`;
  return (
    `the name "${name}" has ${codes.join(', ')}, which only XML 1.0 fifth edition allows in a name; the JDK ` +
    `refuses the document. Take another${instead}.`
  );
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function isFourthEdition(name: string): boolean {
  if (!/[^\0-\x7f]/.test(name)) return /^[A-Za-z_][\w.-]*$/.test(name);
  const octets = Buffer.from(name);
  return isFourthEditionName(octets, 0, octets.length);
}

function hasFifthEditionName(element: XmlElement): boolean {
  return fifthEditionName(element) !== undefined;
}

function offsetOf(document: XmlDocument, target: C14nTarget, construct: DisputedConstruct): number {
  const { root } = document;
  switch (construct) {
    case 'inherited-xml-attribute':
      return target.kind === 'element' ? target.element.start : root.start;
    case 'node-after-empty-root':
      return document.outsideNodes().find(({ start }) => start >= root.end)?.start ?? root.start;
    case 'fifth-edition-name':
      return firstElement(root, hasFifthEditionName)?.start ?? root.start;
    default:
      return firstElement(root, (element) => declares(element, construct))?.start ?? root.start;
  }
}

/** In document order; each element is looked at once. */
function firstElement(root: XmlElement, wanted: (element: XmlElement) => boolean): XmlElement | undefined {
  const pending = [root];
  for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
    if (wanted(element)) return element;
    for (const child of element.childElements().reverse()) pending.push(child);
  }
  return undefined;
}

const DECLARATION = /[\t\n\r ]xmlns(?::[^\t\n\r =]+)?[\t\n\r ]*=[\t\n\r ]*(?:"([^"]*)"|'([^']*)')/g;

/** Reads the start tag as it is written: linear, also where an element has many names in scope. */
function declares({ document, start, contentStart }: XmlElement, construct: DisputedConstruct): boolean {
  const tag = Buffer.from(document.octets.subarray(start, contentStart)).toString('utf8');
  for (const [, double, single] of tag.matchAll(DECLARATION))
    if (namespaceConstruct(withoutReferences(double ?? single ?? '')) === construct) return true;
  return false;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Decoded as an attribute value is: white space as a space. */
function withoutReferences(written: string): string {
  return written
    .replace(/[\t\n\r]/g, ' ')
    .replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));/g, (all, hex, decimal, name) => {
      if (name !== undefined) return NAMED[name] ?? all;
      const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
      return code <= 0x10_ffff ? String.fromCodePoint(code) : all;
    });
}

function fifthEditionName({ localName, prefix, attributes }: XmlElement): string | undefined {
  const names = [localName, prefix, ...attributes.flatMap((each) => [each.localName, each.prefix])];
  return names.find((name) => {
    const octets = Buffer.from(name);
    return name !== '' && /[^\0-\x7f]/.test(name) && !isFourthEditionName(octets, 0, octets.length);
  });
}
