/** The languages of the citizen's pages. Japanese with English beside it is what is shown until the reader chooses. */
export const LANGUAGES = {
  ja: { tag: 'ja', name: '日本語' },
  easy: { tag: 'ja', name: 'やさしい日本語' },
  en: { tag: 'en', name: 'English' },
  zh: { tag: 'zh-Hans', name: '简体中文' },
  pt: { tag: 'pt', name: 'Português' },
  vi: { tag: 'vi', name: 'Tiếng Việt' },
} as const;

/** As it stands in addresses and in the cookie. */
export type Language = keyof typeof LANGUAGES;

export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(LANGUAGES, value);
}
