import type { EpochMillis } from '../core/brand.ts';

const FORMAT = new Intl.DateTimeFormat('ja-JP', {
  timeZone: 'Asia/Tokyo',
  dateStyle: 'long',
  timeStyle: 'medium',
});

/** An instant as people in Japan write it, with its time zone. */
export function japanTime(instant: EpochMillis): string {
  return `${FORMAT.format(instant)}(日本時間)`;
}
