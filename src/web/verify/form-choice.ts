import { formCatalogue } from '../../core/forms/catalogue.ts';
import type { Form } from '../../core/forms/form.ts';
import { isXmlSignatureProfileName } from '../../core/xmldsig/profile-table.ts';
import { type Html, html } from '../html.ts';

const BASIS: Readonly<Record<Form['basis'], string>> = {
  observed: '実例にもとづく',
  official: '公開文書にもとづく',
  inferred: '推定',
};

/** The receivers' forms, as they are offered beside the profiles. */
export function receiversForms(): readonly Form[] {
  return [...formCatalogue().values()].filter(({ name }) => !isXmlSignatureProfileName(name));
}

/** Options of the choice; how surely a form is known stands with it. */
export function formOptions(): Html {
  return html`<optgroup label="受付側の形式 / Receivers’ forms">${receiversForms().map(
    ({ name, title, basis }) => html`<option value="${name}">${title.ja} (${name}、${BASIS[basis]})</option>`,
  )}</optgroup>`;
}

/** The files beside the document, for the receivers' forms. */
export function filesField(): Html {
  return html`<label for="files">いっしょに署名されたファイル（受付側の形式のとき）
<span lang="en">Files signed together with it, in a receiver’s form</span></label>
<input type="file" id="files" name="files" multiple>`;
}
