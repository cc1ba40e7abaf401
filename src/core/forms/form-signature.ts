import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { XMLDSIG_NAMESPACE } from '../xmldsig/profile.ts';
import { defaultNamespace, signatureCandidates, standingAlone } from '../xmldsig/signature-candidates.ts';
import {
  type AlgorithmUse,
  isWhiteSpace,
  type ReferenceShape,
  readReference,
  shapeFault,
  shapeReader,
} from '../xmldsig/signature-reader.ts';
import { unsignedProperties } from '../xmldsig/unsigned-properties.ts';
import type { Form, FormSignature } from './form.ts';
import { elementsAt, expectOnlyId, otherForm } from './places.ts';

/** One Signature of a document, read by position. */
export interface FormSignatureShape {
  readonly signature: XmlElement;
  readonly id?: string;
  readonly signedInfo: XmlElement;
  readonly canonicalizationMethod: AlgorithmUse;
  readonly signatureMethod: AlgorithmUse;
  readonly references: readonly ReferenceShape[];
  readonly signatureValue: XmlElement;
  /** At least one; each a leaf of text only. */
  readonly certificates: readonly XmlElement[];
  /** An Object of unsigned XAdES properties; only where reading is wider than making. */
  readonly properties?: XmlElement;
}

/** The Signature of a form that has one signer, and one certificate of hers. */
export interface OnlySignature extends FormSignatureShape {
  readonly certificate: XmlElement;
}

/** `wider`: the Signature may have an Id that the form does not write, and unsigned properties of XAdES. */
type FormReading = 'as-written' | 'wider';

/** More signers than any form has; each costs public-key operations. */
const MOST_SIGNATURES = 10;
const MOST_REFERENCES = 64;
const MOST_CERTIFICATES = 8;

/** The Signature of a document in a form that has one signer. @throws JitsuinError as `readFormSignatures` */
export function readOnlySignature(
  document: XmlDocument,
  form: Form,
  reading: FormReading = 'as-written',
): OnlySignature {
  const [shape] = readFormSignatures(document, form, reading);
  const [certificate] = shape?.certificates ?? [];
  if (shape === undefined || certificate === undefined)
    throw new JitsuinError('xmldsig.unsigned', 'The document has no Signature.');
  return { ...shape, certificate };
}

/**
 * Every Signature of a document, each where the form says and nowhere else.
 * @throws JitsuinError `xmldsig.unsigned`, `xmldsig.shape`, `xmldsig.key-info`, `xmldsig.other-form`
 */
export function readFormSignatures(
  document: XmlDocument,
  form: Form,
  reading: FormReading = 'as-written',
): readonly FormSignatureShape[] {
  const all = signatureCandidates(document);
  const [first] = all;
  if (first === undefined) throw new JitsuinError('xmldsig.unsigned', 'The document has no Signature.');
  if (form.signers.max === 1) expectNoTwin(all);
  if (all.length > MOST_SIGNATURES)
    throw otherForm(`The document has ${all.length} Signatures; at most ${MOST_SIGNATURES} are read.`);
  const inPlace = signaturesInPlace(document, form, all);
  const starts = new Set(inPlace.map(({ start }) => start));
  const stray = all.find(({ start }) => !starts.has(start));
  if (stray !== undefined) throw otherForm('A Signature stands where the form has none.', stray);
  const isPart = signatureParts(document, form);
  const shapes = inPlace.map((signature) => readFormSignature(signature, form, { isPart, reading }));
  const ids = shapes.flatMap(({ id }) => (id === undefined ? [] : [id]));
  if (new Set(ids).size < ids.length) throw shapeFault('Two Signatures have the same Id.', first);
  return shapes;
}

/** XML Schema: an Id is one element's only; two Signatures with one Id are no XML Signature at all. */
function expectNoTwin(signatures: readonly XmlElement[]): void {
  const seen = new Set<string>();
  for (const signature of signatures.slice(0, MOST_SIGNATURES)) {
    const id = signature.attribute('Id');
    if (id !== undefined && seen.has(id)) throw shapeFault('Two Signatures have the same Id.', signature);
    if (id !== undefined) seen.add(id);
  }
}

