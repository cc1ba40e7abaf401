import { canonicalOctets } from '../../core/c14n/canonicalize.ts';
import { defined } from '../../core/defined.ts';
import { equalOctets, hexSha256 } from '../../core/digest/sha256.ts';
import { JitsuinError } from '../../core/errors.ts';
import { nameOfUri } from '../../core/forms/file-names.ts';
import { type Form, formIdentity } from '../../core/forms/form.ts';
import { type FormDocument, type ReadSignature, readFormDocument } from '../../core/forms/form-document.ts';
import { otherForm } from '../../core/forms/places.ts';
import { type UncoveredPart, uncoveredParts } from '../../core/forms/uncovered.ts';
import type { XmlDocument } from '../../core/xml/model.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { keyPolicyFault, verifySignatureValue } from '../../core/xmldsig/algorithms.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { CheckRecorder, CheckStopped } from '../xmldsig/check-recorder.ts';
import { certificateOf, signatureValueOf } from '../xmldsig/signature-text.ts';
import { type FormDigests, formDigests } from './form-digests.ts';
import type { FormSigner, FormSubject, FormValidation } from './form-validation.ts';

/**
 * Verifies every Signature of a document in the form that the caller asked for: form, SignatureValue, digests of
 * elements, then of files.
 * No other form is tried. Each target is digested once, however many have signed it: the cost is that of the octets
 * and of the
 * Signatures, not their product. Paths and revocation are judged elsewhere.
 *
 * A wrong signature is a report; nothing throws because of a document.
 */
export function verifyForm(subject: FormSubject): FormValidation {
  const { form } = subject;
  const read = readDocument(subject);
  if ('checks' in read) {
    const signer: FormSigner = { number: 1, checks: read.checks, others: [], cryptography: 'open' };
    return { form: formIdentity(form), signers: [signer], unsigned: [], uncoveredFiles: [], namedFiles: [] };
  }
  const digests = formDigests(read.document, subject);
  const signers = read.signatures.map((signature, index) =>
    verifyOne(subject, signature, index + 1, digests),
  );
  const distinct = signers.map((signer, index) => refusedTwin(signer, signers.slice(0, index)));
  const right = distinct.every(({ cryptography }) => cryptography === 'agreed');
  return defined({
    form: formIdentity(form),
    signers: distinct,
    unsigned: read.unsigned,
    uncoveredFiles: read.uncoveredFiles,
    namedFiles: right ? digests.namedFiles() : [],
    covered: right ? digests.covered(read.signatures[0]?.references ?? []) : undefined,
  });
}

interface ReadSubject extends FormDocument {
  readonly document: XmlDocument;
  readonly unsigned: readonly UncoveredPart[];
  readonly uncoveredFiles: readonly string[];
}

function readDocument(subject: FormSubject): ReadSubject | Pick<FormSigner, 'checks'> {
  const recorder = new CheckRecorder();
  try {
    const document = recorder.run('well-formed', () => parseXml(subject.document, subject.limits));
    const { form, signers, files } = subject;
    const read = recorder.run('shape', () => {
      const { signatures } = readFormDocument(document, form, signers);
      const uncoveredFiles = filesBeside(files, signatures, form);
      return { signatures, unsigned: uncoveredParts(document, form, signatures), uncoveredFiles };
    });
    return { document, ...read };
  } catch (thrown) {
    if (thrown instanceof CheckStopped) return { checks: recorder.checks() };
    throw thrown;
  }
}

/** Files that were given and that no Reference names. */
function filesBeside(
  files: FormSubject['files'],
  signatures: readonly ReadSignature[],
  form: Form,
): readonly string[] {
  const references = signatures[0]?.references ?? [];
  const named = new Set(
    references.flatMap((reference) => (reference.kind === 'file' ? [nameOfUri(reference.uri)] : [])),
  );
  const beside = files.map(({ name }) => name).filter((name) => !named.has(name));
  if (beside.length > 0 && !form.unsigned.files)
    throw otherForm(
      `File "${beside[0]}" is not signed, and form ${form.name} lets none lie beside the document.`,
    );
  return beside;
}

