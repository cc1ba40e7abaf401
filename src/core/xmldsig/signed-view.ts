import { defined } from '../defined.ts';
import { readOnlySignature } from '../forms/form-signature.ts';
import type { XmlDocument, XmlElement, XmlNode } from '../xml/model.ts';
import { parseXml } from '../xml/parse.ts';
import { type KeptBeside, readPreparedState } from './prepared-state.ts';
import type { XmlSignatureProfile } from './profile.ts';
import { XML_SIGNATURE_PROFILES } from './profile-table.ts';
import { locateSignedElement } from './signed-element.ts';

/** `signature`: the element that the signature itself will fill. */
export type Coverage = 'signed' | 'not-signed' | 'signature';

interface NameAndValue {
  readonly name: string;
  readonly value: string;
}

export interface ViewedElement {
  readonly kind: 'element';
  /** As written, with its prefix. */
  readonly name: string;
  /** Namespace name where it differs from the parent's; `''`: in none, though the parent is in one. */
  readonly namespace?: string;
  /** Namespace declarations that change what is in scope, as `xmlns` or `xmlns:prefix`: they are signed too. */
  readonly declarations: readonly NameAndValue[];
  readonly attributes: readonly NameAndValue[];
  readonly children: readonly ViewedNode[];
  readonly coverage: Coverage;
}

export interface ViewedText {
  readonly kind: 'text' | 'comment' | 'processing-instruction';
  /** Target of a processing instruction. */
  readonly target?: string;
  readonly text: string;
  /** UTF-16 units that were left out at the end. */
  readonly cut: number;
  readonly coverage: Coverage;
}

export type ViewedNode = ViewedElement | ViewedText;

/** What a person may look at before signing. */
export interface SignedView {
  readonly nodes: readonly ViewedNode[];
  /** Something was left out because the document is large. */
  readonly cut: boolean;
  /** Octets of the document that was read. */
  readonly size: number;
}

export interface ViewLimits {
  /** Elements, attributes, texts, comments and processing instructions in all. */
  readonly nodes: number;
  /** UTF-16 units of one text or attribute value. */
  readonly text: number;
}

interface Walk extends Marks {
  readonly limits: ViewLimits;
  left: number;
  cut: boolean;
}

/**
 * What the signature will and will not cover, read by one parse from the very octets that are canonicalized and
 * digested: the stored skeleton. White space of XML between elements is left out; nothing else is changed.
 * @param state of a prepared XML signature
 * @throws JitsuinError `xmldsig.state`, and the codes of `core/xml`
 */
export function viewOfPrepared(state: string | KeptBeside, limits: ViewLimits): SignedView {
  const { profile: name, skeleton, signedElement } = readPreparedState(state);
  const profile: XmlSignatureProfile = XML_SIGNATURE_PROFILES[name];
  const document = parseXml(skeleton);
  const { signature } = readOnlySignature(document, profile.form, 'wider');
  const { element } = locateSignedElement(document, profile, signedElement);
  const wholeDocument = profile.target.kind === 'document';
  return viewDocument(document, { signed: [element], signatures: [signature], wholeDocument }, limits);
}

/** What of a document is covered by which elements. */
interface Marks {
  readonly signed: readonly XmlElement[];
  readonly signatures: readonly XmlElement[];
  readonly wholeDocument: boolean;
}

/** As `viewOfPrepared`, of a document whose signed elements and Signatures are known. */
export function viewDocument(document: XmlDocument, marks: Marks, limits: ViewLimits): SignedView {
  const walk: Walk = Object.assign({ limits, left: limits.nodes, cut: false }, marks);
  const { root } = document;
  const outside = document.outsideNodes();
  const before = outside.filter((node) => node.start < root.start);
  const after = outside.filter((node) => node.start > root.start);
  const nodes = viewAll(walk, [...before, root, ...after], undefined);
  return { nodes, cut: walk.cut, size: document.octets.length };
}

