import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row of `test/FORMS.md`. */
interface FormRow {
  readonly form: string;
  readonly made: string;
  readonly verified: string;
  readonly xmlsec1: string;
  readonly jdk: string;
  readonly attacks: number;
}

/** The page of the forms, which `test/attacks/forms` and `test/integration/stock-tools` keep true. */
export function formsTable(): readonly FormRow[] {
  const page = readFileSync(join(import.meta.dirname, '../../FORMS.md'), 'utf8');
  return page.split('\n').flatMap((line) => {
    const [, form = '', made = '', verified = '', xmlsec1 = '', jdk = '', attacks = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    const name = /^`([a-z0-9-]+)`$/.exec(form)?.[1];
    return name === undefined ? [] : [{ form: name, made, verified, xmlsec1, jdk, attacks: Number(attacks) }];
  });
}
