import type { EpochMillis } from '../../core/brand.ts';
import { DAY_MILLIS, HOUR_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import { type Html, html } from '../html.ts';

const FORMAT = new Intl.DateTimeFormat('ja-JP', {
  timeZone: 'Asia/Tokyo',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** An instant of Japan's clock; machines read UTC. */
export function instant(at: EpochMillis): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${FORMAT.format(at)} JST</time>`;
}

const UNITS = [
  { millis: DAY_MILLIS, ja: '日', en: 'd' },
  { millis: HOUR_MILLIS, ja: '時間', en: 'h' },
  { millis: MINUTE_MILLIS, ja: '分', en: 'min' },
  { millis: 1_000, ja: '秒', en: 's' },
] as const;

/** How long, in the largest unit of which there is at least one whole; never negative. */
export function duration(millis: number): { readonly ja: string; readonly en: string } {
  const length = Math.max(0, millis);
  const unit = UNITS.find((candidate) => length >= candidate.millis) ?? UNITS[3];
  const count = Math.floor(length / unit.millis);
  return { ja: `${count}${unit.ja}`, en: `${count} ${unit.en}` };
}