/** XML 1.0 production 3: other blanks are text like any other, and signed as such. */
const XML_WHITE_SPACE = /^[ \t\r\n]*$/;

function viewAll(walk: Walk, nodes: readonly XmlNode[], parent: XmlElement | undefined): ViewedNode[] {
  const alone = nodes.length === 1;
  const viewed: ViewedNode[] = [];
  for (const node of nodes) {
    if (node.kind === 'text' && !alone && XML_WHITE_SPACE.test(node.value)) continue;
    if (walk.left === 0) {
      walk.cut = true;
      break;
    }
    walk.left -= 1;
    viewed.push(node.kind === 'element' ? viewElement(walk, node, parent) : viewText(walk, node, parent));
  }
  return viewed;
}

function viewElement(walk: Walk, element: XmlElement, parent: XmlElement | undefined): ViewedElement {
  const { prefix, localName, namespaceUri } = element;
  const coverage = coverageOf(walk, element.start, element.end);
  const isSignature = coverage === 'signature';
  const foreign = namespaceUri !== (parent?.namespaceUri ?? '');
  return defined({
    kind: 'element',
    name: prefix === '' ? localName : `${prefix}:${localName}`,
    namespace: foreign ? namespaceUri : undefined,
    declarations: viewPairs(walk, declarationsOf(element, parent)),
    attributes: viewPairs(walk, element.attributes),
    children: isSignature ? [] : viewAll(walk, element.children(), element),
    coverage,
  });
}

/** What the canonical form writes out at this element, seen from its parent (Canonical XML 1.0 section 2.3). */
function declarationsOf(element: XmlElement, parent: XmlElement | undefined): NameAndValue[] {
  const outer = parent?.namespacesInScope() ?? new Map<string, string>();
  const inner = element.namespacesInScope();
  const changed = [...inner].filter(([prefix, name]) => outer.get(prefix) !== name);
  const gone = (outer.get('') ?? '') !== '' && !inner.has('') ? [['', ''] as const] : [];
  return [...changed, ...gone].map(([prefix, value]) => ({
    name: prefix === '' ? 'xmlns' : `xmlns:${prefix}`,
    value,
  }));
}

/** They count as nodes: a page may not grow by what is written on one tag. */
function viewPairs(walk: Walk, pairs: readonly NameAndValue[]): NameAndValue[] {
  const shown = pairs.slice(0, walk.left);
  walk.left -= shown.length;
  if (shown.length < pairs.length) walk.cut = true;
  return shown.map(({ name, value }) => ({ name, value: cutText(walk, value).text }));
}

function viewText(
  walk: Walk,
  node: Exclude<XmlNode, XmlElement>,
  parent: XmlElement | undefined,
): ViewedText {
  const { text, cut } = cutText(walk, node.value);
  // Canonical XML 1.0 without comments: a comment is in no digest, wherever it stands.
  const covered = node.kind === 'comment' ? 'not-signed' : coverageOf(walk, node.start, node.end);
  return defined({
    kind: node.kind === 'cdata' ? 'text' : node.kind,
    target: node.kind === 'processing-instruction' ? node.target : undefined,
    text,
    cut,
    coverage: parent === undefined && !walk.wholeDocument ? 'not-signed' : covered,
  });
}

function cutText(walk: Walk, text: string): { readonly text: string; readonly cut: number } {
  const { text: most } = walk.limits;
  if (text.length <= most) return { text, cut: 0 };
  walk.cut = true;
  // Never between the two halves of a character.
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return { text: text.slice(0, end), cut: text.length - end };
}

function coverageOf(walk: Walk, start: number, end: number): Coverage {
  const { signed, signatures, wholeDocument } = walk;
  const within = (element: XmlElement) => start >= element.start && end <= element.end;
  if (signatures.some(within)) return 'signature';
  return wholeDocument || signed.some(within) ? 'signed' : 'not-signed';
}
