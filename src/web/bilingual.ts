import { type Html, html } from './html.ts';

/** A text of the pages in both languages. */
export interface Bilingual {
  readonly ja: string;
  readonly en: string;
}

/** Japanese first, English after it in an element of its own language. */
export function both(text: Bilingual): Html {
  return html`${text.ja}<span lang="en">${text.en}</span>`;
}
