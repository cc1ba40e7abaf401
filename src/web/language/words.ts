import { EASY_READINGS } from './catalogues/easy-japanese.ts';
import { CATALOGUES } from './catalogues.ts';
import type { Language } from './languages.ts';
import { reader } from './reader.ts';

/** What stands for `{name}` in a sentence: text, a name in both languages, or an instant. */
export type Value = string | number | Date | { readonly ja: string; readonly en: string };

export interface Sentence {
  readonly ja: string;
  readonly en: string;
  readonly values?: Readonly<Record<string, Value>>;
}

/** The six hardest words of the pages, with their readings. */
const READINGS: ReadonlyMap<string, string> = new Map([
  ['失効', 'しっこう'],
  ['初期化', 'しょきか'],
  ['暗証番号', 'あんしょうばんごう'],
  ['受領証', 'じゅりょうしょう'],
  ['識別', 'しきべつ'],
  ['検証', 'けんしょう'],
]);

/** A piece of a sentence: as it is, or with its reading above it. */
export interface Piece {
  readonly text: string;
  readonly reading?: string;
}

/** The sentence in a language; `foreign` where it stands there in English for want of a translation. */
export function spoken(
  sentence: Sentence,
  language: Language,
): { readonly text: string; readonly foreign?: true } {
  const { ja, en, values } = sentence;
  if (language === 'ja' || language === 'en')
    return { text: filled(language === 'ja' ? ja : en, values, language) };
  const translated = CATALOGUES[language].get(ja);
  if (translated !== undefined) return { text: filled(translated, values, language) };
  return language === 'easy'
    ? { text: filled(ja, values, 'ja') }
    : { text: filled(en, values, 'en'), foreign: true };
}

function filled(text: string, values: Sentence['values'], language: Language): string {
  if (values === undefined) return text;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : written(value, language);
  });
}

function written(value: Value, language: Language): string {
  if (value instanceof Date) return timeIn(language, value);
  if (typeof value !== 'object') return String(value);
  return spoken(value, language).text;
}

const LOCALES: Readonly<Record<Language, string>> = {
  ja: 'ja-JP',
  easy: 'ja-JP',
  en: 'en-GB',
  zh: 'zh-Hans-CN',
  pt: 'pt-BR',
  vi: 'vi-VN',
};
const JAPAN_TIME: Readonly<Record<Language, string>> = {
  ja: '(日本時間)',
  easy: '(日本の 時間)',
  en: ' (Japan time)',
  zh: '（日本时间）',
  pt: ' (horário do Japão)',
  vi: ' (giờ Nhật Bản)',
};

/** An instant in Japan's time, which is said. */
function timeIn(language: Language, instant: Date): string {
  const format = { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'medium' } as const;
  return `${new Intl.DateTimeFormat(LOCALES[language], format).format(instant)}${JAPAN_TIME[language]}`;
}

/** An instant in the reader's language. */
export function localTime(instant: number): string {
  return timeIn(reader()?.language ?? 'ja', new Date(instant));
}

const HARD = patternOf(READINGS);
const EASY = patternOf(EASY_READINGS);

function patternOf(readings: ReadonlyMap<string, string>): RegExp {
  const longestFirst = [...readings.keys()].sort((a, b) => b.length - a.length);
  return new RegExp(`(${longestFirst.join('|')})`, 'u');
}

/**
 * A Japanese sentence in pieces: the hardest words with their readings, in やさしい日本語 each word that has one. What
 * stands for a value is left alone: nobody knows how a name is read.
 */
export function withReadings(sentence: Sentence, language: 'ja' | 'easy'): readonly Piece[] {
  const [pattern, readings] = language === 'easy' ? [EASY, EASY_READINGS] : [HARD, READINGS];
  const { ja, values } = sentence;
  const written = language === 'easy' ? CATALOGUES.easy.get(ja) : ja;
  if (written === undefined) return [{ text: filled(ja, values, language) }];
  return written.split(/(\{\w+\})/).flatMap((part) => {
    if (part.startsWith('{')) return [{ text: filled(part, values, language) }];
    return part
      .split(pattern)
      .filter((piece) => piece !== '')
      .map((piece) => {
        const reading = readings.get(piece);
        return reading === undefined ? { text: piece } : { text: piece, reading };
      });
  });
}
