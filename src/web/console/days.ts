import type { EpochMillis } from '../../core/brand.ts';

/** First instant of a day of Japan's calendar, which has no summer time. @param day YYYY-MM-DD */
export function japaneseDay(day: string): EpochMillis {
  return Date.parse(`${day}T00:00:00+09:00`) as EpochMillis;
}
