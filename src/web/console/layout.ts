import type { StaffRole } from '../../ports/staff-store.ts';
import { may } from '../../staff/permissions.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { hidden } from '../parts.ts';
import type { ConsoleRequest, ConsoleSection } from './console.ts';
import { sectionsOf } from './sections.ts';

const SITE: Bilingual = { ja: '運用コンソール', en: 'Operations console' };

const ROLES: Readonly<Record<StaffRole, Bilingual>> = {
  viewer: { ja: '閲覧者', en: 'viewer' },
  operator: { ja: '運用者', en: 'operator' },
  auditor: { ja: '監査者', en: 'auditor' },
  administrator: { ja: '管理者', en: 'administrator' },
};

const ENVIRONMENTS = {
  pf: { ja: 'プラットフォーム事業者', en: 'platform operator' },
  gov: { ja: '行政機関', en: 'agency' },
  sp: { ja: 'サービス提供事業者', en: 'service provider' },
} as const;

export function roleName(role: StaffRole): Bilingual {
  return ROLES[role];
}

/** A page before the login. */
export function outerPage(title: Bilingual, content: Html): string {
  return page(
    title,
    undefined,
    html`<h1>${both(title)}</h1>
${content}`,
  );
}

/** A page of the console: who is logged in, where they may go, and the content. */
export function consolePage(asked: ConsoleRequest, title: Bilingual, content: Html): string {
  const { console, operator } = asked;
  const here = asked.request.path;
  return page(
    title,
    head(asked),
    html`<nav class="sections" aria-label="コンソールの区分 / Sections"><ul>
${sectionsOf(console)
  .filter(({ act }) => may(operator, act))
  .map((section) => sectionLink(section, here))}
</ul></nav>
<h1>${both(title)}</h1>
${content}`,
  );
}

function page(title: Bilingual, who: Html | undefined, content: Html): string {
  return html`<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title.ja} | ${SITE.ja}</title>
<link rel="stylesheet" href="/assets/tokens.css">
<link rel="stylesheet" href="/assets/applicant.css">
<link rel="stylesheet" href="/assets/console.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
</head>
<body class="console">
<a class="skip" href="#main">本文へ移動<span lang="en">Skip to content</span></a>
<header class="site"><p>${both(SITE)}</p>${who}</header>
<main id="main" tabindex="-1">
${content}
</main>
</body>
</html>
`.markup;
}

function head({ console, operator, session }: ConsoleRequest): Html {
  const { environment, role } = console;
  const { ja, en } = ENVIRONMENTS[role];
  const held = roleName(operator.role);
  const label = environment === 'test' ? '試験環境' : '本番環境';
  return html`<div class="who">
<p>${ja} <span class="badge ${environment}">${label}</span><span lang="en">${en}, ${environment}</span></p>
<p id="operator">${operator.name}<span lang="en">${held.ja} ${held.en}</span></p>
${actionForm('/console/logout', session.csrf, both({ ja: 'ログアウト', en: 'Log out' }), { small: true })}
</div>`;
}

function sectionLink({ path, label }: ConsoleSection, here: string): Html {
  const current = path === '/console' ? here === path : here.startsWith(path);
  return html`<li><a href="${path}"${current ? html` aria-current="page"` : undefined}>${both(label)}</a></li>`;
}

interface ActionLook {
  readonly fields?: Html;
  readonly small?: boolean;
  readonly id?: string;
}

/** A form with the session's token; everything that changes something is one of these. */
export function actionForm(action: string, csrf: string, label: Html, look: ActionLook = {}): Html {
  const id = look.id === undefined ? undefined : html` id="${look.id}"`;
  return html`<form method="post" action="${action}"${id}>
${hidden('csrf', csrf)}
${look.fields}<button type="submit" class="${look.small === true ? 'secondary small' : 'secondary'}">${label}</button>
</form>`;
}
