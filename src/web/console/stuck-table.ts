import type { EpochMillis } from '../../core/brand.ts';
import { OUTCOMES } from '../../core/outcomes.ts';
import type { Bilingual } from '../bilingual.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { heading, link, listTable, notice, outcomeBadge, tableRow } from '../parts.ts';
import type { StuckRecord } from './console-ports.ts';
import { duration, instant } from './time.ts';

type Exit = StuckRecord['exits'][number];

const EVENTS: Readonly<Record<Exit['event'], Bilingual>> = {
  'job-renewed': { ja: '仕事を出し直す', en: 'its job is published anew' },
  'timed-out': { ja: '期限で終わる', en: 'ends by its clock' },
};

const CAPTION: Bilingual = {
  ja:
    '長く止まっている順。過ぎた時刻のものは次の定期処理で行われます。' +
    '残り続けるなら、処理係(worker)が動いているか確かめてください。',
  en:
    'Longest first. What is due happens at the next sweep; if it stays here, ' +
    'see whether a worker is running.',
};

/** Records that stand in a state past their expected time, with what the sweep will do about each. */
export function stuckTable(stuck: readonly StuckRecord[], now: EpochMillis): Html {
  const title = heading({ ja: '滞留している記録', en: 'Records past their expected time' });
  if (stuck.length === 0) {
    const none = { ja: '滞留している記録はありません。', en: 'There is none.' };
    return html`${title}
${notice('good', none, { id: 'no-stuck' })}`;
  }
  return html`${title}
${listTable({
  id: 'stuck',
  caption: CAPTION,
  columns: [
    { ja: '記録', en: 'Record' },
    { ja: '利用機関', en: 'Tenant' },
    { ja: '状態', en: 'State' },
    { ja: 'この状態の長さ', en: 'In this state for' },
    { ja: 'これからどうなるか', en: 'What leads out of it, and when' },
  ],
  rows: stuck.map(({ id, tenant, status, outcome, since, exits }) =>
    tableRow({ 'data-stuck': id }, [
      link(`/console/records/${id}`, html`<code>${id}</code>`),
      tenant,
      html`${outcomeBadge(OUTCOMES[outcome])} <code>${status}</code>`,
      both(duration(now - since)),
      exits.map((exit) => exitLine(exit, now)),
    ]),
  ),
})}`;
}

function exitLine({ event, at, into }: Exit, now: EpochMillis): Html {
  const due = at <= now ? html`(次の定期処理<span lang="en">next sweep</span>)` : undefined;
  return html`<p data-exit="${event}">${both(EVENTS[event])} <code>→ ${into}</code> ${instant(at)}${due}</p>`;
}
