import { JitsuinError } from '../../core/errors.ts';
import { japaneseMonth } from '../../core/fees/price-list.ts';
import type { FeeTotal } from '../../ports/fee-ledger.ts';
import { type Html, html } from '../html.ts';
import { link, listTable, notice, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ConsoleFees } from './console-ports.ts';
import { consolePage } from './layout.ts';
import { barPlot } from './plot.ts';
import { textQuery } from './query.ts';
import { statementPage } from './statement-page.ts';

const MONTHS = 12;
const MONTH = /^20[0-9]{2}-(?:0[1-9]|1[0-2])$/;
const TENANT = /^[0-9A-Za-z_-]{1,64}$/;

export const FEE_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/fees', act: 'fees.read', handle: show },
  { method: 'get', path: '/console/fees.csv', act: 'fees.read', handle: csv },
  { method: 'get', path: '/console/fees/statement', act: 'fees.read', handle: sheet },
  { method: 'get', path: '/console/fees/statement.csv', act: 'fees.read', handle: statement },
];

function portOf({ console }: ConsoleRequest): ConsoleFees {
  if (console.fees === undefined)
    throw new JitsuinError(
      'http.not-found',
      'This console has no fees: they are of a platform operator only.',
    );
  return console.fees;
}

async function show(asked: ConsoleRequest): Promise<void> {
  const totals = await totalsOf(asked);
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '手数料', en: 'Fees' },
      html`<p>有効性確認ごとの手数料(円、直近${MONTHS}か月)。
<span lang="en">Fees of validity checks in yen, the last ${MONTHS} months.</span></p>
${totals.length === 0 ? notice(undefined, NONE, { id: 'no-fees' }) : html`${plot(asked, totals)}${table(totals)}`}
<p>${link('/console/fees.csv', { ja: 'CSVで保存する', en: 'Download as CSV' }, { class: 'button secondary small' })}</p>`,
    ),
  );
}

const NONE = { ja: 'まだありません。', en: 'There is none yet.' };

function totalsOf(asked: ConsoleRequest): Promise<readonly FeeTotal[]> {
  const months = monthsTo(asked.console.ports.clock.now());
  return portOf(asked).totals(months[0] ?? '', months.at(-1) ?? '');
}

/** The months of Japan's calendar up to the one of `now`, oldest first. */
function monthsTo(now: number): readonly string[] {
  const [year = 0, month = 1] = japaneseMonth(now as Parameters<typeof japaneseMonth>[0])
    .split('-')
    .map(Number);
  return Array.from({ length: MONTHS }, (_, index) => {
    const date = new Date(Date.UTC(year, month - MONTHS + index, 1));
    return date.toISOString().slice(0, 7);
  });
}

function plot(asked: ConsoleRequest, totals: readonly FeeTotal[]): Html {
  const bars = monthsTo(asked.console.ports.clock.now()).map((month) => ({
    label: month.slice(2),
    value: totals.filter((total) => total.month === month).reduce((sum, { charged }) => sum + charged, 0),
  }));
  return barPlot({ id: 'fees-plot', title: '月ごとの請求額 (charged yen by month)', unit: '円', bars });
}

function figure(value: number) {
  return { look: 'number', content: value.toLocaleString('ja-JP') } as const;
}

function table(totals: readonly FeeTotal[]): Html {
  return listTable({
    id: 'fees',
    caption: { ja: '月と利用機関ごと', en: 'By month and tenant' },
    columns: [
      { ja: '月', en: 'Month' },
      { ja: '利用機関', en: 'Tenant' },
      { ja: '件数', en: 'Checks' },
      { ja: '定価(円)', en: 'List price' },
      { ja: '請求額(円)', en: 'Charged' },
      { ja: '明細', en: 'Statement' },
    ],
    rows: totals.map(({ month, tenant, count, list, charged }) =>
      tableRow({}, [
        month,
        tenant,
        figure(count),
        figure(list),
        figure(charged),
        html`${statementLink('', '印刷 Print', tenant, month)} ${statementLink('.csv', 'CSV', tenant, month)}`,
      ]),
    ),
  });
}

/** RFC 4180. Every value is one of ours, without a comma, a quote or a formula. */
async function csv(asked: ConsoleRequest): Promise<void> {
  const lines = (await totalsOf(asked)).map(({ month, tenant, count, list, charged }) =>
    [month, tenant, count, list, charged].join(','),
  );
  const text = ['month,tenant,checks,list_total,charged_total', ...lines]
    .map((line) => `${line}\r\n`)
    .join('');
  asked.response.type('text/csv').attachment('fees.csv').send(text);
}

function statementLink(ending: string, text: string, tenant: string, month: string): Html {
  return link(
    `/console/fees/statement${ending}?${new URLSearchParams({ tenant, month })}`,
    html`${text}<span class="unseen"> ${month} ${tenant}</span>`,
  );
}

function monthOf({ request }: ConsoleRequest): { readonly tenant: string; readonly month: string } {
  const { tenant, month } = textQuery(request, { tenant: TENANT, month: MONTH });
  if (tenant !== undefined && month !== undefined) return { tenant, month };
  throw new JitsuinError('http.body', 'Choose a tenant, and a month as YYYY-MM.', { at: 'month' });
}

async function sheet(asked: ConsoleRequest): Promise<void> {
  const { tenant, month } = monthOf(asked);
  const found = await portOf(asked).statementSheet(tenant, month);
  asked.response.type('html').send(statementPage(asked, found));
}

async function statement(asked: ConsoleRequest): Promise<void> {
  const { tenant, month } = monthOf(asked);
  const text = await portOf(asked).statementCsv(tenant, month);
  asked.response.type('text/csv').attachment(`statement-${tenant}-${month}.csv`).send(text);
}