/** Whether an element is in the namespace of the form's Signature, and written with its prefix. */
function signatureParts(
  document: XmlDocument,
  { signature: { namespace, prefix } }: Form,
): (element: XmlElement) => boolean {
  if (namespace === 'xmldsig')
    return (element) =>
      element.namespaceUri === XMLDSIG_NAMESPACE && (prefix === '*' || element.prefix === prefix);
  // Found once: a document can make its root's start tag as long, and the elements to compare with it as many, as
  // it likes.
  const unqualified = defaultNamespace(document.root);
  return (element) =>
    element.namespaceUri === unqualified && element.prefix === '' && declaresNothing(element);
}

function declaresNothing({ document, start, contentStart }: XmlElement): boolean {
  const { buffer, byteOffset } = document.octets;
  return !Buffer.from(buffer, byteOffset + start, contentStart - start).includes('xmlns');
}

function signaturesInPlace(
  document: XmlDocument,
  form: Form,
  all: readonly XmlElement[],
): readonly XmlElement[] {
  const { signature: rule, signers } = form;
  if (rule.in.length === 0) {
    if (document.root.localName !== 'Signature') throw otherForm('The document element is not a Signature.');
    return [document.root];
  }
  const alone = all.map(standingAlone).find((told) => told !== undefined);
  if (alone !== undefined) throw otherForm(`${alone} Form ${form.name} has it inside of the document.`);
  const parents = elementsAt(document.root, rule.in);
  const [parent, second] = parents;
  const shown = rule.in.join('/');
  if (parent === undefined)
    throw otherForm(`There is no ${shown}, where form ${form.name} has its Signature.`);
  if (second !== undefined) throw otherForm(`There is more than one ${shown}.`, second);
  expectAfter(document, form, parent);
  const signatures = all.filter(({ parent: above }) => above?.start === parent.start);
  const firstOf = signatures[0];
  if (firstOf === undefined) throw otherForm(`${shown} holds no Signature; it stands elsewhere.`, parent);
  if (rule.alone && (signatures.length !== parent.childElements().length || parent.attributes.length > 0))
    throw otherForm(`${shown} may hold Signatures only.`, parent);
  expectNothingBetween(document, parent, signatures, rule);
  if (signatures.length > signers.max)
    throw otherForm(
      `There are ${signatures.length} Signatures; form ${form.name} has at most ${signers.max}.`,
    );
  return signatures;
}

/** Signatures stand side by side, and nothing but white space follows them (nor goes before, where they are alone). */
function expectNothingBetween(
  { octets }: XmlDocument,
  parent: XmlElement,
  signatures: readonly XmlElement[],
  { alone }: FormSignature,
): void {
  let position = alone ? parent.contentStart : (signatures[0]?.start ?? 0);
  for (const { start, end } of signatures) {
    if (!isWhiteSpace(octets, position, start))
      throw otherForm('Something stands beside the Signature.', { start });
    position = end;
  }
  if (!isWhiteSpace(octets, position, parent.contentEnd))
    throw otherForm('Something stands after the Signature.', { start: position });
}

function expectAfter(document: XmlDocument, { signature, places }: Form, parent: XmlElement): void {
  if (signature.after === undefined) return;
  const [before] = elementsAt(document.root, places.get(signature.after)?.path ?? []);
  const siblings = parent.parent?.childElements() ?? [];
  const at = siblings.findIndex(({ start }) => start === parent.start);
  if (before === undefined || siblings[at - 1]?.start !== before.start)
    throw otherForm(`${parent.localName} must come directly after ${signature.after}.`, parent);
}

interface SignatureRead {
  readonly isPart: (element: XmlElement) => boolean;
  readonly reading: FormReading;
}

function readFormSignature(
  signature: XmlElement,
  form: Form,
  { isPart, reading }: SignatureRead,
): FormSignatureShape {
  const { document } = signature;
  if (!isPart(signature)) throw otherForm(strangeName(signature, form), signature);
  const id = readId(document, signature, idRule(document, signature, form, reading));
  const properties = reading === 'wider' ? unsignedProperties(signature, id) : undefined;
  const reader = shapeReader(document, isPart);
  const [signedInfo, signatureValue, keyInfo] = reader.signatureChildren(signature, properties);
  const [canonicalizationMethod, signatureMethod, ...references] = reader.signedInfoChildren(signedInfo);
  for (const element of [signedInfo, keyInfo]) reader.expectNoAttributes(element);
  // where one Reference is all, their number is told with what the form has
  if (references.length > MOST_REFERENCES && form.references.some(({ kind }) => kind === 'files'))
    throw otherForm(
      `SignedInfo has ${references.length} References; at most ${MOST_REFERENCES} are read.`,
      signedInfo,
    );
  const bare = form.references.some(({ transforms }) => transforms.some(({ uris }) => uris.length === 0));
  return defined({
    signature,
    id,
    signedInfo,
    canonicalizationMethod: reader.algorithm(canonicalizationMethod),
    signatureMethod: reader.algorithm(signatureMethod),
    references: references.map((element) => readReference(reader, element, bare ? 'optional' : 'needed')),
    signatureValue: reader.leaf(signatureValue),
    certificates: readKeyInfo(reader, keyInfo, form, isPart).map((element) => reader.leaf(element)),
    properties,
  });
}

