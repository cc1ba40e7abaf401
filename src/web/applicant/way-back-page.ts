import type { Application } from '../../core/sign-transaction/application.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { link } from '../parts.ts';
import { layout } from './layout.ts';

const KEEP = {
  ja: 'このリンクを、写真に撮る、コピーして保存するなど、手元に残してください。ほかのブラウザーや端末でも開けます。一度だけ使えます。',
  en: 'Keep this link: copy it or take a picture. It opens in any browser or device, once.',
};
const SECRET = {
  ja: '他の人に教えないでください。もう一度署名できるのは、先ほど認証したご本人だけです。',
  en: 'Do not show it to others. Only the person who was authenticated before can sign again.',
};

/** The link by which the citizen comes back after the visit to the municipal office, and how long it works. */
export function wayBackPage({ id, purgeAt, secrets }: Application, publicUrl: string): string {
  const url = `${publicUrl}/applications/${id}/sign?hand_over=${secrets?.signLink ?? ''}`;
  const until = {
    ja: '{until}まで使えます。',
    en: 'It works until {until}.',
    values: { until: new Date(purgeAt) },
  };
  return layout(
    { ja: 'この手続に戻るためのリンク', en: 'The link back to this procedure' },
    html`${paragraph(KEEP)}
<p class="code" id="way-back"><code>${url}</code></p>
${paragraph(until)}
${paragraph(SECRET)}
<p>${link(`/applications/${id}/complete`, { ja: '前の画面に戻る', en: 'Back' })}</p>`,
  );
}

function paragraph(text: Bilingual): Html {
  return html`<p>${both(text)}</p>`;
}
