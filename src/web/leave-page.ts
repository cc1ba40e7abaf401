import type { Response } from 'express';
import { layout } from './applicant/layout.ts';
import { both } from './bilingual.ts';
import { html } from './html.ts';

const PRESS = { ja: '移動しないときはここを押してください', en: 'Press here if nothing happens' };
const TITLE = { ja: '次の画面へ移動します', en: 'Going on' };

/**
 * Leads the browser to another site, or to an address of ours that goes on to one, by a page of ours. A redirect
 * would be shorter, but browsers hold each redirect after a form against `form-action` (CSP 3 section 6.4.2),
 * brokers and apps behind them too: nothing would happen, without a word.
 */
export function leadTo(response: Response, url: string): void {
  const where = url.startsWith('/')
    ? { ja: 'ログインの画面へ移動します。', en: 'Going on to the login.' }
    : {
        ja: '{host} の画面へ移動します。',
        en: 'Going on to {host}.',
        values: { host: new URL(url).host },
      };
  const content = html`<p>${both(where)}</p>
<p><a class="button" href="${url}" rel="noreferrer">${both(PRESS)}</a></p>`;
  response.type('html').send(layout(TITLE, content, { leadsTo: url }));
}