function strangeName(signature: XmlElement, { name, signature: { namespace, prefix } }: Form): string {
  if (namespace === 'none' || signature.namespaceUri !== XMLDSIG_NAMESPACE)
    return `The Signature is not in the namespace that form ${name} has.`;
  return `The Signature must be written ${prefix === '' ? 'without a prefix' : `with the prefix "${prefix}"`}.`;
}

/** Our own XAdES export has an Id that the form does not write; a wider reading takes it where nothing else has it. */
function idRule(
  document: XmlDocument,
  signature: XmlElement,
  { signature: rule }: Form,
  reading: FormReading,
): FormSignature {
  if (reading === 'as-written' || rule.id !== undefined || rule.namespace === 'none') return rule;
  const id = signature.attribute('Id');
  if (id === undefined || document.elementsWithId(id).length > 1) return rule;
  return { ...rule, id: { name: 'Id', optional: true } };
}

function readId(document: XmlDocument, signature: XmlElement, rule: FormSignature): string | undefined {
  const { attributes } = signature;
  const id = rule.id === undefined ? undefined : signature.attribute(rule.id.name);
  if (attributes.length > (id === undefined ? 0 : 1))
    throw otherForm('The Signature has an attribute that the form has not.', signature);
  if (rule.id === undefined) return undefined;
  const { name, optional, digits } = rule.id;
  if (id === undefined) {
    if (optional) return undefined;
    throw otherForm(`The Signature must have the attribute ${name}.`, signature);
  }
  if (digits !== undefined && !(id.length === digits && /^[0-9]+$/.test(id)))
    throw otherForm(`${name} of the Signature must be ${digits} digits.`, signature);
  expectOnlyId(document, signature, id);
  return id;
}

const BESIDE_DATA: readonly string[] = ['KeyName', 'KeyValue'];

/** The certificates of the one X509Data; beside them only what the form lists. */
function readKeyInfo(
  reader: ReturnType<typeof shapeReader>,
  keyInfo: XmlElement,
  { keyInfo: policy, keyInfoAlso }: Form,
  isSignaturePart: (element: XmlElement) => boolean,
): readonly XmlElement[] {
  const also = new Set<string>(keyInfoAlso);
  const children = reader.elementsOf(keyInfo);
  const data = children.filter((child) => isSignaturePart(child) && child.localName === 'X509Data');
  const stray = children.find(
    (child) => !data.includes(child) && !(also.has(child.localName) && BESIDE_DATA.includes(child.localName)),
  );
  if (stray !== undefined)
    throw otherForm(`KeyInfo holds ${stray.localName}, which the form has not.`, stray);
  const [x509Data, second] = data;
  if (x509Data === undefined)
    throw new JitsuinError('xmldsig.key-info', 'KeyInfo holds no X509Data, so nobody is named who signed.');
  if (second !== undefined) throw otherForm('KeyInfo holds more than one X509Data.', second);
  reader.expectNoAttributes(x509Data);
  const inside = reader.elementsOf(x509Data);
  const certificates = inside.filter(
    (child) => isSignaturePart(child) && child.localName === 'X509Certificate',
  );
  const other = inside.find((child) => !certificates.includes(child) && !also.has(child.localName));
  if (other !== undefined)
    throw otherForm(`X509Data holds ${other.localName}, which the form has not.`, other);
  if (certificates.length === 0)
    throw new JitsuinError(
      'xmldsig.key-info',
      'X509Data holds no X509Certificate, so nobody is named who signed.',
    );
  const most = policy === 'leaf' ? 1 : MOST_CERTIFICATES;
  if (certificates.length > most)
    throw otherForm(
      `X509Data holds ${certificates.length} certificates; the form has at most ${most}.`,
      x509Data,
    );
  return certificates;
}
