import { type Html, html } from '../html.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { reader } from './reader.ts';

/** Links to the same page in each language, each in its own words; nothing where the page cannot be asked for again. */
export function languageChoice(): Html | undefined {
  const { language, address } = reader() ?? {};
  if (address === undefined) return undefined;
  const items = (Object.keys(LANGUAGES) as readonly Language[]).map((one) => {
    const { tag, name } = LANGUAGES[one];
    const here = one === language ? html` aria-current="true"` : undefined;
    return html`<li><a href="${address}lang=${one}" lang="${tag}" hreflang="${tag}"${here}>${name}</a></li>`;
  });
  return html`<nav class="languages" aria-label="言語 / Language"><ul>${items}</ul></nav>`;
}
