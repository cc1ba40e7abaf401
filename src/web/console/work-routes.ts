import { JitsuinError } from '../../core/errors.ts';
import type { DeadLetter, JobCounts } from '../../ports/job-queue.ts';
import { may } from '../../staff/permissions.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { columnHeads, heading, listTable, notice, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import { actionForm, consolePage } from './layout.ts';
import { stuckTable } from './stuck-table.ts';
import { duration, instant } from './time.ts';
import { failingTable, JOB_COLUMNS, reasonCell, subjectLink } from './work-tables.ts';

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

function actions(asked: ConsoleRequest, id: string) {
  const retry = action(asked, id, 'retry', both({ ja: 'やり直す', en: 'Retry' }));
  const drop = action(asked, id, 'drop', both({ ja: 'あきらめる', en: 'Drop' }));
  return { look: 'actions', content: html`${retry}${drop}` } as const;
}

function action({ session }: ConsoleRequest, id: string, verb: 'retry' | 'drop', label: Html): Html {
  return actionForm(`/console/work/${encodeURIComponent(id)}/${verb}`, session.csrf, label, { small: true });
}
