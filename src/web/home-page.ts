import type { Express } from 'express';
import type { ApiRole } from '../contracts/operations/operation.ts';
import { VERSION } from '../core/version.ts';
import { layout } from './applicant/layout.ts';
import { type Bilingual, both } from './bilingual.ts';
import { type Html, html } from './html.ts';

const WHAT: Readonly<Record<ApiRole, Bilingual>> = {
  sp: {
    ja: 'マイナンバーカードによる電子署名を受け付けるサーバーです(サービス提供事業者)。',
    en: 'This server takes documents to be signed with the My Number Card (private relying party).',
  },
  gov: {
    ja: 'マイナンバーカードによる電子署名を受け付け、検証するサーバーです(行政機関等)。',
    en: 'This server takes documents to be signed with the My Number Card and verifies them (agency).',
  },
  pf: {
    ja: '署名を検証し、受領証を発行するサーバーです(プラットフォーム事業者)。',
    en: 'This server verifies signatures and gives receipts (platform operator).',
  },
};
const CITIZENS: Bilingual = {
  ja: '署名をされる方は、手続の案内にあるリンクから開いてください。',
  en: 'To sign, open the link that you were given.',
};

interface Link {
  readonly href: string;
  readonly label: Bilingual;
}

const DOCS: Link = { href: '/docs', label: { ja: 'APIの説明', en: 'What the API offers' } };
const OPENAPI: Link = { href: '/openapi.json', label: { ja: 'OpenAPI文書', en: 'The OpenAPI document' } };
const VERIFY: Link = { href: '/verify', label: { ja: '署名済み文書の確認', en: 'Check a signed document' } };

/** `/` of a role that has no page for trying out: whoever opens the address that `serve` prints reads where to go. */
export function homeRoute(app: Express, role: ApiRole, options: { readonly verify: boolean }): void {
  const links = options.verify ? [VERIFY, DOCS, OPENAPI] : [DOCS, OPENAPI];
  const page = layout(
    { ja: `jitsuin ${role}`, en: `version ${VERSION}` },
    html`<p>${both(WHAT[role])}</p>
${role === 'pf' ? undefined : html`<p>${both(CITIZENS)}</p>`}
<ul class="next">${links.map(linkItem)}</ul>`,
  );
  app.get('/', (_request, response) => void response.type('html').send(page));
}

function linkItem({ href, label }: Link): Html {
  return html`<li><a href="${href}">${both(label)}</a></li>`;
}
