import { openForms } from '../adapters/files/form-files.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import type { Form } from '../core/forms/form.ts';
import { type CommandIo, UsageError } from './command.ts';

/** The forms that ship, and those of the folder that JITSUIN_FORMS_DIR names. @throws JitsuinError `config.invalid` */
export async function formsOf({ env }: Pick<CommandIo, 'env'>): Promise<FormCatalogue> {
  const folder = env['JITSUIN_FORMS_DIR'];
  return openForms(folder === '' ? undefined : folder);
}

/** `--form`. @throws UsageError that lists the forms there are */
export function formOption(name: string, forms: FormCatalogue): Form {
  const form = forms.get(name);
  if (form !== undefined) return form;
  const known = [...forms.keys()].join(', ');
  throw new UsageError(
    `--form ${name} is not known; it is one of ${known}. JITSUIN_FORMS_DIR may name a folder of more.`,
  );
}
