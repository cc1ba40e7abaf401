import { createHash } from 'node:crypto';
import { JitsuinError } from '../errors.ts';
import { composedName, fileNameFault, sameNames } from './file-names.ts';
import type { DigestWord, Form } from './form.ts';

/** A file beside a document, with its octets. */
export interface AttachedFile {
  readonly name: string;
  readonly octets: Uint8Array;
}

/** A file beside a document as it is signed: never its octets. */
export interface DigestedFile {
  readonly name: string;
  /** Octets. */
  readonly length: number;
  /** Of every digest that the form may ask for; SHA-256 always. */
  readonly digests: Readonly<Partial<Record<DigestWord, Uint8Array>>>;
}

/** SHA-256 is in every report; the others where the form has them. */
export function digestWords({ references }: Pick<Form, 'references'>): readonly DigestWord[] {
  return [...new Set<DigestWord>(['sha256', ...references.flatMap(({ digest }) => digest)])];
}

export function digestedFile({ name, octets }: AttachedFile, form: Pick<Form, 'references'>): DigestedFile {
  const digests = digestWords(form).map((word) => [word, createHash(word).update(octets).digest()]);
  return { name, length: octets.length, digests: Object.fromEntries(digests) };
}

/**
 * The files under the names by which they are signed: composed, none a path, none that could be taken for another.
 * @param documentName the document's own, which no file may have
 * @throws JitsuinError `xmldsig.file`
 */
export function expectFileNames<T extends { readonly name: string }>(
  files: readonly T[],
  documentName?: string,
): readonly T[] {
  const named = files.map((file) => Object.assign({}, file, { name: composedName(file.name) }));
  for (const { name } of named) {
    const fault = fileNameFault(name);
    if (fault !== undefined)
      throw new JitsuinError('xmldsig.file', `The name of a file ${fault}: rename it.`, { at: 'files' });
  }
  const names = named.map(({ name }) => name);
  const twins = sameNames(documentName === undefined ? names : [documentName, ...names]);
  if (twins === undefined) return named;
  throw new JitsuinError(
    'xmldsig.file',
    'Two files have names that are the same but for case or composition: rename one.',
    { at: 'files' },
  );
}

/**
 * A Signature that is the document itself is called after the one file that it signs; another document as the form's
 * container has it.
 */
export function documentNameOf(
  { references, container }: Pick<Form, 'references' | 'container'>,
  files: readonly { readonly name: string }[],
): string | undefined {
  const [only] = files;
  const rule = references.find(({ kind }) => kind === 'files');
  return rule?.kind === 'files' && rule.names.from === 'document-name' && only !== undefined
    ? only.name + rule.names.suffix
    : container?.document;
}
