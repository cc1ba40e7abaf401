import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { code, listTable, notice, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ShownAgeing } from './console-ports.ts';
import { japaneseDay } from './days.ts';
import { consolePage } from './layout.ts';
import { textQuery } from './query.ts';
import { instant } from './time.ts';

const DAY = /^2[0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const TITLE: Bilingual = { ja: '証跡の期限', en: 'Evidence ageing' };
const ABOUT: Bilingual = {
  ja:
    '証跡がいつまで、何によって証明できるか。早く切れるものから並べます。証跡は開きません。' +
    '期限が近づいたものは、時刻印を重ねて自動で更新します。',
  en:
    'Until when the records are provable as they stand, and by what that ends, the first to end first. ' +
    'No record is opened. What ends soon is renewed by the worker.',
};
const BEFORE: Bilingual = { ja: 'この日より前に切れるもの', en: 'Only what ends before this day' };
const FILTER: Bilingual = { ja: '絞り込む', en: 'Filter' };
const NONE: Bilingual = { ja: 'ありません。', en: 'There is none.' };
const BY_CERTIFICATE: Bilingual = { ja: '認証局の証明書', en: "the authority's certificate" };

export const AGEING_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/ageing', act: 'evidence.ageing', handle: show },
];

/** What `jitsuin evidence ageing` says, under the ends of algorithms that the worker renews by. */
async function show(asked: ConsoleRequest): Promise<void> {
  const { before: text } = textQuery(asked.request, { before: DAY });
  const periods = (await asked.console.ageing?.(text === undefined ? undefined : japaneseDay(text))) ?? [];
  const content = html`<p>${both(ABOUT)}</p>
<form method="get" action="/console/ageing" class="filter">
<label for="before">${both(BEFORE)}</label>
<input type="date" id="before" name="before" value="${text ?? ''}">
<button type="submit" class="secondary small">${both(FILTER)}</button>
</form>
${periods.length === 0 ? notice(undefined, NONE, { id: 'no-ageing' }) : table(periods)}`;
  asked.response.type('html').send(consolePage(asked, TITLE, content));
}

function table(periods: readonly ShownAgeing[]): Html {
  const records = periods.reduce((sum, period) => sum + period.records, 0);
  return listTable({
    id: 'ageing',
    caption: {
      ja: `${periods.length} 期間、証跡 ${records} 件`,
      en: `${periods.length} periods, ${records} records`,
    },
    columns: [
      { ja: '証明できる期限', en: 'Provable until' },
      { ja: '切れる理由', en: 'Ends by' },
      { ja: '期間', en: 'Period' },
      { ja: '件数', en: 'Records' },
      { ja: '木のハッシュ', en: 'Tree' },
      { ja: '支えるアルゴリズム', en: 'Stands on' },
      { ja: '時刻認証局', en: 'Authority' },
    ],
    rows: periods.map((one) =>
      tableRow({ 'data-period': String(one.period), 'data-ends-by': one.endsBy }, [
        instant(one.provableUntil),
        one.endsBy === 'certificate' ? both(BY_CERTIFICATE) : code(one.endsBy),
        one.period,
        one.records,
        code(one.tree),
        html`${one.algorithms.map((name) => html`<code>${name}</code> `)}`,
        one.authority,
      ]),
    ),
  });
}
