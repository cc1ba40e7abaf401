import { type Html, html } from '../html.ts';
import type { ShownCertificate } from './console-ports.ts';

const WIDTH = 640;
const MIDDLE = WIDTH / 2;
const BOX = 76;
const GAP = 36;
const TEXT_MOST = 44;

const PLACES = {
  anchor: '信頼の起点 (trust anchor)',
  intermediate: '中間認証局 (intermediate)',
  signer: '署名者の電子証明書 (signer)',
} as const;

const DAY = new Intl.DateTimeFormat('ja-JP', {
  timeZone: 'Asia/Tokyo',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** The certification path from the anchor down to the signer, as a picture; the signer's name is masked. */
export function pathPicture(path: readonly ShownCertificate[], now: number): Html {
  const topDown = [...path].reverse();
  const height = topDown.length * (BOX + GAP) - GAP + 4;
  return html`<figure class="path"><svg id="path" viewBox="0 0 ${WIDTH} ${height}" role="img"
 aria-labelledby="path-title path-description">
<title id="path-title">認証パス (certification path)</title>
<desc id="path-description">${topDown.map(described).join('。')}</desc>
${topDown.map((certificate, index) => box(certificate, index, now))}
</svg><figcaption>認証パス: 上の証明書が下の証明書に署名しています。
<span lang="en">Each certificate is signed by the one above it.</span></figcaption></figure>`;
}

function described({ place, subject, notBefore, notAfter }: ShownCertificate): string {
  return `${PLACES[place]}: ${subject ?? '伏せています'}, ${DAY.format(notBefore)} – ${DAY.format(notAfter)}`;
}

function box(certificate: ShownCertificate, index: number, now: number): Html {
  const { place, subject, notBefore, notAfter } = certificate;
  const top = 2 + index * (BOX + GAP);
  const end = notAfter < now ? ' (期限切れ / ended)' : '';
  const arrow =
    index === 0
      ? undefined
      : html`<line class="edge" x1="${MIDDLE}" y1="${top - GAP}" x2="${MIDDLE}" y2="${top - 8}"/>
<path class="arrow" d="M ${MIDDLE - 7} ${top - 10} L ${MIDDLE + 7} ${top - 10} L ${MIDDLE} ${top - 1} Z"/>`;
  return html`<g aria-hidden="true">${arrow}
<rect class="box ${place}" x="2" y="${top}" width="${WIDTH - 4}" height="${BOX}" rx="8"/>
<text class="place" x="18" y="${top + 22}">${PLACES[place]}</text>
<text class="subject" x="18" y="${top + 44}">${short(subject ?? '●●●●●●')}</text>
<text class="period" x="18" y="${top + 65}">${DAY.format(notBefore)} – ${DAY.format(notAfter)}${end}</text></g>`;
}

function short(text: string): string {
  const points = [...text];
  return points.length <= TEXT_MOST ? text : `${points.slice(0, TEXT_MOST - 1).join('')}…`;
}
