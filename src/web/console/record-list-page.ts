import { OUTCOMES } from '../../core/outcomes.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { choice, code, field, link, listTable, notice, outcomeBadge, tableRow } from '../parts.ts';
import type { ConsoleRequest } from './console.ts';
import type { RecordFilter, RecordPage, ShownRecord } from './console-ports.ts';
import { consolePage } from './layout.ts';
import { instant } from './time.ts';

interface ListShown {
  readonly filter: RecordFilter;
  readonly q?: string;
  readonly page: RecordPage;
}

export function recordListPage(asked: ConsoleRequest, { filter, q, page }: ListShown): string {
  const { role } = asked.console;
  const title =
    role === 'pf'
      ? { ja: '検証', en: 'Verifications' }
      : { ja: role === 'sp' ? '申請' : '申請と検証', en: 'Applications' };
  const { next } = page;
  return consolePage(
    asked,
    title,
    html`${searchForm(q)}
${filterForm(asked, filter)}
${page.rows.length === 0 ? notice(undefined, NOTHING, { id: 'nothing' }) : table(page.rows)}
${next === undefined ? undefined : olderLink(filter, next)}`,
  );
}

const NOTHING = { ja: '該当するものはありません。', en: 'Nothing was found.' };

function olderLink(filter: RecordFilter, after: string): Html {
  const query = new URLSearchParams({ ...filter, after });
  const look = { class: 'button secondary small', id: 'next' };
  return html`<p>${link(`/console/records?${query}`, { ja: '次の50件', en: 'Older' }, look)}</p>`;
}

function searchForm(q: string | undefined): Html {
  const label = { ja: '番号で探す', en: "Our id, the tenant's own id, or the request's" };
  const look = html`class="filters" role="search" aria-label="番号で探す / Search by id"`;
  return html`<form method="get" action="/console/records" ${look}>
<div>${field(label, { id: 'q', maxlength: 128, value: q ?? '', spellcheck: 'false' })}</div>
<button type="submit" class="small">${both({ ja: '探す', en: 'Search' })}</button>
</form>`;
}

function filterForm({ console }: ConsoleRequest, { tenant, status, from, to }: RecordFilter): Html {
  const { filters, tenants } = console.records;
  const all = { value: '', label: 'すべて / all' };
  const states = filters.map(({ value, label }) => ({ value, label: `${label.ja} / ${label.en}` }));
  const names = tenants().map((name) => ({ value: name, label: name }));
  return html`<form method="get" action="/console/records" class="filters" aria-label="絞り込み / Filters">
<div>${choice({ ja: '状態', en: 'State or result' }, { id: 'status' }, [all, ...states], status ?? '')}</div>
<div>${choice({ ja: '利用機関', en: 'Tenant' }, { id: 'tenant' }, [all, ...names], tenant ?? '')}</div>
<div>${field({ ja: 'この日から', en: 'From' }, { id: 'from', type: 'date', value: from ?? '' })}</div>
<div>${field({ ja: 'この日まで', en: 'To' }, { id: 'to', type: 'date', value: to ?? '' })}</div>
<button type="submit" class="small">${both({ ja: '絞り込む', en: 'Filter' })}</button>
</form>`;
}

function table(rows: readonly ShownRecord[]): Html {
  const named = rows.some(({ name }) => name !== undefined);
  return listTable({
    id: 'records',
    caption: { ja: '新しい順', en: 'Newest first' },
    columns: [
      { ja: '番号', en: 'Id' },
      named ? { ja: '文書の名前', en: 'Document' } : undefined,
      { ja: '利用機関の番号', en: "Tenant's id" },
      { ja: '状態', en: 'State' },
      { ja: '利用機関', en: 'Tenant' },
      { ja: '受付', en: 'Received' },
      { ja: '更新', en: 'Updated' },
    ],
    rows: rows.map(({ id, tenant, status, outcome, createdAt, updatedAt, name, externalId, code: reason }) =>
      tableRow({ 'data-id': id, 'data-status': status, 'data-outcome': outcome }, [
        link(`/console/records/${id}`, html`<code>${id}</code>`),
        named ? (name ?? '–') : undefined,
        externalId ?? '–',
        html`${outcomeBadge(OUTCOMES[outcome])} ${code(reason)}`,
        tenant,
        instant(createdAt),
        instant(updatedAt),
      ]),
    ),
  });
}
