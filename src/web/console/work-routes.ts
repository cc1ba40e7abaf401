import { JitsuinError } from '../../core/errors.ts';
import type { DeadLetter, JobCounts } from '../../ports/job-queue.ts';
import type { FailingJob } from '../../ports/queue-admin.ts';
import { may } from '../../staff/permissions.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { columnHeads, heading, listTable, notice, tableRow } from '../parts.ts';
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
${stuckTable(stuck, ports.clock.now())}
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
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="counts-caption">
<table id="counts" class="list"><caption id="counts-caption">${both({ ja: 'いまの仕事', en: 'Jobs now' })}</caption>
${columnHeads([
  { ja: '待ち', en: 'waiting' },
  { ja: '予定', en: 'delayed' },
  { ja: '処理中', en: 'active' },
  { ja: '失敗', en: 'dead' },
  { ja: '最も長い待ち', en: 'oldest due' },
])}
<tbody><tr><td id="waiting">${counts.waiting}</td><td>${counts.delayed}</td><td>${counts.active}</td>
<td id="dead">${counts.dead}</td><td>${both(duration(longest))}</td></tr></tbody></table></div>`;
}

function deadTable(asked: ConsoleRequest, dead: readonly DeadLetter[]): Html {
  const title = heading({ ja: '失敗した仕事', en: 'Failed for good' });
  if (dead.length === 0) {
    const none = { ja: '失敗した仕事はありません。', en: 'There is none.' };
    return html`${title}
${notice('good', none, { id: 'no-dead' })}`;
  }
  const changes = may(asked.operator, 'work.change');
  return html`${title}
${listTable({
  id: 'dead-letters',
  caption: { ja: `新しい順、多くて${MOST}件`, en: `Newest first, at most ${MOST}` },
  columns: [...JOB_COLUMNS, { ja: '日時', en: 'Failed' }, changes ? { ja: '操作', en: 'Action' } : undefined],
  rows: dead.map(({ id, name, subject, attempts, failedAt, ...failure }) =>
    tableRow({ 'data-job': id }, [
      name,
      subjectLink(subject),
      reasonCell(failure),
      attempts,
      instant(failedAt),
      changes ? actions(asked, id) : undefined,
    ]),
  ),
})}`;
}

const JOB_COLUMNS = [
  { ja: '仕事', en: 'Job' },
  { ja: '対象', en: 'Subject' },
  { ja: '理由', en: 'Reason' },
  { ja: '回数', en: 'Runs' },
] as const;

function actions(asked: ConsoleRequest, id: string) {
  const retry = action(asked, id, 'retry', both({ ja: 'やり直す', en: 'Retry' }));
  const drop = action(asked, id, 'drop', both({ ja: 'あきらめる', en: 'Drop' }));
  return { look: 'actions', content: html`${retry}${drop}` } as const;
}

function action({ session }: ConsoleRequest, id: string, verb: 'retry' | 'drop', label: Html): Html {
  return actionForm(`/console/work/${encodeURIComponent(id)}/${verb}`, session.csrf, label, { small: true });
}

function failingTable(failing: readonly FailingJob[]): Html | undefined {
  if (failing.length === 0) return undefined;
  return html`${heading({ ja: 'やり直しを待つ仕事', en: 'Failed and waiting for another run' })}
${listTable({
  id: 'failing',
  caption: { ja: '回数の多い順', en: 'Most runs first' },
  columns: [...JOB_COLUMNS, { ja: '次の実行', en: 'Next run' }],
  rows: failing.map(({ name, subject, attempts, nextRunAt, ...failure }) =>
    tableRow({}, [name, subjectLink(subject), reasonCell(failure), attempts, instant(nextRunAt)]),
  ),
})}`;
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
