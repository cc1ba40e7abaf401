import { createHash } from 'node:crypto';
import type { CanonicalOctets } from '../../core/brand.ts';
import { canonicalOctets } from '../../core/c14n/canonicalize.ts';
import { defined } from '../../core/defined.ts';
import { equalOctets, hexSha256 } from '../../core/digest/sha256.ts';
import { toHex } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { fileUri, nameOfUri } from '../../core/forms/file-names.ts';
import type { FormReference } from '../../core/forms/form.ts';
import type { ReadReference, ReadSignature } from '../../core/forms/form-document.ts';
import { otherForm } from '../../core/forms/places.ts';
import { signedNames, type VerifiedPlace } from '../../core/forms/signed-names.ts';
import type { XmlDocument, XmlElement } from '../../core/xml/model.ts';
import { digestValueOf } from '../xmldsig/signature-text.ts';
import type { CoveredPart, FormSubject } from './form-validation.ts';

/** The digests of one document and the files beside it; what is asked for twice is computed once. */
export interface FormDigests {
  /**
   * Compares every Reference of one Signature: elements first, then the names that stand in them, then the files.
   * @throws JitsuinError `xmldsig.digest`, `xmldsig.file`, `xmldsig.other-form`
   */
  expectAll(signature: ReadSignature): void;
  /** What the References cover. Only after `expectAll`. */
  covered(references: readonly ReadReference[]): readonly CoveredPart[];
  /** Files that are named in what is signed, and no more than named. Only after `expectAll`. */
  namedFiles(): readonly string[];
}

type FileReference = Extract<ReadReference, { kind: 'file' }>;
type InnerReference = Exclude<ReadReference, FileReference>;
interface Digested {
  readonly octets: CanonicalOctets;
  readonly digest: Uint8Array;
}

export function formDigests(document: XmlDocument, subject: FormSubject): FormDigests {
  const { form, limits } = subject;
  const made = new Map<string, Digested>();
  let verified: readonly VerifiedPlace[] = [];
  let names: readonly string[] | undefined;
  let named: readonly string[] = [];

  function digested(reference: InnerReference, signature: XmlElement | undefined): Digested {
    const { element, transforms, digest } = reference;
    const key = `${reference.kind} ${element.start} ${transforms.uris.join(' ')} ${digest}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    // The transform takes out the Signature that holds it, where it stands inside of what is signed; elsewhere it has
    // no effect.
    const inside = signature !== undefined && signature.start > element.start && signature.end < element.end;
    const left = transforms.enveloped && inside ? { without: signature } : {};
    const target =
      reference.kind === 'document'
        ? ({ kind: 'document', ...left } as const)
        : ({ kind: 'element', element, ...left } as const);
    const octets = canonicalOctets(document, target, { algorithm: transforms.algorithm });
    const fresh: Digested = { octets, digest: createHash(digest).update(octets).digest() };
    made.set(key, fresh);
    return fresh;
  }

  function expectElements({ references, shape }: ReadSignature): void {
    verified = references.flatMap((reference) => {
      if (reference.kind === 'file') return [];
      const { octets, digest } = digested(reference, shape.signature);
      if (!equalOctets(digest, digestValueOf(reference.shape.digestValue, digest.length))) {
        const what =
          reference.kind === 'document' ? 'The document' : `Element "${reference.element.localName}"`;
        throw new JitsuinError('xmldsig.digest', `${what} is not what was signed: its digest differs.`);
      }
      return [{ place: reference.place, octets }];
    });
  }

  function expectedNames(): readonly string[] | undefined {
    const rule = filesRule(subject)?.names;
    if (rule === undefined || rule.from === 'caller') return undefined;
    names ??=
      rule.from === 'places'
        ? signedNames(form, rule.places, verified, limits)
        : [nameBesideDocument(subject, rule.suffix)];
    return names;
  }

  return {
    expectAll(signature) {
      expectElements(signature);
      const files = signature.references.filter((reference) => reference.kind === 'file');
      expectSpelling(files, filesRule(subject));
      expectComplete(files, expectedNames());
      expectFiles(files, subject);
      named = signedNames(form, form.named, verified, limits);
    },
    covered: (references) =>
      references.map((reference) =>
        reference.kind === 'file'
          ? coveredFile(reference, subject)
          : coveredElement(reference, subject, digested(reference, undefined)),
      ),
    namedFiles: () => named,
  };
}

function filesRule({ form }: FormSubject): Extract<FormReference, { kind: 'files' }> | undefined {
  return form.references.find((rule) => rule.kind === 'files');
}

function nameBesideDocument({ documentName }: FormSubject, suffix: string): string {
  if (documentName === undefined) {
    const message = `The signed file has the document's name without "${suffix}"; the document came without a name.`;
    throw new JitsuinError('xmldsig.file', message);
  }
  if (documentName.endsWith(suffix) && documentName.length > suffix.length)
    return documentName.slice(0, -suffix.length);
  throw otherForm(
    `The document must be called as the signed file, with "${suffix}" after it; it is called "${documentName}".`,
  );
}

/** Each file once, its URI compared as a text with what the form writes for its name. */
function expectSpelling(files: readonly FileReference[], rule: ReturnType<typeof filesRule>): void {
  const seen = new Set<string>();
  for (const { uri } of files) {
    const name = nameOfUri(uri) ?? '';
    if (seen.has(name)) throw otherForm(`Two References name the file "${name}".`);
    seen.add(name);
    const spellings = rule?.uri.map((spelling) => fileUri(name, spelling)) ?? [];
    if (spellings.includes(uri)) continue;
    throw otherForm(`The Reference to the file "${name}" must be written ${spellings.join(' or ')}.`);
  }
}

/** The names that the form derives and those of the References are the same. */
function expectComplete(files: readonly FileReference[], derived: readonly string[] | undefined): void {
  if (derived === undefined) return;
  const named = files.map(({ uri }) => nameOfUri(uri) ?? '');
  const bare = derived.find((name) => !named.includes(name));
  if (bare !== undefined) throw otherForm(`The file "${bare}" must be signed, and no Reference covers it.`);
  const extra = named.find((name) => !derived.includes(name));
  if (extra !== undefined)
    throw otherForm(
      `A Reference names the file "${extra}", which has no place in this document by its form.`,
    );
}

function expectFiles(files: readonly FileReference[], subject: FormSubject): void {
  let missing: string | undefined;
  for (const { uri, digest, shape } of files) {
    const name = nameOfUri(uri) ?? '';
    const found = subject.files.find((given) => given.name === name)?.digests[digest];
    if (found === undefined) missing ??= name;
    else if (!equalOctets(found, digestValueOf(shape.digestValue, found.length)))
      throw new JitsuinError(
        'xmldsig.digest',
        `The file "${name}" is not what was signed: its digest differs.`,
      );
  }
  if (missing === undefined) return;
  throw new JitsuinError('xmldsig.file', `The file "${missing}" is signed and was not given.`);
}

function coveredElement(
  { kind, place, element }: InnerReference,
  { form }: FormSubject,
  { octets }: Digested,
): CoveredPart {
  const sha256 = hexSha256(octets);
  const title = form.places.get(place)?.title?.ja;
  return defined({ kind, name: element.localName, title, sha256, length: octets.length, octets });
}

function coveredFile({ uri }: FileReference, { files }: FormSubject): CoveredPart {
  const name = nameOfUri(uri) ?? '';
  const file = files.find((given) => given.name === name);
  return {
    kind: 'file',
    name,
    sha256: toHex(file?.digests.sha256 ?? new Uint8Array()),
    length: file?.length ?? 0,
  };
}
