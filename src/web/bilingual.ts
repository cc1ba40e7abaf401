import { type Html, html } from './html.ts';
import { LANGUAGES, type Language } from './language/languages.ts';
import { reader } from './language/reader.ts';
import { type Sentence, spoken, withReadings } from './language/words.ts';

/** A text of the pages in both languages; `{name}` in it stands for one of its values. */
export interface Bilingual extends Sentence {
  /** Its sentences one by one, where it was put together: each is translated alone. */
  readonly sentences?: readonly Sentence[];
}

/**
 * Japanese first, English after it in an element of its own language; on the citizen's pages in the language that
 * the reader chose, alone.
 */
export function both(text: Bilingual): Html {
  const language = reader()?.language ?? 'ja';
  if (language === 'ja')
    return html`${japanese(text, language)}<span lang="en">${spoken(text, 'en').text}</span>`;
  const { sentences = [text] } = text;
  const joint = language === 'zh' || language === 'easy' ? '' : ' ';
  return html`${sentences.map((sentence, index) => html`${index === 0 ? '' : joint}${alone(sentence, language)}`)}`;
}

/** The same without markup: for titles, labels and options. */
export function plain(text: Bilingual, between = ' / '): string {
  const language = reader()?.language ?? 'ja';
  if (language !== 'ja') return spoken(text, language).text;
  return `${spoken(text, 'ja').text}${between}${spoken(text, 'en').text}`;
}

function alone(sentence: Sentence, language: Exclude<Language, 'ja'>): Html {
  if (language === 'easy') return japanese(sentence, language);
  const { text, foreign } = spoken(sentence, language);
  return foreign === true ? html`<bdi lang="en">${text}</bdi>` : html`${text}`;
}

/** Readings are for eyes: who hears the page hears the word. */
function japanese(sentence: Sentence, language: 'ja' | 'easy'): Html {
  if (reader() === undefined) return html`${spoken(sentence, language).text}`;
  return html`${withReadings(sentence, language).map((piece) =>
    piece.reading === undefined
      ? html`${piece.text}`
      : html`<ruby>${piece.text}<rp>(</rp><rt aria-hidden="true">${piece.reading}</rt><rp>)</rp></ruby>`,
  )}`;
}

/** The language of the page, for `lang`. */
export function pageLanguage(): string {
  return LANGUAGES[reader()?.language ?? 'ja'].tag;
}
