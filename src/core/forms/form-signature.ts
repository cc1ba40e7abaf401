import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { XMLDSIG_NAMESPACE } from '../xmldsig/profile.ts';
import { signatureCandidates } from '../xmldsig/signature-candidates.ts';
import {
  type AlgorithmUse,
  isWhiteSpace,
  type ReferenceShape,
  readReference,
  shapeFault,
  shapeReader,
} from '../xmldsig/signature-reader.ts';
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
  readonly certificates: readonly XmlElement[];
}

/** More signers than any form has; each costs public-key operations. */
const MOST_SIGNATURES = 10;
const MOST_REFERENCES = 64;
const MOST_CERTIFICATES = 8;

/**
 * Every Signature of a document, each where the form says and nowhere else.
 * @throws JitsuinError `xmldsig.unsigned`, `xmldsig.shape`, `xmldsig.key-info`, `xmldsig.other-form`
 */
export function readFormSignatures(document: XmlDocument, form: Form): readonly FormSignatureShape[] {
  const all = signatureCandidates(document);
  const [first] = all;
  if (first === undefined) throw new JitsuinError('xmldsig.unsigned', 'The document has no Signature.');
  if (all.length > MOST_SIGNATURES)
    throw otherForm(`The document has ${all.length} Signatures; at most ${MOST_SIGNATURES} are read.`);
  const inPlace = signaturesInPlace(document, form);
  const starts = new Set(inPlace.map(({ start }) => start));
  const stray = all.find(({ start }) => !starts.has(start));
  if (stray !== undefined) throw otherForm('A Signature stands where the form has none.', stray);
  const shapes = inPlace.map((signature) => readFormSignature(document, signature, form));
  const ids = shapes.flatMap(({ id }) => (id === undefined ? [] : [id]));
  if (new Set(ids).size < ids.length) throw shapeFault('Two Signatures have the same Id.', first);
  return shapes;
}

function signaturesInPlace(document: XmlDocument, form: Form): readonly XmlElement[] {
  const { signature: rule, signers } = form;
  if (rule.in.length === 0) {
    if (document.root.localName !== 'Signature') throw otherForm('The document element is not a Signature.');
    return [document.root];
  }
  const parents = elementsAt(document.root, rule.in);
  const [parent, second] = parents;
  const shown = rule.in.join('/');
  if (parent === undefined)
    throw otherForm(`There is no ${shown}, where form ${form.name} has its Signature.`);
  if (second !== undefined) throw otherForm(`There is more than one ${shown}.`, second);
  expectAfter(document, form, parent);
  const children = parent.childElements();
  const signatures = children.filter(({ localName }) => localName === 'Signature');
  const firstOf = signatures[0];
  if (firstOf === undefined) throw otherForm(`${shown} holds no Signature; it stands elsewhere.`, parent);
  if (rule.alone && (signatures.length !== children.length || parent.attributes.length > 0))
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

function readFormSignature(document: XmlDocument, signature: XmlElement, form: Form): FormSignatureShape {
  const { prefix } = form.signature;
  const isSignaturePart = (element: XmlElement) =>
    element.namespaceUri === XMLDSIG_NAMESPACE && (prefix === '*' || element.prefix === prefix);
  if (signature.namespaceUri !== XMLDSIG_NAMESPACE)
    throw otherForm('The Signature is not in the namespace of XML Signature.', signature);
  if (!isSignaturePart(signature)) {
    const wanted = prefix === '' ? 'without a prefix' : `with the prefix "${prefix}"`;
    throw otherForm(`The Signature must be written ${wanted}.`, signature);
  }
  const id = readId(document, signature, form.signature);
  const reader = shapeReader(document, isSignaturePart);
  const [signedInfo, signatureValue, keyInfo] = reader.signatureChildren(signature);
  const [canonicalizationMethod, signatureMethod, ...references] = reader.signedInfoChildren(signedInfo);
  for (const element of [signedInfo, keyInfo]) reader.expectNoAttributes(element);
  if (references.length > MOST_REFERENCES)
    throw otherForm(
      `SignedInfo has ${references.length} References; at most ${MOST_REFERENCES} are read.`,
      signedInfo,
    );
  return defined({
    signature,
    id,
    signedInfo,
    canonicalizationMethod: reader.algorithm(canonicalizationMethod),
    signatureMethod: reader.algorithm(signatureMethod),
    references: references.map((element) => readReference(reader, element, 'optional')),
    signatureValue: reader.leaf(signatureValue),
    certificates: readKeyInfo(reader, keyInfo, form, isSignaturePart).map((element) => reader.leaf(element)),
  });
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
