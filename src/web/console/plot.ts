import { type Html, html } from '../html.ts';

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 56;
const BOTTOM = 30;
const TOP = 16;

interface Frame {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
}

/** Bars over their labels. The same figures stand in a table beside it. */
export function barPlot({
  id,
  title,
  unit,
  bars,
}: Frame & {
  readonly bars: readonly { readonly label: string; readonly value: number }[];
}): Html {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const step = (WIDTH - LEFT - 8) / Math.max(1, bars.length);
  const drawn = bars.map(({ label, value }, index) => {
    const height = (value / most) * (HEIGHT - TOP - BOTTOM);
    const x = LEFT + index * step;
    const y = fixed(HEIGHT - BOTTOM - height);
    const middle = fixed(x + step / 2);
    return html`<rect class="bar" x="${fixed(x + step * 0.15)}" y="${y}" width="${fixed(step * 0.7)}"
 height="${fixed(height)}"/><text class="tick" x="${middle}" y="${HEIGHT - 8}" text-anchor="middle">${label}</text>`;
  });
  const described = bars.map(({ label, value }) => `${label}: ${value}${unit}`).join(', ');
  return figure({ id, title, unit }, described, most, drawn);
}

interface PlotPoint {
  readonly at: number;
  readonly value: number;
}

/** One curve over time, oldest left. */
export function linePlot(frame: Frame & { readonly points: readonly PlotPoint[] }): Html {
  const { points, unit } = frame;
  const values = points.map(({ value }) => value);
  const most = Math.max(1, ...values);
  const first = points[0]?.at ?? 0;
  const span = Math.max(1, (points.at(-1)?.at ?? 1) - first);
  const path = points
    .map(({ at, value }, index) => {
      const x = LEFT + ((at - first) / span) * (WIDTH - LEFT - 8);
      const y = HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
      return `${index === 0 ? 'M' : 'L'} ${fixed(x)} ${fixed(y)}`;
    })
    .join(' ');
  const newest = values.at(-1) ?? 0;
  const highest = Math.max(0, ...values);
  const described = `最新 ${figureText(newest)}${unit}, 最大 ${figureText(highest)}${unit}`;
  const ticks = html`<text class="tick" x="${LEFT}" y="${HEIGHT - 8}">${clock(first)}</text>
<text class="tick" x="${WIDTH - 8}" y="${HEIGHT - 8}" text-anchor="end">${clock(first + span)}</text>`;
  return figure(
    frame,
    described,
    most,
    [html`<path class="curve" d="${path}"/>`, ticks],
    html`<p>${described}
<span lang="en">newest ${figureText(newest)} ${unit}, most ${figureText(highest)} ${unit}</span></p>`,
  );
}

function figure(
  { id, title, unit }: Frame,
  described: string,
  most: number,
  drawn: readonly Html[],
  beside?: Html,
): Html {
  return html`<figure><svg id="${id}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"
 aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title><desc id="${id}-description">${described}</desc>
<path class="axis" d="M ${LEFT} ${TOP} V ${HEIGHT - BOTTOM} H ${WIDTH - 8}"/>
<text class="tick" x="${LEFT - 6}" y="${TOP + 6}" text-anchor="end">${figureText(most)}</text>
<text class="tick" x="${LEFT - 6}" y="${HEIGHT - BOTTOM}" text-anchor="end">0</text>
<g aria-hidden="true">${drawn}</g></svg><figcaption>${title} (${unit})</figcaption>${beside}</figure>`;
}

const CLOCK = new Intl.DateTimeFormat('ja-JP', {
  timeZone: 'Asia/Tokyo',
  hour: '2-digit',
  minute: '2-digit',
});

function clock(at: number): string {
  return CLOCK.format(at);
}

function figureText(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 100) / 100);
}

function fixed(value: number): string {
  return value.toFixed(1);
}
