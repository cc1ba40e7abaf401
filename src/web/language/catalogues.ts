import type { Catalogue } from './catalogue.ts';
import { CHINESE } from './catalogues/chinese.ts';
import { EASY_JAPANESE } from './catalogues/easy-japanese.ts';
import { PORTUGUESE } from './catalogues/portuguese.ts';
import { VIETNAMESE } from './catalogues/vietnamese.ts';
import type { Language } from './languages.ts';

/** English stands beside the Japanese sentence where that is written. */
export const CATALOGUES: Readonly<Record<Exclude<Language, 'ja' | 'en'>, Catalogue>> = {
  easy: EASY_JAPANESE,
  zh: CHINESE,
  pt: PORTUGUESE,
  vi: VIETNAMESE,
};
