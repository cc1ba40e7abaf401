import { createHash, sign } from 'node:crypto';
import type { SignatureValue } from '../../../src/core/brand.ts';
import { C14N_1_0 } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { fileUri } from '../../../src/core/forms/file-names.ts';
import type { Form, FormReference } from '../../../src/core/forms/form.ts';
import { prepareForm } from '../../../src/core/forms/prepare-form.ts';
import { conclude } from '../../../src/core/report.ts';
import type { XmlElement } from '../../../src/core/xml/model.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { isXmlSignatureProfileName } from '../../../src/core/xmldsig/profile-table.ts';
import { reasonOf } from '../../../src/verifier/forms/co-signers.ts';
import { completeForm } from '../../../src/verifier/forms/complete-form.ts';
import type { FormSubject, GivenFile } from '../../../src/verifier/forms/form-validation.ts';
import { verifyForm } from '../../../src/verifier/forms/verify-form.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { givenFile } from './forms.ts';
import { type SignerKind, testSigner } from './signers.ts';
import { AT, signDocument, verify } from './signing.ts';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';

/** A document in a form, made from nothing but the form's file, and signed. */
export interface Specimen extends FormSubject {
  readonly text: string;
}

/** What a reader of a form says of a document. */
export interface Said {
  /** `TOTAL-PASSED`, or the indication with the first code. */
  readonly verdict: string;
  readonly handedOut: boolean;
  readonly unsigned: readonly { readonly kind: string; readonly name?: string; readonly offset: number }[];
  readonly uncoveredFiles: readonly string[];
}

/** Two names each with what needs escaping, as people have them. */
export const NAMES = ['申請 1.xml', '図面＆a.tif'] as const;

function filesRule({ references }: Form): Extract<FormReference, { kind: 'files' }> | undefined {
  return references.find((rule) => rule.kind === 'files');
}

interface Node {
  readonly step: string;
  id?: { readonly name: string; readonly value: string };
  text?: string;
  readonly children: Node[];
}

/** The smallest document that has every place of the form, what may lie beside them, and names for its files. */
function bareDocument(form: Form, names: readonly string[]): string | undefined {
  const [root = '*'] = form.root;
  if (form.signature.in.length === 0) return undefined;
  const tree: Node = { step: root === '*' ? '届出' : root, children: [] };
  for (const step of form.unsigned.elements)
    if (step !== '*') tree.children.push({ step, text: 'beside', children: [] });
  const naming = filesRule(form)?.names;
  const wanted = naming?.from === 'places' ? [...names] : [];
  for (const [name, place] of form.places) {
    const derives = naming?.from === 'places' && naming.places.includes(name);
    const given = derives ? wanted.splice(0, place.count.max) : [undefined];
    if (!derives && place.count.min === 0) continue;
    for (const text of given) {
      const node = planted(tree, place.path.slice(1));
      if (place.id !== undefined)
        node.id = { name: place.id.name, value: place.id.value === '*' ? 'R-1' : place.id.value };
      if (text !== undefined) node.text = text.replace('&', '&amp;');
      else if (node !== tree) node.children.push({ step: '氏名', text: '模擬　太郎', children: [] });
    }
  }
  if (form.places.size === 0 || tree.id !== undefined)
    tree.children.push({ step: '氏名', text: '模擬　太郎', children: [] });
  // the place of the Signature stands last, so what may lie beside comes before
  if (form.signature.in.length > 1) planted(tree, form.signature.in.slice(1)).text = '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(tree, '')}\n`;
}

/** A new element at the end of a path, the ones above it found or made. */
function planted(from: Node, path: readonly string[]): Node {
  const [step, ...rest] = path;
  if (step === undefined) return from;
  const name = step === '*' ? '申請書' : step;
  const known = rest.length > 0 ? from.children.find((child) => child.step === name) : undefined;
  const next = known ?? { step: name, children: [] };
  if (known === undefined) from.children.push(next);
  return planted(next, rest);
}

