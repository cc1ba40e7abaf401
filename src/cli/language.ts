/** The languages that the command line speaks. */
export type Language = 'en' | 'ja';

/** The reader's language, as POSIX has it: `LC_ALL`, else `LC_MESSAGES`, else `LANG`; English unless it is Japanese. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^ja(?:[_.@-]|$)/i.test(locale) ? 'ja' : 'en';
}
