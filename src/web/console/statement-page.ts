import type { StatementSheet } from '../../core/fees/statement-sheet.ts';
import { type Html, html } from '../html.ts';
import { listTable, tableRow } from '../parts.ts';
import type { ConsoleRequest } from './console.ts';
import { consolePage } from './layout.ts';

/** A month's bill of one tenant, to be printed or saved as PDF by the browser: what is around it is not printed. */
export function statementPage(asked: ConsoleRequest, sheet: StatementSheet): string {
  const { tenant, month, lines, net, tax, total } = sheet;
  const [year = '', number = ''] = month.split('-');
  return consolePage(
    asked,
    { ja: '利用明細書', en: 'Statement' },
    html`<p>${year}年${Number(number)}月分 <strong>${tenant}</strong> 御中<span lang="en">${month}, to ${tenant}</span></p>
${listTable({
  id: 'statement',
  caption: { ja: '有効性確認の手数料', en: 'Fees of validity checks' },
  columns: [
    { ja: '内容', en: 'Item' },
    { ja: '単価(円)', en: 'Price' },
    { ja: '件数', en: 'Checks' },
    { ja: '金額(円)', en: 'Amount' },
  ],
  rows: lines.map(({ what, price, count, amount }) =>
    tableRow({}, [what, figure(price), figure(count), figure(amount)]),
  ),
})}
<dl id="sums">
<dt>小計<span lang="en">Net</span></dt><dd>${yen(net)}</dd>
${tax === undefined ? undefined : taxed(tax)}
<dt>合計<span lang="en">Total</span></dt><dd><strong>${yen(total)}</strong></dd>
</dl>`,
  );
}

function taxed({ percent, amount }: NonNullable<StatementSheet['tax']>): Html {
  return html`<dt>消費税(${percent}%)<span lang="en">Consumption tax, ${percent} %</span></dt><dd>${yen(amount)}</dd>`;
}

function figure(value: number) {
  return { look: 'number', content: value.toLocaleString('ja-JP') } as const;
}

function yen(value: number): string {
  return `${value.toLocaleString('ja-JP')}円`;
}
