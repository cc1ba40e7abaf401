import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JitsuinError } from '../../core/errors.ts';
import type { FormFile } from '../../core/forms/catalogue.ts';

/**
 * The form files of a folder: every `*.json` in it, none below it.
 * @throws JitsuinError `config.invalid` when the folder cannot be read
 */
export async function readFormFiles(folder: string): Promise<readonly FormFile[]> {
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
