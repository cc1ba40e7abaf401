import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { AuditPlace, AuditRecord, AuditState, ChainState } from '../../ports/audit.ts';
import { type Html, html } from '../html.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import { actionForm, consolePage } from './layout.ts';
import { textQuery } from './query.ts';
import { instant } from './time.ts';

const PAGE = 100;

export const AUDIT_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/audit', act: 'audit.read', handle: show },
  { method: 'post', path: '/console/audit/verify', act: 'audit.read', handle: verify },
];

const FILTERS = {
  event: /^[a-z-]{1,40}\.[a-z-]{1,40}$/,
  subject: /^[0-9A-Za-z._:-]{1,128}$/,
  before: /^[0-9]{1,15}\.[0-9]{1,15}\.[0-9]{1,15}$/,
} as const;

async function show(asked: ConsoleRequest): Promise<void> {
  const { event, subject, before } = textQuery(asked.request, FILTERS);
  const records = await asked.console.ports.audit.page(
    defined({
      event,
      subject,
      before: before === undefined ? undefined : placeOf(before),
      limit: PAGE + 1,
    }),
  );
  const rows = records.slice(0, PAGE);
  const last = rows.at(-1);
  const filter = defined({
    event,
    subject,
  });
  const next =
    records.length > PAGE && last !== undefined ? `${last.at}.${last.chain}.${last.seq}` : undefined;
  asked.response.type('html').send(
    auditPage(
      asked,
      html`${filterForm(filter)}
${recordTable(rows)}
${next === undefined ? undefined : html`<p><a class="button secondary small" id="next" href="${`/console/audit?${new URLSearchParams({ ...filter, before: next })}`}">次の${PAGE}件<span lang="en">Older</span></a></p>`}`,
    ),
  );
}

function placeOf(text: string): AuditPlace {
  const [at = 0, chain = 0, seq = 0] = text.split('.').map(Number);
  return { at: at as EpochMillis, chain, seq };
}

/** Walks the whole chains: an act of its own, since it takes as long as the chains are. */
async function verify(asked: ConsoleRequest): Promise<void> {
  const { console, response } = asked;
  const audit = await console.ports.audit.verify();
  const evidence = await console.archive.verify();
  const broken = audit.brokenAt !== undefined || evidence.brokenAt !== undefined;
  if (broken) console.log.error('audit.broken', { code: new JitsuinError('audit.broken', '').code });
  response.type('html').send(
    auditPage(
      asked,
      html`${chainResult('audit', audit)}${unclosedChains(audit)}${chainResult('evidence', evidence)}
<p><a href="/console/audit">監査記録へ戻る<span lang="en">Back to the records</span></a></p>`,
    ),
  );
}

function auditPage(asked: ConsoleRequest, content: Html): string {
  const check = actionForm(
    '/console/audit/verify',
    asked.session.csrf,
    html`鎖を最初から確かめる<span lang="en">Check both chains from their first record</span>`,
    { id: 'verify-chain', small: true },
  );
  return consolePage(asked, { ja: '監査記録', en: 'Audit log' }, html`${check}${content}`);
}

const CHAINS = {
  audit: { ja: '監査記録の鎖', en: 'Audit chain' },
  evidence: { ja: '証跡の鎖', en: 'Evidence chain' },
} as const;

function chainResult(name: keyof typeof CHAINS, { records, head, brokenAt }: ChainState): Html {
  const { ja, en } = CHAINS[name];
  if (brokenAt !== undefined)
    return html`<p class="notice bad" id="${name}-chain" data-state="broken">✕ ${ja}: ${brokenAt} 番目の記録が変えられたか、欠けています。<span lang="en">${en}: record ${brokenAt} is changed, missing or out of place.</span></p>`;
  return html`<p class="notice good" id="${name}-chain" data-state="whole">✓ ${ja}: ${records} 件、すべてつながっています。<code class="hash">${head}</code><span lang="en">${en} is whole: ${records} records.</span></p>`;
}

/** A chain that nobody closed is named. */
function unclosedChains({ unclosed }: AuditState): Html | undefined {
  if (unclosed.length === 0) return undefined;
  return html`<ul id="unclosed">${unclosed.map(({ chain, openedAt, records, seenAt, ended }) =>
    ended
      ? html`<li data-chain="${chain}">鎖 ${chain}（${instant(openedAt)} から ${records} 件）は閉じられないまま終わりました。最後の確認は ${instant(seenAt)} です。<span lang="en">Nobody closed chain ${chain}: its process was not seen any more.</span></li>`
      : html`<li data-chain="${chain}">鎖 ${chain}（${instant(openedAt)} から ${records} 件）は開いています。最後の確認は ${instant(seenAt)} です。<span lang="en">Chain ${chain} is open: its process runs, or ended without closing it.</span></li>`,
  )}</ul>`;
}

function filterForm({ event, subject }: { readonly event?: string; readonly subject?: string }): Html {
  return html`<form method="get" action="/console/audit" class="filters" aria-label="絞り込み / Filters">
<div><label for="event">出来事<span lang="en">Event, for example personal-data.shown</span></label><input type="text" id="event" name="event" value="${event}" maxlength="80" autocomplete="off" spellcheck="false"></div>
<div><label for="subject">対象の番号<span lang="en">Subject</span></label><input type="text" id="subject" name="subject" value="${subject}" maxlength="128" autocomplete="off" spellcheck="false"></div>
<button type="submit" class="small">絞り込む<span lang="en">Filter</span></button>
</form>`;
}

function recordTable(records: readonly AuditRecord[]): Html {
  if (records.length === 0)
    return html`<p class="notice">該当する記録はありません。<span lang="en">Nothing was found.</span></p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="audit-caption"><table id="audit" class="list">
<caption id="audit-caption">新しい順<span lang="en">Newest first</span></caption>
<thead><tr><th scope="col">番号<span lang="en">No.</span></th><th scope="col">日時<span lang="en">Time</span></th><th scope="col">出来事<span lang="en">Event</span></th><th scope="col">対象<span lang="en">Subject</span></th><th scope="col">利用機関<span lang="en">Tenant</span></th><th scope="col">内容<span lang="en">Facts</span></th></tr></thead>
<tbody>${records.map(
    ({ chain, seq, at, event, subject, tenant, code, facts = {} }) =>
      html`<tr data-event="${event}"><th scope="row">${chain}-${seq}</th><td>${instant(at)}</td><td><code>${event}</code></td><td><code>${subject}</code></td><td>${tenant}</td><td>${code === undefined ? undefined : html`<code>${code}</code> `}${Object.entries(facts).map(([name, value]) => html`<code>${name}=${value}</code> `)}</td></tr>`,
  )}</tbody></table></div>`;
}
