import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { AuditPosition, AuditRecord, AuditState, ChainState } from '../../ports/audit.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { code, field, link, listTable, notice, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import { shownEvent } from './event-words.ts';
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
${recordTable(rows, await namesOf(asked))}
${next === undefined ? undefined : olderLink(filter, next)}`,
    ),
  );
}

function placeOf(text: string): AuditPosition {
  const [at = 0, chain = 0, seq = 0] = text.split('.').map(Number);
  return { at: at as EpochMillis, chain, seq };
}

function olderLink(filter: Readonly<Record<string, string>>, before: string): Html {
  const query = new URLSearchParams({ ...filter, before });
  const look = { class: 'button secondary small', id: 'next' };
  return html`<p>${link(`/console/audit?${query}`, { ja: `次の${PAGE}件`, en: 'Older' }, look)}</p>`;
}

/** Walks the whole chains: an act of its own, since it takes as long as the chains are. */
async function verify(asked: ConsoleRequest): Promise<void> {
  const { console, response } = asked;
  const audit = await console.ports.audit.verify();
  const evidence = await console.archive?.verify();
  const broken = audit.brokenAt !== undefined || evidence?.brokenAt !== undefined;
  if (broken) console.log.error('audit.broken', { code: new JitsuinError('audit.broken', '').code });
  response.type('html').send(
    auditPage(
      asked,
      html`${chainResult('audit', audit)}${unclosedChains(audit)}${
        evidence === undefined ? undefined : chainResult('evidence', evidence)
      }
<p><a href="/console/audit">監査記録へ戻る<span lang="en">Back to the records</span></a></p>`,
    ),
  );
}

function auditPage(asked: ConsoleRequest, content: Html): string {
  const check = actionForm(
    '/console/audit/verify',
    asked.session.csrf,
    both({ ja: '記録が改ざんされていないか確かめる', en: 'Check the chains from their first record' }),
    { id: 'verify-chain', small: true },
  );
  return consolePage(asked, { ja: '監査記録', en: 'Audit log' }, html`${check}${content}`);
}

const CHAINS = {
  audit: { ja: '監査記録', en: 'Audit chain' },
  evidence: { ja: '証跡', en: 'Evidence chain' },
} as const;

function chainResult(name: keyof typeof CHAINS, { records, head, brokenAt }: ChainState): Html {
  const { ja, en } = CHAINS[name];
  const id = `${name}-chain`;
  if (brokenAt !== undefined) {
    const broken = {
      ja: `✕ ${ja}: ${brokenAt} 番目の記録が変えられたか、欠けています。`,
      en: `${en}: record ${brokenAt} is changed, missing or out of place.`,
    };
    return notice('bad', broken, { id, 'data-state': 'broken' });
  }
  return notice(
    'good',
    html`✓ ${ja}: ${records} 件、すべてつながっています。<code class="hash">${head}</code>
<span lang="en">${en} is whole: ${records} records.</span>`,
    { id, 'data-state': 'whole' },
  );
}

/** A chain that nobody closed is named. */
function unclosedChains({ unclosed }: AuditState): Html | undefined {
  if (unclosed.length === 0) return undefined;
  const lines = unclosed.map(({ chain, openedAt, records, seenAt, ended }) => {
    const which = html`鎖 ${chain}（${instant(openedAt)} から ${records} 件）`;
    const seen = html`最後の確認は ${instant(seenAt)} です。`;
    return ended
      ? html`<li data-chain="${chain}">${which}は閉じられないまま終わりました。${seen}
<span lang="en">Nobody closed chain ${chain}: its process was not seen any more.</span></li>`
      : html`<li data-chain="${chain}">${which}は開いています。${seen}
<span lang="en">Chain ${chain} is open: its process runs, or ended without closing it.</span></li>`;
  });
  return html`<ul id="unclosed">${lines}</ul>`;
}

function filterForm({ event, subject }: { readonly event?: string; readonly subject?: string }): Html {
  return html`<form method="get" action="/console/audit" class="filters" aria-label="絞り込み / Filters">
<div>${field(
    { ja: '出来事', en: 'Event, for example personal-data.shown' },
    { id: 'event', value: event ?? '', maxlength: 80, spellcheck: 'false' },
  )}</div>
<div>${field(
    { ja: '対象の番号', en: 'Subject' },
    { id: 'subject', value: subject ?? '', maxlength: 128, spellcheck: 'false' },
  )}</div>
<button type="submit" class="small">${both({ ja: '絞り込む', en: 'Filter' })}</button>
</form>`;
}

/** Id of each member of the staff → their name; the chain itself has ids alone. */
async function namesOf({ console }: ConsoleRequest): Promise<ReadonlyMap<string, string>> {
  return new Map((await console.ports.operators.list()).map(({ id, name }) => [id, name]));
}

/** The name of a member of the staff beside their id; other ids as they are. */
function named(id: string, names: ReadonlyMap<string, string>): Html {
  const name = names.get(id);
  return html`${name === undefined ? undefined : html`${name} `}<code>${id}</code>`;
}

function recordTable(records: readonly AuditRecord[], names: ReadonlyMap<string, string>): Html {
  if (records.length === 0)
    return notice(undefined, { ja: '該当する記録はありません。', en: 'Nothing was found.' });
  return listTable({
    id: 'audit',
    caption: { ja: '新しい順', en: 'Newest first' },
    columns: [
      { ja: '番号', en: 'No.' },
      { ja: '日時', en: 'Time' },
      { ja: '出来事', en: 'Event' },
      { ja: '対象', en: 'Subject' },
      { ja: '利用機関', en: 'Tenant' },
      { ja: '内容', en: 'Facts' },
    ],
    rows: records.map(({ chain, seq, at, event, subject, tenant, code: reason, facts = {} }) =>
      tableRow({ 'data-event': event }, [
        `${chain}-${seq}`,
        instant(at),
        shownEvent(event),
        named(subject, names),
        tenant,
        html`${code(reason)} ${Object.entries(facts).map(([name, value]) => fact(name, value, names))}`,
      ]),
    ),
  });
}

function fact(name: string, value: string | number, names: ReadonlyMap<string, string>): Html {
  const who = typeof value === 'string' ? names.get(value) : undefined;
  return html`<code>${name}=${value}</code>${who === undefined ? undefined : html` (${who})`} `;
}
