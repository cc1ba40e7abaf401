import { toUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import type { Form } from './form.ts';
import { readForm } from './read-form.ts';
import { SHIPPED_FORM_FILES } from './shipped.ts';

/** The forms that may be asked for, by name. */
export type FormCatalogue = ReadonlyMap<string, Form>;

/** A form file of the operator's own, as it was read. */
export interface FormFile {
  /** For messages. */
  readonly name: string;
  readonly octets: Uint8Array;
}

/** More than one receiver's forms; every one is offered on a page. */
const MOST_FILES = 100;

/**
 * The forms that ship and those of the operator's own files. None may take the place of another: what a name means
 * does not change.
 * @throws JitsuinError `config.invalid` that names the file
 */
export function formCatalogue(files: readonly FormFile[] = []): FormCatalogue {
  if (files.length > MOST_FILES)
    throw new JitsuinError('config.invalid', `There are more than ${MOST_FILES} form files.`);
  const forms = new Map(shipped());
  for (const { name, octets } of files) {
    const form = readOwn(name, octets);
    const taken = forms.get(form.name);
    if (taken?.sha256 === form.sha256) continue;
    if (taken !== undefined) {
      const message = `The form file ${name} is called "${form.name}", as another form is; give it another name.`;
      throw new JitsuinError('config.invalid', message, { at: name });
    }
    forms.set(form.name, form);
  }
  return forms;
}

const REMEDY =
  'Correct that member (samples/guides/receivers-forms.md), or take the file out of the folder of JITSUIN_FORMS_DIR.';

function readOwn(name: string, octets: Uint8Array): Form {
  try {
    return readForm(octets);
  } catch (thrown) {
    if (!(thrown instanceof JitsuinError)) throw thrown;
    const message = `${name}: ${thrown.message} ${REMEDY}`;
    throw new JitsuinError(thrown.code, message, { at: name, cause: thrown });
  }
}

let read: FormCatalogue | undefined;

/** Read once: they do not change while the program runs. */
function shipped(): FormCatalogue {
  read ??= new Map(
    SHIPPED_FORM_FILES.map((text) => {
      const form = readForm(toUtf8(text));
      return [form.name, form];
    }),
  );
  return read;
}
