import { createHash } from 'node:crypto';
import type { CanonicalOctets, EpochMillis, Sha256Digest, SigningInput } from '../brand.ts';
import { canonicalOctets } from '../c14n/canonicalize.ts';
import { expectUndisputed } from '../c14n/expect-undisputed.ts';
import type { C14nTarget } from '../c14n/targets.ts';
import { defined } from '../defined.ts';
import { sha256 } from '../digest/sha256.ts';
import { signingInput } from '../digest/signing-input.ts';
import { toUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { HOUR_MILLIS } from '../spans.ts';
import type { XmlLimits } from '../xml/limits.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { parseXml } from '../xml/parse.ts';
import { fileUri } from './file-names.ts';
import type { DigestWord, Form, FormReference } from './form.ts';
import { type FormSignatureShape, readFormSignatures } from './form-signature.ts';
import { elementsAt, expectRoot, otherForm, targetOfReference } from './places.ts';
import { type WrittenReference, writtenSignature } from './signature-writer.ts';
import { signedNames, type VerifiedPlace } from './signed-names.ts';

/** A file that will be signed beside the document: its name and the digests that the form asks for. */
export interface FileToSign {
  readonly name: string;
  readonly digests: Readonly<Partial<Record<DigestWord, Uint8Array>>>;
}

export interface FormToPrepare {
  readonly form: Form;
  /** Absent where the Signature is the whole document. Signatures of others may stand in it already. */
  readonly document?: Uint8Array;
  readonly files: readonly FileToSign[];
  /**
   * Japan time of this instant is the Signature's Id, where the form wants digits; moved by a second where it is
   * taken.
   */
  readonly at: EpochMillis;
  readonly limits?: Partial<XmlLimits>;
}

/** A signature in a form that waits for its value. */
export interface PreparedForm {
  /** The document with one Signature more, whose SignatureValue and X509Certificate are empty. */
  readonly skeleton: Uint8Array;
  /** Canonical SignedInfo in its place. */
  readonly signedInfoOctets: CanonicalOctets;
  readonly digest: Sha256Digest;
  /**
   * `data` of the start request, mode digest-info. One card operation signs every Reference, so one PIN entry does for
   * all files.
   */
  readonly data: SigningInput;
}

/**
 * Writes exactly what the form says into a document and computes what the card has to sign. Not one octet of the
 * document changes
 * outside of the Signature (and of the element that holds it, where that was missing).
 * @throws JitsuinError `xmldsig.profile` for a form that cannot be signed so, `xmldsig.file`, `xmldsig.other-form`,
 *   `c14n.disputed-construct`, and the codes of `core/xml`
 */
export function prepareForm(asked: FormToPrepare): PreparedForm {
  const { form, limits } = asked;
  const [algorithm] = form.algorithms;
  if (algorithm?.hash !== 'sha256' || algorithm.family !== 'rsa-pkcs1')
    throw new JitsuinError(
      'xmldsig.profile',
      `Form ${form.name} is not signed by rsa-sha256, as the card signs.`,
    );
  const parsed = asked.document === undefined ? undefined : parseXml(asked.document, limits);
  const references = writtenReferences(asked, parsed);
  const signature = writtenSignature(form, references, signatureId(asked, parsed));
  return readFormSkeleton(
    parsed === undefined ? alone(signature, form) : spliced(parsed, form, signature),
    form,
    limits,
  );
}

/**
 * What a skeleton gives to be signed, computed from its octets alone.
 * @throws JitsuinError as `openSignature`, `digest.*`
 */
export function readFormSkeleton(
  skeleton: Uint8Array,
  form: Form,
  limits?: Partial<XmlLimits>,
): PreparedForm {
  const [c14n] = form.c14n;
  if (c14n === undefined) throw otherForm('The form has no canonicalization.');
  const { signedInfo } = openSignature(parseXml(skeleton, limits), form);
  const target = { kind: 'element', element: signedInfo } as const;
  const octets = canonicalOctets(signedInfo.document, target, { algorithm: c14n });
  const digest = sha256(octets);
  return { skeleton, signedInfoOctets: octets, digest, data: signingInput('digest-info', digest) };
}

/**
 * The Signature of a skeleton that waits for its value. @throws JitsuinError as `readFormSignatures`, `xmldsig.state`
 */
export function openSignature(skeleton: XmlDocument, form: Form): FormSignatureShape {
  const open = readFormSignatures(skeleton, form).filter(
    ({ signatureValue: { contentStart, contentEnd } }) => contentStart === contentEnd,
  );
  const [only, second] = open;
  if (only !== undefined && second === undefined) return only;
  throw new JitsuinError(
    'xmldsig.state',
    `The document holds ${open.length} Signatures without a value instead of one.`,
  );
}

function writtenReferences(
  asked: FormToPrepare,
  document: XmlDocument | undefined,
): readonly WrittenReference[] {
  const { form, files, limits } = asked;
  const verified: VerifiedPlace[] = [];
  return form.references.flatMap((rule) => {
    if (rule.kind === 'files')
      return fileReferences(rule, namesToSign(form, rule, verified, files, limits), files);
    if (document === undefined) throw otherForm(`Form ${form.name} signs a document; only files were given.`);
    return [innerReference(document, form, rule, verified)];
  });
}

function innerReference(
  document: XmlDocument,
  form: Form,
  rule: Exclude<FormReference, { kind: 'files' }>,
  verified: VerifiedPlace[],
): WrittenReference {
  if (form.root.length > 0) expectRoot(document, form);
  const [transforms] = rule.transforms;
  const [digest = 'sha256'] = rule.digest;
  if (transforms === undefined) throw otherForm('The form has no transforms.');
  const found =
    rule.kind === 'document' ? { element: document.root, uri: '' } : targetOfReference(document, form, rule);
  const target: C14nTarget =
    rule.kind === 'document' ? { kind: 'document' } : { kind: 'element', element: found.element };
  expectUndisputed(document, target);
  const octets = canonicalOctets(document, target, { algorithm: transforms.algorithm });
  if (rule.kind === 'element') verified.push({ place: rule.place, octets });
  const value = createHash(digest).update(octets).digest();
  return defined({ uri: found.uri, transforms, digest, value });
}

type FileRule = Extract<FormReference, { kind: 'files' }>;

function namesToSign(
  form: Form,
  rule: FileRule,
  verified: readonly VerifiedPlace[],
  files: readonly FileToSign[],
  limits: Partial<XmlLimits> | undefined,
): readonly string[] {
  const { names, count } = rule;
  const found =
    names.from === 'places'
      ? signedNames(form, names.places, verified, limits)
      : files.map(({ name }) => name);
  if (found.length < count.min || found.length > count.max)
    throw otherForm(`Form ${form.name} signs ${count.min} to ${count.max} files; there are ${found.length}.`);
  return found;
}

function fileReferences(
  rule: FileRule,
  names: readonly string[],
  files: readonly FileToSign[],
): readonly WrittenReference[] {
  const [transforms] = rule.transforms;
  const [digest = 'sha256'] = rule.digest;
  if (transforms === undefined) throw otherForm('The form has no transforms.');
  return names.map((name) => {
    const value = files.find((file) => file.name === name)?.digests[digest];
    if (value === undefined)
      throw new JitsuinError('xmldsig.file', `The file "${name}" is to be signed and was not given.`, {
        at: 'files',
      });
    return { uri: fileUri(name, rule.uri[0] ?? 'percent'), transforms, digest, value };
  });
}

const JAPAN = 9 * HOUR_MILLIS;

function signatureId({ form, at }: FormToPrepare, document: XmlDocument | undefined): string | undefined {
  const { id } = form.signature;
  if (id === undefined || (id.optional && id.digits === undefined)) return undefined;
  if (id.digits !== undefined && id.digits !== 14)
    throw new JitsuinError(
      'xmldsig.profile',
      `Form ${form.name} wants an Id of ${id.digits} digits; 14 can be made.`,
    );
  for (let seconds = 0; ; seconds += 1) {
    const digits = new Date(at + JAPAN + seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
    const value = id.digits === undefined ? `id-${digits}` : digits;
    if (document === undefined || document.elementsWithId(value).length === 0) return value;
  }
}

function alone(signature: string, form: Form): Uint8Array {
  if (form.signature.in.length > 0)
    throw otherForm(`Form ${form.name} signs a document; only files were given.`);
  return toUtf8(`<?xml version="1.0" encoding="UTF-8"?>\n${signature}`);
}

/** Behind the Signatures that stand there already, and before the white space behind them. */
function spliced(document: XmlDocument, form: Form, signature: string): Uint8Array {
  const { signature: rule } = form;
  const [parent, second] = elementsAt(document.root, rule.in);
  if (rule.in.length === 0 || second !== undefined)
    throw otherForm('The document has no one place for the Signature.');
  if (parent === undefined) return withParent(document, form, signature);
  const last = parent
    .childElements()
    .filter(({ localName }) => localName === 'Signature')
    .at(-1);
  if (!rule.alone && last !== undefined)
    throw new JitsuinError('xmldsig.already-signed', 'The document has a Signature already.');
  if (parent.emptyTag) {
    const name = tagName(parent);
    return replaced(document, parent.end - 2, parent.end, `>${signature}</${name}>`);
  }
  const at = last?.end ?? parent.contentEnd;
  return replaced(document, at, at, signature);
}

function withParent(document: XmlDocument, form: Form, signature: string): Uint8Array {
  const { after, in: path } = form.signature;
  const name = path.at(-1) ?? '';
  const [before] = elementsAt(document.root, form.places.get(after ?? '')?.path ?? []);
  const [above] = elementsAt(document.root, path.slice(0, -1));
  const plain = !name.startsWith('{') && name !== '*' && before?.parent?.start === above?.start;
  if (before === undefined || !plain)
    throw otherForm(`There is no ${path.join('/')}, where form ${form.name} has its Signature.`);
  return replaced(document, before.end, before.end, `<${name}>${signature}</${name}>`);
}

function tagName({ prefix, localName }: XmlElement): string {
  return prefix === '' ? localName : `${prefix}:${localName}`;
}

function replaced({ octets }: XmlDocument, from: number, to: number, text: string): Uint8Array {
  return Uint8Array.from(Buffer.concat([octets.subarray(0, from), toUtf8(text), octets.subarray(to)]));
}
