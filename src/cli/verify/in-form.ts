import { defined } from '../../core/defined.ts';
import type { Form } from '../../core/forms/form.ts';
import { isXmlSignatureProfileName } from '../../core/xmldsig/profile-table.ts';
import type { FormSubject } from '../../verifier/forms/form-validation.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { formOption, formsOf } from '../forms.ts';
import { readWithFiles } from './files-beside.ts';

/** The options of `jitsuin verify` that concern a form. */
interface FormValues {
  readonly form: string | undefined;
  readonly file: readonly string[] | undefined;
  readonly folder: string | undefined;
  readonly zip: string | undefined;
  readonly signers: string | undefined;
  readonly explain: boolean;
}

const BESIDE_FORM = ['file', 'folder', 'zip', 'signers'] as const;
const NOT_IN_FORM: readonly string[] = [
  'profile',
  'detached',
  'element',
  'id',
  'expected',
  'signed-octets',
  'signature-value',
  'certificate',
  'mode',
  'result',
  'write-result',
  'timestamp',
  'tsa-trust',
  'html',
];

/**
 * The receiver's form that was asked for; undefined for none, and for a form that is one of the profiles.
 * @throws UsageError for options that do not go together
 */
export async function receiversForm(values: FormValues, io: CommandIo): Promise<Form | undefined> {
  const form = values.form === undefined ? undefined : formOption(values.form, await formsOf(io));
  const given = (option: string) => ![undefined, false].includes(Reflect.get(values, option));
  if (form === undefined || isXmlSignatureProfileName(form.name)) {
    const stray = BESIDE_FORM.find(given);
    if (stray !== undefined) throw new UsageError(`--${stray} is for --form with a receiver's form.`);
    if (form !== undefined && (given('profile') || given('detached')))
      throw new UsageError('--form and --profile are two ways to say one thing; give one.');
    return undefined;
  }
  const stray = NOT_IN_FORM.find(given);
  if (stray !== undefined) throw new UsageError(`--${stray} has no meaning beside --form ${form.name}.`);
  return form;
}

/** The document with the files beside it, as the command line names them. @throws UsageError */
export async function formSubject(
  form: Form,
  operands: readonly string[],
  values: FormValues,
): Promise<FormSubject> {
  const [document, second] = operands;
  if (second !== undefined) throw new UsageError(`"${second}" is one FILE too many; give exactly one.`);
  const { file = [], folder, zip } = values;
  const given = await readWithFiles(defined({ document, file, folder, zip, keep: values.explain }), form);
  return defined({ form, ...given, signers: signersOption(values.signers, form) });
}

function signersOption(text: string | undefined, { signers: { min, max } }: Form): number | undefined {
  if (text === undefined) return undefined;
  const number = /^[1-9][0-9]?$/.test(text) ? Number(text) : 0;
  if (number < min || number > max)
    throw new UsageError(`--signers ${text} is not a number from ${min} to ${max}, which the form allows.`);
  return number;
}
