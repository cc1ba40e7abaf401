import { type Html, html } from '../html.ts';
import type { ConsoleRequest } from './console.ts';
import type { RecordFilter, RecordPage, ShownRecord } from './desks.ts';
import { consolePage } from './layout.ts';
import { statusBadge } from './status.ts';
import { instant } from './time.ts';

interface ListShown {
  readonly filter: RecordFilter;
  readonly q?: string;
  readonly page: RecordPage;
}

export function recordListPage(asked: ConsoleRequest, { filter, q, page }: ListShown): string {
  const { records, role } = asked.console;
  const title =
    role === 'pf' ? { ja: '検証', en: 'Verifications' } : { ja: '申請と検証', en: 'Applications' };
  const more =
    page.next === undefined
      ? undefined
      : html`<p><a class="button secondary small" id="next" href="${`/console/records?${new URLSearchParams({ ...filter, after: page.next })}`}">次の${50}件<span lang="en">Older</span></a></p>`;
  return consolePage(
    asked,
    title,
    html`${searchForm(q)}
${filterForm(asked, filter)}
${page.rows.length === 0 ? html`<p id="nothing" class="notice">該当するものはありません。<span lang="en">Nothing was found.</span></p>` : table(records.statuses, page.rows)}
${more}`,
  );
}

function searchForm(q: string | undefined): Html {
  return html`<form method="get" action="/console/records" class="filters" role="search" aria-label="番号で探す / Search by id">
<div><label for="q">番号で探す<span lang="en">Verification id or the tenant's own id</span></label>
<input type="text" id="q" name="q" maxlength="128" value="${q}" autocomplete="off" spellcheck="false"></div>
<button type="submit" class="small">探す<span lang="en">Search</span></button>
</form>`;
}

function filterForm({ console }: ConsoleRequest, { tenant, status, from, to }: RecordFilter): Html {
  const { statuses } = console.records;
  return html`<form method="get" action="/console/records" class="filters" aria-label="絞り込み / Filters">
<div><label for="status">状態<span lang="en">State or result</span></label>
<select id="status" name="status">${option('', 'すべて / all', status)}${statuses.map(({ value, label }) => option(value, `${label.ja} / ${label.en}`, status))}</select></div>
<div><label for="tenant">利用機関<span lang="en">Tenant</span></label>
<select id="tenant" name="tenant">${option('', 'すべて / all', tenant)}${console.records.tenants().map((name) => option(name, name, tenant))}</select></div>
<div><label for="from">この日から<span lang="en">From</span></label><input type="date" id="from" name="from" value="${from}"></div>
<div><label for="to">この日まで<span lang="en">To</span></label><input type="date" id="to" name="to" value="${to}"></div>
<button type="submit" class="small">絞り込む<span lang="en">Filter</span></button>
</form>`;
}

function option(value: string, label: string, chosen: string | undefined): Html {
  return html`<option value="${value}"${value === (chosen ?? '') ? html` selected` : undefined}>${label}</option>`;
}

function table(
  statuses: ConsoleRequest['console']['records']['statuses'],
  rows: readonly ShownRecord[],
): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="records-caption"><table id="records" class="list">
<caption id="records-caption">新しい順<span lang="en">Newest first</span></caption>
<thead><tr><th scope="col">番号<span lang="en">Id</span></th><th scope="col">状態<span lang="en">State</span></th><th scope="col">利用機関<span lang="en">Tenant</span></th><th scope="col">受付<span lang="en">Received</span></th><th scope="col">更新<span lang="en">Updated</span></th></tr></thead>
<tbody>${rows.map(
    ({ id, tenant, status, createdAt, updatedAt, code }) => html`<tr data-id="${id}" data-status="${status}">
<th scope="row"><a href="/console/records/${id}"><code>${id}</code></a></th>
<td>${statusBadge(statuses, status)}${code === undefined ? undefined : html` <code>${code}</code>`}</td>
<td>${tenant}</td><td>${instant(createdAt)}</td><td>${instant(updatedAt)}</td></tr>`,
  )}</tbody></table></div>`;
}
