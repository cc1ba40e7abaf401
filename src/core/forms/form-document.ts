import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { type SignatureAlgorithm, signatureAlgorithm } from '../xmldsig/algorithms.ts';
import type { AlgorithmUse, ReferenceShape } from '../xmldsig/signature-reader.ts';
import { nameOfUri } from './file-names.ts';
import type { DigestWord, Form, FormReference, FormTransforms } from './form.ts';
import { type FormSignatureShape, readFormSignatures } from './form-signature.ts';
import { elementsOfPlace, expectRoot, otherForm, targetOfReference } from './places.ts';
import { DIGEST_WORDS } from './words.ts';

type FileRule = Extract<FormReference, { kind: 'files' }>;

/** A Reference with the row of the form that it follows. */
export type ReadReference =
  | {
      readonly kind: 'element' | 'document';
      /** Name of the place; empty for the whole document. */
      readonly place: string;
      readonly element: XmlElement;
      readonly transforms: FormTransforms;
      readonly digest: DigestWord;
      readonly shape: ReferenceShape;
    }
  | {
      readonly kind: 'file';
      readonly rule: FileRule;
      readonly uri: string;
      readonly digest: DigestWord;
      readonly shape: ReferenceShape;
    };

export interface ReadSignature {
  readonly shape: FormSignatureShape;
  readonly algorithm: SignatureAlgorithm;
  readonly references: readonly ReadReference[];
}

/** A document that is of the form in all that can be seen before any cryptography. */
export interface FormDocument {
  readonly signatures: readonly ReadSignature[];
}

/**
 * Measures a document against the form that was asked for: root, places, IDs, Signatures, References and algorithms.
 * Nothing is
 * dereferenced, digested or executed, and no other form is tried.
 * @param signers how many must have signed, where the caller knows
 * @throws JitsuinError `xmldsig.unsigned`, `xmldsig.shape`, `xmldsig.key-info`, `xmldsig.other-form`, `xmldsig.policy`
 */
export function readFormDocument(document: XmlDocument, form: Form, signers?: number): FormDocument {
  if (form.root.length > 0) expectRoot(document, form);
  const shapes = readFormSignatures(document, form);
  for (const [name, place] of form.places) elementsOfPlace(document, name, place);
  const targets = form.references.map((rule) =>
    rule.kind === 'element' ? targetOfReference(document, form, rule) : undefined,
  );
  expectNumber(shapes.length, form, signers);
  const signatures = shapes.map((shape) => readSignature(document, form, shape, targets));
  const [first] = signatures;
  for (const signature of signatures) {
    if (first !== undefined && !sameReferences(first.shape.references, signature.shape.references))
      throw otherForm(
        'The signers have not signed the same: their References differ.',
        signature.shape.signature,
      );
  }
  return { signatures };
}

type Target = ReturnType<typeof targetOfReference>;

function expectNumber(found: number, { name, signers }: Form, asked: number | undefined): void {
  if (found < signers.min) throw otherForm(`Form ${name} needs ${signers.min} signers; ${found} signed.`);
  if (asked !== undefined && found !== asked)
    throw otherForm(`${asked} signers were asked for; ${found} signed.`);
}

function readSignature(
  document: XmlDocument,
  form: Form,
  shape: FormSignatureShape,
  targets: readonly (Target | undefined)[],
): ReadSignature {
  const { canonicalizationMethod, signatureMethod } = shape;
  if (!form.c14n.some((uri) => uri === canonicalizationMethod.uri) || canonicalizationMethod.parameters)
    throw policyFault(
      `CanonicalizationMethod is ${shownUri(canonicalizationMethod)}, which form ${form.name} has not.`,
    );
  const algorithm = signatureAlgorithm(signatureMethod.uri);
  const known = form.algorithms.some(({ uri }) => uri === algorithm?.uri);
  if (algorithm === undefined || !known || signatureMethod.parameters)
    throw policyFault(`SignatureMethod is ${shownUri(signatureMethod)}, which form ${form.name} has not.`);
  return { shape, algorithm, references: readReferences(document, form, shape, targets) };
}

