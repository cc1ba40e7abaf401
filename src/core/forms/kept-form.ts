import type { EpochMillis } from '../brand.ts';
import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import { parseXml } from '../xml/parse.ts';
import { type KeptBeside, readFormState, writeFormState } from '../xmldsig/prepared-state.ts';
import { onlyText } from '../xmldsig/signed-text.ts';
import type { DigestedFile } from './attached-files.ts';
import type { FormCatalogue } from './catalogue.ts';
import type { Form } from './form.ts';
import { targetOfReference } from './places.ts';
import { type PreparedForm, prepareForm } from './prepare-form.ts';

interface FormToKeep {
  readonly form: Form;
  /** Empty where the Signature is the whole document. */
  readonly document: Uint8Array;
  readonly files: readonly DigestedFile[];
  readonly at: EpochMillis;
  /** The operator's verification whose document takes this signature besides. */
  readonly joins?: string;
}

/** A prepared signature in a form, with what is kept of it beside its document. */
interface KeptForm {
  readonly prepared: PreparedForm;
  readonly state: string;
}

/**
 * Prepares a signature in a form, and the state from which it is prepared again. The state holds neither document nor
 * files.
 * @throws JitsuinError as `prepareForm`
 */
export function keepForm({ form, document, files, at, joins }: FormToKeep): KeptForm {
  const prepared = made({ form, document, files, at });
  return { prepared, state: writeFormState(defined({ form, data: prepared.data, at, files, joins })) };
}

interface ResumedForm {
  readonly form: Form;
  readonly prepared: PreparedForm;
  readonly files: readonly DigestedFile[];
}

/**
 * What `keepForm` prepared, made anew from document, digests and form.
 * @throws JitsuinError `xmldsig.state` where it is not the same, or the form file is not the one by which it was
 * prepared; `xmldsig.profile` where there is no such form here
 */
export function resumeForm({ prepared: state, document }: KeptBeside, forms: FormCatalogue): ResumedForm {
  const stored = readFormState(state);
  const { files, at, data } = stored;
  const form = formOf(forms, stored.form.name);
  if (form.sha256 !== stored.form.sha256) {
    const message = `The file of form ${form.name} is not the one by which this was prepared.`;
    throw new JitsuinError('xmldsig.state', message, { at: 'form' });
  }
  const prepared = made({ form, document, files, at: at as EpochMillis });
  if (prepared.data === data) return { form, prepared, files };
  throw new JitsuinError('xmldsig.state', 'The stored data does not belong to the stored document.');
}

/** @throws JitsuinError `xmldsig.profile` that says which forms there are */
export function formOf(forms: FormCatalogue, name: string): Form {
  const form = forms.get(name);
  if (form !== undefined) return form;
  const known = [...forms.keys()].join(', ');
  throw new JitsuinError('xmldsig.profile', `There is no form of this name here. There are: ${known}.`, {
    at: 'form',
  });
}

function made({ form, document, files, at }: FormToKeep): PreparedForm {
  const given = form.signature.in.length === 0 ? undefined : document;
  return prepareForm(defined({ form, document: given, files, at }));
}

/**
 * The text of the one element of this name inside the elements that the form signs; undefined as in `signedText`.
 * @throws JitsuinError as `resumeForm`
 */
export function formText(forms: FormCatalogue, kept: KeptBeside, name: string): string | undefined {
  const { form } = resumeForm(kept, forms);
  if (form.signature.in.length === 0) return undefined;
  const document = parseXml(kept.document);
  const signed = form.references.flatMap((rule) => {
    if (rule.kind === 'document') return [document.root];
    return rule.kind === 'element' ? [targetOfReference(document, form, rule).element] : [];
  });
  return onlyText(document, signed, name);
}