function verifyOne(
  subject: FormSubject,
  signature: ReadSignature,
  number: number,
  digests: FormDigests,
): FormSigner {
  const recorder = new CheckRecorder();
  const { shape, algorithm } = signature;
  const found: { -readonly [Key in keyof FormSigner]?: FormSigner[Key] } = { others: [] };
  let agreed = false;
  try {
    const value = recorder.run('shape', () => signatureValueOf(shape.signatureValue));
    recorder.pass('algorithm-policy');
    const { leaf, others } = recorder.run('certificate-syntax', () =>
      readCertificates(subject.form, signature),
    );
    Object.assign(found, { certificate: leaf, others });
    const publicKey = recorder.run('key-policy', () => {
      const key = leaf.publicKey();
      const fault = keyPolicyFault(key, algorithm);
      if (fault !== undefined) throw new JitsuinError('certificate.key-policy', fault);
      return key;
    });
    recorder.run('signature-value', () => {
      const method = shape.canonicalizationMethod.uri;
      const c14n = subject.form.c14n.find((uri) => uri === method);
      if (c14n === undefined)
        throw new JitsuinError('xmldsig.policy', 'CanonicalizationMethod is not of the form.');
      const target = { kind: 'element', element: shape.signedInfo } as const;
      const octets = canonicalOctets(shape.signedInfo.document, target, { algorithm: c14n });
      if (!verifySignatureValue(algorithm, publicKey, octets, value))
        throw new JitsuinError(
          'xmldsig.signature',
          'The SignatureValue is not that of SignedInfo by this key.',
        );
      found.signedInfoSha256 = hexSha256(octets);
    });
    recorder.run('reference-digest', () => digests.expectAll(signature));
    agreed = true;
  } catch (thrown) {
    if (!(thrown instanceof CheckStopped)) throw thrown;
  }
  return defined({
    number,
    signatureId: shape.id,
    checks: recorder.checks(),
    certificate: found.certificate,
    others: found.others ?? [],
    cryptography: agreed ? 'agreed' : 'open',
    signedInfoSha256: found.signedInfoSha256,
  });
}

/** The signer's own is the one that is no CA's; two of them are refused, as nobody says which one signed. */
function readCertificates(
  form: Form,
  { shape }: ReadSignature,
): { readonly leaf: Certificate; readonly others: readonly Certificate[] } {
  const all = shape.certificates.map((element) => parseCertificate(certificateOf(element)));
  const [only] = all;
  if (form.keyInfo === 'leaf' && only !== undefined) return { leaf: only, others: [] };
  const leaves = all.filter(({ basicConstraints }) => basicConstraints?.ca !== true);
  const [leaf, second] = leaves;
  if (leaf === undefined)
    throw new JitsuinError(
      'xmldsig.key-info',
      'KeyInfo holds certificates of CAs only, and none of a signer.',
    );
  if (second !== undefined) throw otherForm('KeyInfo holds certificates of two signers.');
  return { leaf, others: all.filter((certificate) => certificate !== leaf) };
}

/** Who signs twice is one signer. */
function refusedTwin(signer: FormSigner, before: readonly FormSigner[]): FormSigner {
  const { certificate } = signer;
  if (certificate === undefined) return signer;
  const key = certificate.subjectPublicKeyInfo.der;
  const twin = before.find(
    (other) =>
      other.certificate !== undefined && equalOctets(other.certificate.subjectPublicKeyInfo.der, key),
  );
  if (twin === undefined) return signer;
  const recorder = new CheckRecorder();
  try {
    recorder.stop('shape', 'xmldsig.other-form', {
      detail: `Signatures ${twin.number} and ${signer.number} are by the same signer.`,
    });
  } catch (thrown) {
    if (!(thrown instanceof CheckStopped)) throw thrown;
  }
  return { ...signer, checks: recorder.checks(), cryptography: 'open' };
}
