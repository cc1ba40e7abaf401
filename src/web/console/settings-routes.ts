import { JitsuinError } from '../../core/errors.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { factRow, factTable, heading, link, listTable, notice, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ConsoleSettings } from './console-ports.ts';
import { consolePage } from './layout.ts';

const LOGO = '/console/settings/logo';

export const SETTINGS_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/settings', act: 'settings.read', handle: show },
  { method: 'get', path: LOGO, act: 'settings.read', handle: logo },
];

function portOf({ console }: ConsoleRequest): ConsoleSettings {
  if (console.settings === undefined) throw new JitsuinError('http.not-found', 'No settings are shown here.');
  return console.settings;
}

async function show(asked: ConsoleRequest): Promise<void> {
  const settings = portOf(asked);
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '設定', en: 'Settings' },
      html`<p>${both({
        ja: 'いま効いている設定です。変えるには、設定ファイルを直して起動し直してください。',
        en: 'What is in force. To change it, change the settings of the role and start it again.',
      })}</p>
${factTable(
  { ja: '基本', en: 'Basics' },
  settings.facts().map(([label, value]) => factRow(label, html`<code>${value}</code>`)),
  'facts',
)}
${returnUrlTable(settings)}
${branding(settings)}`,
    ),
  );
}

const RETURN_URLS = { ja: '戻り先として登録したURL', en: 'Registered return URLs' };

function returnUrlTable(settings: ConsoleSettings): Html {
  const all = settings.returnUrls();
  return html`${heading(RETURN_URLS)}
<p>${both({
    ja: '署名が終わった人を、このURLか、その下のパスにだけ案内します。',
    en: 'Citizens are led back to these URLs and to paths below them, and nowhere else.',
  })}</p>
${listTable({
  id: 'return-urls',
  caption: RETURN_URLS,
  columns: [
    { ja: '利用機関', en: 'Tenant' },
    { ja: 'URL', en: 'URL' },
  ],
  rows: all.map(({ tenant, urls }) =>
    tableRow({ 'data-tenant': tenant }, [
      tenant,
      urls.length === 0
        ? both({ ja: '登録なし', en: 'none' })
        : html`<ul>${urls.map((url) => html`<li><code>${url}</code></li>`)}</ul>`,
    ]),
  ),
})}`;
}

const BRANDING = { ja: '署名する人に見せる名前', en: 'What citizens are shown' };

function branding({ organization, logo: image }: ConsoleSettings): Html {
  if (organization === undefined)
    return html`${heading(BRANDING)}
${notice(
  'care',
  {
    ja: '名前や問い合わせ先が設定されていません(JITSUIN_SITE_FILE)。',
    en: 'No name and no contact is configured (JITSUIN_SITE_FILE).',
  },
  { id: 'no-branding' },
)}`;
  const { name, contact, privacy_notice: privacy, colours } = organization;
  return html`${heading(BRANDING)}
${factTable(
  BRANDING,
  [
    factRow({ ja: '名前', en: 'Name' }, both(name)),
    image === undefined
      ? undefined
      : factRow({ ja: 'ロゴ', en: 'Logo' }, html`<img src="${LOGO}" alt="${name.ja}" height="48">`),
    contact === undefined ? undefined : factRow({ ja: '問い合わせ先', en: 'Contact' }, both(contact.text)),
    contact?.url === undefined
      ? undefined
      : factRow({ ja: '問い合わせ先のURL', en: 'Contact URL' }, link(contact.url, html`${contact.url}`)),
    privacy === undefined
      ? undefined
      : factRow({ ja: '個人情報の取扱い', en: 'Privacy notice' }, link(privacy, html`${privacy}`)),
    colours === undefined
      ? undefined
      : factRow(
          { ja: '色', en: 'Colours' },
          html`<code>${colours.light}</code> <code>${colours.dark}</code>`,
        ),
  ],
  'branding',
)}`;
}

async function logo(asked: ConsoleRequest): Promise<void> {
  const { logo: image } = portOf(asked);
  if (image === undefined) throw new JitsuinError('http.not-found', 'No logo is configured.');
  asked.response.type(image.type).send(Buffer.from(image.octets));
}