function readReferences(
  document: XmlDocument,
  form: Form,
  { references }: FormSignatureShape,
  targets: readonly (Target | undefined)[],
): readonly ReadReference[] {
  const fixed = form.references.filter(({ kind }) => kind !== 'files').length;
  const files = form.references.find((rule) => rule.kind === 'files');
  const least = fixed + (files?.count.min ?? 0);
  const most = fixed + (files?.count.max ?? 0);
  if (references.length < least || references.length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    throw otherForm(`SignedInfo has ${references.length} References; form ${form.name} has ${wanted}.`);
  }
  return references.map((shape, index) => {
    const rule = form.references[index] ?? files;
    if (rule === undefined || shape.parameters)
      throw otherForm(`Reference ${index + 1} has an attribute beside URI, or no place in the form.`);
    return readReference(document, rule, shape, targets[index], index + 1);
  });
}

function readReference(
  document: XmlDocument,
  rule: FormReference,
  shape: ReferenceShape,
  target: Target | undefined,
  number: number,
): ReadReference {
  const digest = digestOf(rule, shape.digestMethod, number);
  const transforms = transformsOf(rule, shape, number);
  if (rule.kind === 'files') {
    const { uri } = shape;
    if (uri === undefined || uri === '' || nameOfUri(uri) === undefined)
      throw otherForm(`Reference ${number} must name a file by its bare name; its URI is ${shown(uri)}.`);
    return { kind: 'file', rule, uri, digest, shape };
  }
  const { element, uri } =
    rule.kind === 'document' ? { element: document.root, uri: '' } : (target as Target);
  if (shape.uri !== uri) {
    throw otherForm(`The URI of Reference ${number} is ${shown(shape.uri)}; the form writes ${shown(uri)}.`);
  }
  const place = rule.kind === 'element' ? rule.place : '';
  return { kind: rule.kind, place, element, transforms, digest, shape };
}

function digestOf(rule: FormReference, { uri, parameters }: AlgorithmUse, number: number): DigestWord {
  const digest = rule.digest.find((word) => DIGEST_WORDS[word] === uri);
  if (digest !== undefined && !parameters) return digest;
  throw policyFault(`DigestMethod of Reference ${number} is ${shown(uri)}, which the form has not.`);
}

function transformsOf(rule: FormReference, { transforms }: ReferenceShape, number: number): FormTransforms {
  const found = rule.transforms.find(
    ({ uris }) =>
      uris.length === transforms.length &&
      uris.every((uri, index) => uri === transforms[index]?.uri && !transforms[index].parameters),
  );
  if (found !== undefined) return found;
  const written = transforms.map(({ uri }) => shown(uri)).join(', ') || 'none';
  throw policyFault(`The transforms of Reference ${number} (${written}) are not a list of the form.`);
}

function sameReferences(one: readonly ReferenceShape[], other: readonly ReferenceShape[]): boolean {
  return (
    one.length === other.length &&
    one.every((reference, index) => {
      const twin = other[index];
      return (
        twin !== undefined &&
        reference.uri === twin.uri &&
        reference.digestMethod.uri === twin.digestMethod.uri &&
        reference.transforms.length === twin.transforms.length &&
        reference.transforms.every(({ uri }, at) => uri === twin.transforms[at]?.uri) &&
        bare(reference) === bare(twin)
      );
    })
  );
}

function bare({ digestValue }: ReferenceShape): string {
  return digestValue.text().value.replace(/[\t\n\r ]/g, '');
}

const LONGEST_SHOWN = 120;

/** A text of the document as a message may hold it. */
function shown(text: string | undefined): string {
  if (text === undefined) return 'absent';
  const plain = text.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/gu, '\u{fffd}');
  return `"${plain.length > LONGEST_SHOWN ? `${plain.slice(0, LONGEST_SHOWN)}…` : plain}"`;
}

function shownUri({ uri, parameters }: AlgorithmUse): string {
  return parameters ? `${shown(uri)} with parameters` : shown(uri);
}

function policyFault(message: string): JitsuinError {
  return new JitsuinError('xmldsig.policy', message);
}