function written({ step, id, text = '', children }: Node, around: string): string {
  const [, namespace = '', local = step] = /^\{([^}]*)\}(.*)$/.exec(step) ?? [];
  const declared = namespace === around || step === local ? '' : ` xmlns="${namespace}"`;
  const attribute = id === undefined ? '' : ` ${id.name}="${id.value}"`;
  const inside = children.map((child) => written(child, namespace)).join('');
  return `<${local}${declared}${attribute}>${text}${inside}</${local}>`;
}

/** @param signers one after the other, in forms that take several */
export function specimenOf(form: Form, signers: readonly ('rsa' | 'other-rsa')[] = ['rsa']): Specimen {
  const rule = filesRule(form);
  const names = NAMES.slice(0, Math.min(NAMES.length, rule?.count.max ?? 0, namesThatFit(form)));
  const files = names.map((name) => givenFile(name, `content of ${name}`));
  const bare = bareDocument(form, names);
  const [first = ''] = names;
  const documentName = rule?.names.from === 'document-name' ? first + rule.names.suffix : 'document.xml';
  if (bare !== undefined && isXmlSignatureProfileName(form.name)) {
    const text = signDocument(bare, form.name);
    return { form, document: toUtf8(text), documentName, files, text };
  }
  let document = bare === undefined ? undefined : toUtf8(bare);
  for (const kind of signers) {
    const asked = { form, files, at: AT, ...(document === undefined ? {} : { document }) };
    const { skeleton, signedInfoOctets } = prepareForm(asked);
    const value = sign('sha256', signedInfoOctets, testSigner(kind).privateKey) as Uint8Array;
    const subject = { form, document: skeleton, documentName, files };
    const certificate = parseCertificate(testSigner(kind).certificateDer);
    const completed = completeForm(subject, value as SignatureValue, certificate);
    if (completed.document === undefined) throw new Error(JSON.stringify(completed.validation.signers));
    document = completed.document;
  }
  if (document === undefined) throw new Error('nobody signed');
  return { form, document, documentName, files, text: fromUtf8(document) };
}

function namesThatFit(form: Form): number {
  const naming = filesRule(form)?.names;
  if (naming?.from !== 'places') return NAMES.length;
  return naming.places.reduce((sum, name) => sum + (form.places.get(name)?.count.max ?? 0), 0);
}

/** What the form's reader says: the one path that a caller of that form has. */
export function said(specimen: Specimen, text: string | Uint8Array, files = specimen.files): Said {
  const { form } = specimen;
  const document = typeof text === 'string' ? toUtf8(text) : text;
  if (isXmlSignatureProfileName(form.name)) {
    const { report, signedOctets, unsigned } = verify(document, form.name);
    const code = report.checks.find((check) => check.code !== undefined)?.code;
    const verdict = code === undefined ? report.indication : `${report.indication} ${code}`;
    return { verdict, handedOut: signedOctets !== undefined, unsigned, uncoveredFiles: [] };
  }
  const { covered, signers, unsigned, uncoveredFiles } = verifyForm({ ...specimen, document, files });
  const { indication } = conclude(
    signers.flatMap(({ checks }) => checks),
    AT,
  );
  const code = reasonOf({ signers })?.code;
  return {
    verdict: covered === undefined ? `${indication} ${code}` : indication,
    handedOut: covered !== undefined,
    unsigned,
    uncoveredFiles,
  };
}

/** Text with octets put in, by the offsets of a parsed document. */
export function put(text: string, ...changes: readonly (readonly [from: number, to: number, by: string])[]) {
  let octets = Buffer.from(text);
  for (const [from, to, by] of [...changes].sort(([a], [b]) => b - a))
    octets = Buffer.concat([octets.subarray(0, from), Buffer.from(by), octets.subarray(to)]);
  return octets.toString();
}

export function cut(text: string, { start, end }: { readonly start: number; readonly end: number }): string {
  return Buffer.from(text).subarray(start, end).toString();
}

