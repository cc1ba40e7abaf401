import type { EpochMillis } from '../../core/brand.ts';
import type { Bilingual } from '../bilingual.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import type { RecordsDesk, StuckRecord } from './desks.ts';
import { statusBadge } from './status.ts';
import { duration, instant } from './time.ts';

type Exit = StuckRecord['exits'][number];

const EVENTS: Readonly<Record<Exit['event'], Bilingual>> = {
  'job-renewed': { ja: '仕事を出し直す', en: 'its job is published anew' },
  'timed-out': { ja: '期限で終わる', en: 'ends by its clock' },
};

/** Records that stand in a state past their expected time, with what the sweep will do about each. */
export function stuckTable(
  statuses: RecordsDesk['statuses'],
  stuck: readonly StuckRecord[],
  now: EpochMillis,
): Html {
  const title = html`<h2>滞留している記録<span lang="en">Records past their expected time</span></h2>`;
  if (stuck.length === 0)
    return html`${title}
<p class="notice good" id="no-stuck">滞留している記録はありません。<span lang="en">There is none.</span></p>`;
  return html`${title}
<div class="scroll" tabindex="0" role="region" aria-labelledby="stuck-caption"><table id="stuck" class="list">
<caption id="stuck-caption">長く止まっている順。過ぎた時刻のものは次の定期処理で行われます。残り続けるなら、処理係(worker)が動いているか確かめてください。<span lang="en">Longest first. What is due happens at the next sweep; if it stays here, see whether a worker is running.</span></caption>
<thead><tr><th scope="col">記録<span lang="en">Record</span></th><th scope="col">利用機関<span lang="en">Tenant</span></th><th scope="col">状態<span lang="en">State</span></th><th scope="col">この状態の長さ<span lang="en">In this state for</span></th><th scope="col">これからどうなるか<span lang="en">What leads out of it, and when</span></th></tr></thead>
<tbody>${stuck.map(
    ({ id, tenant, status, since, exits }) => html`<tr data-stuck="${id}">
<th scope="row"><a href="/console/records/${id}"><code>${id}</code></a></th><td>${tenant}</td>
<td>${statusBadge(statuses, status)} <code>${status}</code></td><td>${both(duration(now - since))}</td>
<td>${exits.map((exit) => exitLine(exit, now))}</td></tr>`,
  )}</tbody></table></div>`;
}

function exitLine({ event, at, into }: Exit, now: EpochMillis): Html {
  const due = at <= now ? html`(次の定期処理<span lang="en">next sweep</span>)` : undefined;
  return html`<p data-exit="${event}">${both(EVENTS[event])} <code>→ ${into}</code> ${instant(at)}${due}</p>`;
}
