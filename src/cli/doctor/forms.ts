import { openForms } from '../../adapters/files/form-files.ts';
import { formCatalogue } from '../../core/forms/catalogue.ts';
import { examine, type Finding, passed } from './finding.ts';

/** The receivers' forms of this role: an sp and its platform operator must have the same, so each own one is named. */
export function examineForms(folder: string | undefined): Promise<Finding> {
  const check = 'forms';
  return examine(
    check,
    async () => {
      const shipped = formCatalogue();
      const forms = await openForms(folder);
      const own = [...forms.values()].filter(({ name }) => !shipped.has(name));
      const named = own.map(({ name, version, sha256 }) => `${name} ${version} (${sha256.slice(0, 12)}…)`);
      const says = `${shipped.size} forms ship`;
      if (own.length === 0) return passed(check, `${says}; there are none of your own.`);
      return passed(check, `${says}; of your own: ${named.join(', ')}.`);
    },
    () => 'See samples/guides/receivers-forms.md; begin with a file of src/core/forms/files.',
  );
}
