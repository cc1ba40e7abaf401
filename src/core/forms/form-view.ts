import { parseXml } from '../xml/parse.ts';
import type { KeptBeside } from '../xmldsig/prepared-state.ts';
import { type SignedView, type ViewLimits, viewDocument } from '../xmldsig/signed-view.ts';
import type { FormCatalogue } from './catalogue.ts';
import { nameOfUri } from './file-names.ts';
import type { Form } from './form.ts';
import { readFormSignatures } from './form-signature.ts';
import { resumeForm } from './kept-form.ts';
import { elementsAt, targetOfReference } from './places.ts';
import { openSignature } from './prepare-form.ts';

/** `octets`: the file as it is; `name`: only what it is called; `nothing`: not even that. */
export type FileCoverage = 'octets' | 'name' | 'nothing';

/** A file beside the document, as a person may look at it before signing. */
interface ViewedFile {
  readonly name: string;
  /** Octets. */
  readonly length: number;
  readonly sha256: Uint8Array;
  readonly coverage: FileCoverage;
}

export interface FormView {
  readonly form: Form;
  /** Absent where only files are signed. */
  readonly document?: SignedView;
  readonly files: readonly ViewedFile[];
  /** Who has signed the document before. */
  readonly signers: number;
}

/**
 * What a signature in a form will and will not cover: the document, from the very octets that are digested, and every
 * file beside it.
 * @throws JitsuinError as `resumeForm`
 */
export function viewOfForm(kept: KeptBeside, forms: FormCatalogue, limits: ViewLimits): FormView {
  const { form, prepared, files } = resumeForm(kept, forms);
  const skeleton = parseXml(prepared.skeleton);
  const shapes = readFormSignatures(skeleton, form);
  const open = openSignature(skeleton, form);
  const signed = new Set(open.references.map(({ uri }) => (uri === undefined ? undefined : nameOfUri(uri))));
  const named = new Set(
    form.named.flatMap((place) =>
      elementsAt(skeleton.root, form.places.get(place)?.path ?? []).map((element) => element.text().value),
    ),
  );
  const viewed = files.map(({ name, length, digests }): ViewedFile => {
    const coverage = signed.has(name) ? 'octets' : named.has(name) ? 'name' : 'nothing';
    return { name, length, sha256: digests.sha256 ?? new Uint8Array(), coverage };
  });
  const signers = shapes.length - 1;
  if (form.signature.in.length === 0) return { form, files: viewed, signers };
  const targets = form.references.flatMap((rule) =>
    rule.kind === 'element' ? [targetOfReference(skeleton, form, rule).element] : [],
  );
  const wholeDocument = form.references.some(({ kind }) => kind === 'document');
  const signatures = shapes.map(({ signature }) => signature);
  const marks = { signed: targets, signatures, wholeDocument };
  return { form, document: viewDocument(skeleton, marks, limits), files: viewed, signers };
}
