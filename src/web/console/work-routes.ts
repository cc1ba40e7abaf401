import { JitsuinError } from '../../core/errors.ts';
import { may } from '../../operators/permissions.ts';
import type { FailingJob } from '../../ports/job-desk.ts';
import type { DeadLetter, JobCounts } from '../../ports/job-queue.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import { actionForm, consolePage } from './layout.ts';
import { stuckTable } from './stuck-table.ts';
import { duration, instant } from './time.ts';

const MOST = 100;
const ID = /^[0-9A-Za-z:_-]{1,64}$/;

export const WORK_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/work', act: 'work.read', handle: show },
  {
    method: 'post',
    path: '/console/work/:id/retry',
    act: 'work.change',
    handle: (asked) => change(asked, 'retried', (id) => asked.console.work.retry(id)),
  },
  {
    method: 'post',
    path: '/console/work/:id/drop',
    act: 'work.change',
    handle: (asked) => change(asked, 'dropped', (id) => asked.console.work.drop(id)),
  },
];

async function show(asked: ConsoleRequest): Promise<void> {
  const { work, records, ports } = asked.console;
  const [counts, oldest, dead, failing, stuck] = await Promise.all([
    work.counts(),
    work.oldestDue(),
    work.deadLetters(MOST),
    work.failing(MOST),
    records.stuck(MOST),
  ]);
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '滞留と失敗', en: 'Stuck and failed work' },
      html`${countsTable(counts, oldest)}
${deadTable(asked, dead)}
${stuckTable(records.statuses, stuck, ports.clock.now())}
${failingTable(failing)}`,
    ),
  );
}

async function change(
  { console, operator, request, response }: ConsoleRequest,
  verb: 'retried' | 'dropped',
  act: (id: string) => Promise<boolean>,
): Promise<void> {
  const id = String(request.params['id'] ?? '');
  if (!ID.test(id) || !(await act(id)))
    throw new JitsuinError(
      'http.not-found',
      'No job that failed for good has this id any more: it was tried again or removed.',
    );
  const at = console.ports.clock.now();
  const facts = { operator: operator.id };
  await console.ports.audit.append({ event: `job.${verb}`, subject: id, tenant: '', at, facts });
  response.redirect(303, '/console/work');
}

function countsTable(counts: JobCounts, oldest: Readonly<Record<string, number>>): Html {
  const longest = Math.max(0, ...Object.values(oldest)) * 1000;
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="counts-caption"><table id="counts" class="list"><caption id="counts-caption">いまの仕事<span lang="en">Jobs now</span></caption>
<thead><tr><th scope="col">待ち<span lang="en">waiting</span></th><th scope="col">予定<span lang="en">delayed</span></th><th scope="col">処理中<span lang="en">active</span></th><th scope="col">失敗<span lang="en">dead</span></th><th scope="col">最も長い待ち<span lang="en">oldest due</span></th></tr></thead>
<tbody><tr><td id="waiting">${counts.waiting}</td><td>${counts.delayed}</td><td>${counts.active}</td><td id="dead">${counts.dead}</td><td>${both(duration(longest))}</td></tr></tbody></table></div>`;
}

function deadTable(asked: ConsoleRequest, dead: readonly DeadLetter[]): Html {
  if (dead.length === 0)
    return html`<h2>失敗した仕事<span lang="en">Failed for good</span></h2>
<p class="notice good" id="no-dead">失敗した仕事はありません。<span lang="en">There is none.</span></p>`;
  const changes = may(asked.operator, 'work.change');
  return html`<h2>失敗した仕事<span lang="en">Failed for good</span></h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="dead-caption"><table id="dead-letters" class="list">
<caption id="dead-caption">新しい順、多くて${MOST}件<span lang="en">Newest first, at most ${MOST}</span></caption>
<thead><tr><th scope="col">仕事<span lang="en">Job</span></th><th scope="col">対象<span lang="en">Subject</span></th><th scope="col">理由<span lang="en">Reason</span></th><th scope="col">回数<span lang="en">Runs</span></th><th scope="col">日時<span lang="en">Failed</span></th>${changes ? html`<th scope="col">操作<span lang="en">Action</span></th>` : undefined}</tr></thead>
<tbody>${dead.map(
    ({ id, name, subject, attempts, failedAt, ...failure }) => html`<tr data-job="${id}">
<th scope="row">${name}</th><td>${subjectLink(subject)}</td><td>${reasonCell(failure)}</td><td>${attempts}</td><td>${instant(failedAt)}</td>
${changes ? html`<td class="actions">${action(asked, id, 'retry', html`やり直す<span lang="en">Retry</span>`)}${action(asked, id, 'drop', html`あきらめる<span lang="en">Drop</span>`)}</td>` : undefined}</tr>`,
  )}</tbody></table></div>`;
}

function action({ session }: ConsoleRequest, id: string, verb: 'retry' | 'drop', label: Html): Html {
  return actionForm(`/console/work/${encodeURIComponent(id)}/${verb}`, session.csrf, label, { small: true });
}

function failingTable(failing: readonly FailingJob[]): Html | undefined {
  if (failing.length === 0) return undefined;
  return html`<h2>やり直しを待つ仕事<span lang="en">Failed and waiting for another run</span></h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="failing-caption"><table id="failing" class="list">
<caption id="failing-caption">回数の多い順<span lang="en">Most runs first</span></caption>
<thead><tr><th scope="col">仕事<span lang="en">Job</span></th><th scope="col">対象<span lang="en">Subject</span></th><th scope="col">理由<span lang="en">Reason</span></th><th scope="col">回数<span lang="en">Runs</span></th><th scope="col">次の実行<span lang="en">Next run</span></th></tr></thead>
<tbody>${failing.map(
    ({ name, subject, attempts, nextRunAt, ...failure }) =>
      html`<tr><th scope="row">${name}</th><td>${subjectLink(subject)}</td><td>${reasonCell(failure)}</td><td>${attempts}</td><td>${instant(nextRunAt)}</td></tr>`,
  )}</tbody></table></div>`;
}

/** The code; where a proxy or a peer answered instead, with which status, and to how much. */
function reasonCell({ reason, status, octets }: Pick<DeadLetter, 'reason' | 'status' | 'octets'>): Html {
  const answered = status === undefined ? undefined : html` <span class="extra">HTTP ${status}</span>`;
  const sent =
    octets === undefined
      ? undefined
      : html` <span class="extra">送信${octets}オクテット<span lang="en">${octets} octets sent</span></span>`;
  return html`<code>${reason}</code>${answered}${sent}`;
}

function subjectLink(subject: string): Html {
  if (!/^[0-9a-f-]{36}$/.test(subject)) return html`<code>${subject}</code>`;
  return html`<a href="/console/records/${subject}"><code>${subject}</code></a>`;
}
