import type { EpochMillis } from './brand.ts';

const JAPANESE = new Intl.DateTimeFormat('ja-JP', {
  timeZone: 'Asia/Tokyo',
  dateStyle: 'long',
  timeStyle: 'medium',
});
const ENGLISH = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Tokyo',
  dateStyle: 'long',
  timeStyle: 'medium',
});

/** An instant as people in Japan write it, with its time zone. */
export function japanTime(instant: EpochMillis): string {
  return `${JAPANESE.format(instant)}(日本時間)`;
}

/** The same in English. */
export function japanTimeInEnglish(instant: EpochMillis): string {
  return `${ENGLISH.format(instant)} (Japan time)`;
}