export const rootOf = (text: string): XmlElement => parseXml(toUtf8(text)).root;
const below = (element: XmlElement): XmlElement[] => [element, ...element.childElements().flatMap(below)];
export const elementsOf = (text: string): XmlElement[] => below(rootOf(text));

export const isSignaturePart = ({ namespaceUri, localName }: XmlElement): boolean =>
  namespaceUri === DSIG || SIGNATURE_NAMES.includes(localName);
const SIGNATURE_NAMES = [
  ...['Signature', 'SignedInfo', 'CanonicalizationMethod', 'SignatureMethod', 'Reference', 'Transforms'],
  ...['Transform', 'DigestMethod', 'DigestValue', 'SignatureValue', 'KeyInfo', 'X509Data', 'X509Certificate'],
];

export const called = (text: string, local: string): XmlElement[] =>
  elementsOf(text).filter((element) => element.localName === local && isSignaturePart(element));

/**
 * Every SignedInfo signed again as it now stands, each by its own signer: whatever refuses the document then is a rule
 * and not arithmetic.
 */
export function signedAnew(text: string, signers: readonly SignerKind[] = ['rsa']): string {
  return put(
    text,
    ...called(text, 'Signature').map((signature, index): [number, number, string] => {
      const part = (local: string) => signature.childElements().find((child) => child.localName === local);
      const [info, value] = [part('SignedInfo'), part('SignatureValue')];
      if (info === undefined || value === undefined) throw new Error('a Signature without its parts');
      const octets = canonicalOctets(
        info.document,
        { kind: 'element', element: info },
        { algorithm: C14N_1_0 },
      );
      const { privateKey } = testSigner(signers[index] ?? 'rsa');
      return [value.contentStart, value.contentEnd, sign('sha256', octets, privateKey).toString('base64')];
    }),
  );
}

/** The digest of each element Reference of a form computed anew, and everything signed again. */
export function honest({ form }: Specimen, text: string, files: readonly GivenFile[] = []): string {
  const parsed = parseXml(toUtf8(text));
  const parts = below(parsed.root).filter(isSignaturePart);
  const signature = parts.find(({ localName }) => localName === 'Signature');
  const references = parts.filter(({ localName }) => localName === 'Reference');
  const changes = references.map((reference, index): [number, number, string] => {
    const rule = form.references[index] ?? filesRule(form);
    const value = reference.childElements().find(({ localName }) => localName === 'DigestValue');
    if (rule === undefined || value === undefined || signature === undefined)
      throw new Error('no DigestValue');
    const digest = (octets: Uint8Array) => createHash('sha256').update(octets).digest('base64');
    if (rule.kind === 'files') {
      const uri = reference.attribute('URI') ?? '';
      const file = files.find(({ name }) => [fileUri(name, 'percent'), name].includes(uri));
      const known = file?.digests.sha256;
      return [
        value.contentStart,
        value.contentEnd,
        known ? Buffer.from(known).toString('base64') : cutText(value),
      ];
    }
    const element = rule.kind === 'document' ? parsed.root : targetIn(parsed.root, form, rule.place);
    const inside = element.start < signature.start && signature.end <= element.end;
    const without = inside ? { without: signature } : {};
    const target =
      rule.kind === 'document'
        ? ({ kind: 'document', ...without } as const)
        : ({ kind: 'element', element, ...without } as const);
    return [
      value.contentStart,
      value.contentEnd,
      digest(canonicalOctets(parsed, target, { algorithm: C14N_1_0 })),
    ];
  });
  return signedAnew(put(text, ...changes));
}

const cutText = (element: XmlElement): string => element.text().value;

/** The element of a place, by its path alone. */
export function targetIn(root: XmlElement, form: Form, place: string): XmlElement {
  const [, ...path] = form.places.get(place)?.path ?? [];
  let at = root;
  for (const step of path) {
    const local = step.slice(step.lastIndexOf('}') + 1);
    const next = at
      .childElements()
      .find((child) => (local === '*' ? !isSignaturePart(child) : child.localName === local));
    if (next === undefined) throw new Error(`no ${step}`);
    at = next;
  }
  return at;
}
