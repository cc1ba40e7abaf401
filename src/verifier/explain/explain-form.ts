import { C14N_1_0 } from '../../core/c14n/algorithms.ts';
import { canonicalOctets } from '../../core/c14n/canonicalize.ts';
import { defined } from '../../core/defined.ts';
import { equalOctets, sha256 } from '../../core/digest/sha256.ts';
import { toBase64 } from '../../core/encoding.ts';
import { nameOfUri } from '../../core/forms/file-names.ts';
import { type ReadReference, type ReadSignature, readFormDocument } from '../../core/forms/form-document.ts';
import type { XmlDocument } from '../../core/xml/model.ts';
import { parseXml } from '../../core/xml/parse.ts';
import type { FormSubject } from '../forms/form-validation.ts';
import { documentSource, signedInfoSource } from './document-sources.ts';
import { explainedByKey } from './explained-by-key.ts';
import { OctetBudget } from './octet-budget.ts';
import { fileReadings } from './other-values.ts';
import { type Reading, readings } from './readings.ts';
import { search } from './search.ts';
import { explainValue, type ValueExplanation } from './signature-value.ts';
import { spelledBy } from './spellings.ts';

/** Why one Reference's digest is not that of what lies there now. */
interface ReferenceExplanation {
  /** From 1, in the order of SignedInfo. */
  readonly number: number;
  readonly kind: 'document' | 'element' | 'file';
  /** Local name of the element, or name of the file. */
  readonly name: string;
  /** Base64. */
  readonly expectedDigest: string;
  /** Absent where the file is not at hand. */
  readonly foundDigest?: string;
  readonly cause?: { readonly name: string; readonly explanation: string };
  /** How many readings were tried. */
  readonly tried: number;
}

/** What was done otherwise in a document of a receiver's form. */
export interface FormExplanation {
  /** Those that differ; every signer of a form has the same References. */
  readonly references: readonly ReferenceExplanation[];
  /** Of each signer whose certificate can be read. */
  readonly signers: readonly { readonly number: number; readonly value: ValueExplanation }[];
}

/** Octets that all readings of one document together may be; a file has as many of its own. */
const OCTETS_MADE = 16 * 1024 * 1024;
const MOST_OCTETS = 4 * 1024 * 1024;

/**
 * As `explainDigest`, in a receiver's form: each Reference that differs, and each signer's value. A cause is named only
 * where what it supposes has exactly the digest or value. Bounded and linear in the octets.
 * @param subject files are looked into where their octets are there
 * @throws JitsuinError for a document that is not of the form
 */
export function explainForm(subject: FormSubject): FormExplanation {
  const { form, limits } = subject;
  const document = parseXml(subject.document, limits);
  const { signatures } = readFormDocument(document, form);
  const budget = new OctetBudget(document.octets.length > MOST_OCTETS ? 0 : OCTETS_MADE);
  const [first] = signatures;
  const references = (first?.references ?? []).flatMap((reference, index) => {
    if (first === undefined || reference.digest !== 'sha256') return [];
    const explained =
      reference.kind === 'file'
        ? explainedFile(reference, subject)
        : explainedElement(document, reference, first, budget);
    return explained === undefined ? [] : [{ number: index + 1, ...explained }];
  });
  const signers = signatures.flatMap((signature, index) => {
    const value = explainedSigner(document, signature, budget);
    return value === undefined ? [] : [{ number: index + 1, value }];
  });
  return { references, signers };
}

type Explained = Omit<ReferenceExplanation, 'number'>;
type InnerReference = Exclude<ReadReference, { kind: 'file' }>;

function targetOf(
  document: XmlDocument,
  { kind, element, transforms }: InnerReference,
  signature: ReadSignature,
) {
  const own = signature.shape.signature;
  const inside = own.start > element.start && own.end < element.end;
  const left = transforms.enveloped && inside ? { without: own } : {};
  return kind === 'document' && element === document.root
    ? ({ kind: 'document', ...left } as const)
    : ({ kind: 'element', element, ...left } as const);
}

function explainedElement(
  document: XmlDocument,
  reference: InnerReference,
  signature: ReadSignature,
  budget: OctetBudget,
): Explained | undefined {
  const { kind, element, transforms, shape } = reference;
  const target = targetOf(document, reference, signature);
  const own = canonicalOctets(document, target, { algorithm: transforms.algorithm });
  const source = documentSource(document, element, signature.shape.signature, target);
  const first: Reading = { cause: source.own.cause, explanation: 'what the form says', octets: own };
  // the other readings begin with C14N 1.0, which is the form's own wherever we write
  const others = () => (transforms.algorithm === C14N_1_0 ? readings(source, budget) : [first]);
  return explained({ kind, name: element.localName }, shape.digestValue.text().value, own, others);
}

function explainedFile(
  { uri, shape }: Extract<ReadReference, { kind: 'file' }>,
  { files }: FormSubject,
): Explained | undefined {
  const name = nameOfUri(uri) ?? '';
  const octets = files.find((file) => file.name === name)?.octets;
  if (octets === undefined) return undefined;
  return explained({ kind: 'file', name }, shape.digestValue.text().value, octets, () =>
    fileReadings(octets),
  );
}

/** Undefined where the digest is right. */
function explained(
  what: Pick<Explained, 'kind' | 'name'>,
  digestValue: string,
  own: Uint8Array,
  others: () => Iterable<Reading>,
): Explained | undefined {
  const expected = spelledBy(digestValue);
  const digest = sha256(own);
  const wanted = expected[0]?.octets ?? new Uint8Array();
  if (equalOctets(wanted, digest)) return undefined;
  let tried = 0;
  const found = search(others(), expected, () => {
    tried += 1;
  });
  return defined({
    ...what,
    expectedDigest: toBase64(wanted),
    foundDigest: toBase64(digest),
    cause: found === undefined ? undefined : { name: found.cause, explanation: found.explanation },
    tried,
  });
}

function explainedSigner(
  document: XmlDocument,
  signature: ReadSignature,
  budget: OctetBudget,
): ValueExplanation | undefined {
  const { shape, algorithm, references } = signature;
  const [certificate, second] = shape.certificates;
  const [reference] = references;
  const method = shape.canonicalizationMethod.uri;
  if (certificate === undefined || second !== undefined || reference === undefined || method !== C14N_1_0)
    return undefined;
  const target =
    reference.kind === 'file' ? ({ kind: 'document' } as const) : targetOf(document, reference, signature);
  const parts = {
    signedInfo: shape.signedInfo,
    signature: shape.signature,
    digestValue: reference.shape.digestValue,
  };
  const own = canonicalOctets(
    document,
    { kind: 'element', element: shape.signedInfo },
    { algorithm: C14N_1_0 },
  );
  return explainedByKey(certificate, (publicKey) =>
    explainValue({ algorithm, publicKey, spelled: spelledBy(shape.signatureValue.text().value) }, own, () =>
      readings(signedInfoSource(document, parts, target), budget),
    ),
  );
}
