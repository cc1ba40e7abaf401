import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JitsuinError } from '../../core/errors.ts';
import { type FormCatalogue, type FormFile, formCatalogue } from '../../core/forms/catalogue.ts';

/**
 * The form files of a folder: every `*.json` in it, none below it.
 * @throws JitsuinError `config.invalid` when the folder cannot be read
 */
async function readFormFiles(folder: string): Promise<readonly FormFile[]> {
  try {
    const found = await readdir(folder, { withFileTypes: true });
    const names = found
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map(({ name }) => name);
    return await Promise.all(
      names
        .sort()
        .map(async (name) => ({ name, octets: new Uint8Array(await readFile(join(folder, name))) })),
    );
  } catch (cause) {
    const message = `The folder of form files cannot be read: ${folder}.`;
    throw new JitsuinError('config.invalid', message, { at: 'JITSUIN_FORMS_DIR', cause });
  }
}

/**
 * The forms that ship and those of the folder that JITSUIN_FORMS_DIR names; what is unsafe is refused by its file and
 * the rule.
 * @throws JitsuinError `config.invalid`
 */
export async function openForms(folder: string | undefined): Promise<FormCatalogue> {
  return formCatalogue(folder === undefined ? [] : await readFormFiles(folder));
}
