import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { link } from '../parts.ts';
import { site } from './site.ts';

const TEST: Bilingual = { ja: '試験環境', en: 'Test environment' };
const SITE: Bilingual = { ja: '電子署名', en: 'Electronic signature' };
const PRIVACY: Bilingual = { ja: '個人情報の取扱い', en: 'Privacy notice' };
const CONTACT: Bilingual = { ja: 'お問い合わせ窓口', en: 'Contact' };

/** For whom one signs, and in which environment. */
export function siteHeader(): Html {
  const { organization, environment, logo } = site();
  const badge =
    environment === 'test'
      ? html` <span class="badge care" id="environment">${both(TEST)}</span>`
      : undefined;
  const picture = logo === undefined ? undefined : html`<img src="/assets/logo" alt="" height="40"> `;
  return html`<header class="site"><p>${picture}${both(organization?.name ?? SITE)}${badge}</p></header>`;
}

/** The organization's own key colours, where it has some. */
export function siteTheme(): Html | undefined {
  const colours = site().organization?.colours;
  return colours === undefined ? undefined : html`<link rel="stylesheet" href="/assets/site.css">`;
}

/** Where to ask, and what becomes of one's data; nothing where nothing is configured. */
export function siteFooter(): Html | undefined {
  const { contact, privacy_notice: privacy } = site().organization ?? {};
  if (contact === undefined && privacy === undefined) return undefined;
  return html`<footer class="site">
${contact === undefined ? undefined : html`<p id="contact">${both(CONTACT)}: ${contactText(contact)}</p>`}
${privacy === undefined ? undefined : html`<p>${link(privacy, PRIVACY, { rel: 'noreferrer' })}</p>`}
</footer>`;
}

function contactText({ text, url }: { readonly text: Bilingual; readonly url?: string | undefined }): Html {
  return url === undefined ? both(text) : link(url, text, { rel: 'noreferrer' });
}
