import type { DeadLetter } from '../../ports/job-queue.ts';
import type { FailingJob } from '../../ports/queue-admin.ts';
import { type Html, html } from '../html.ts';
import { heading, listTable, tableRow } from '../parts.ts';
import { instant } from './time.ts';

export const JOB_COLUMNS = [
  { ja: '仕事', en: 'Job' },
  { ja: '対象', en: 'Subject' },
  { ja: '理由', en: 'Reason' },
  { ja: '回数', en: 'Runs' },
] as const;

export function failingTable(failing: readonly FailingJob[]): Html | undefined {
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
export function reasonCell({
  reason,
  status,
  octets,
}: Pick<DeadLetter, 'reason' | 'status' | 'octets'>): Html {
  const answered = status === undefined ? undefined : html` <span class="extra">HTTP ${status}</span>`;
  const sent =
    octets === undefined
      ? undefined
      : html` <span class="extra">送信${octets}バイト<span lang="en">${octets} octets sent</span></span>`;
  return html`<code>${reason}</code>${answered}${sent}`;
}

export function subjectLink(subject: string): Html {
  if (!/^[0-9a-f-]{36}$/.test(subject)) return html`<code>${subject}</code>`;
  return html`<a href="/console/records/${subject}"><code>${subject}</code></a>`;
}
