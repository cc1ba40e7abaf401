import { OUTCOMES } from '../../core/outcomes.ts';
import type { Check } from '../../core/report.ts';
import type { AuditRecord } from '../../ports/audit.ts';
import type { FailingJob } from '../../ports/queue-admin.ts';
import { may } from '../../staff/permissions.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import {
  choice,
  factRow,
  factTable,
  field,
  heading,
  link,
  listTable,
  notice,
  outcomeBadge,
  tableRow,
} from '../parts.ts';
import { checkList } from '../verify/check-list.ts';
import type { ConsoleRequest } from './console.ts';
import type {
  ShownEvidence,
  ShownRecordDetail,
  ShownRevocationData,
  ShownStatusCheck,
} from './console-ports.ts';
import { shownEvent } from './event-words.ts';
import { actionForm, consolePage } from './layout.ts';
import { pathPicture } from './path-picture.ts';
import { badge } from './status.ts';
import { duration, instant } from './time.ts';
import { failingTable } from './work-tables.ts';

/** Why somebody looks at personal data or takes evidence along; goes into the audit chain. */
export const PERSONAL_REASONS = [
  { value: 'inquiry', ja: '利用機関または本人からの問い合わせ', en: 'Inquiry of the tenant or the person' },
  { value: 'incident', ja: '障害や事故の調査', en: 'Investigation of an incident' },
  { value: 'dispute', ja: '署名の有効性についての争い', en: 'Dispute about a signature' },
  { value: 'legal', ja: '法令に基づく照会', en: 'Request by law' },
  { value: 'audit', ja: '監査', en: 'Audit' },
] as const;

export interface RecordAnswers {
  /** Personal values, asked for with a reason just now. */
  readonly values?: Readonly<Record<string, string>>;
  readonly status?: ShownStatusCheck;
}

interface RecordShown {
  readonly record: ShownRecordDetail;
  /** Newest first, as the audit chain has them. */
  readonly events: readonly AuditRecord[];
  readonly failing: readonly FailingJob[];
}

export function recordPage(
  asked: ConsoleRequest,
  { record, events, failing }: RecordShown,
  answers: RecordAnswers = {},
): string {
  const { report, evidence } = record;
  const now = asked.console.ports.clock.now();
  return consolePage(
    asked,
    asked.console.role === 'pf'
      ? { ja: '検証の内容', en: 'Verification' }
      : { ja: '申請の内容', en: 'Application' },
    html`${factsTable(record)}
${failureSection(record)}
${judgeAgainSection(asked, record)}
${report === undefined ? undefined : checksTable(report.checks)}
${report === undefined ? undefined : reportLinks(record)}
${evidence === undefined ? undefined : evidenceSection(evidence, now)}
${personalSection(asked, record, answers.values)}
${statusSection(asked, record, answers.status)}
${exportSection(asked, record)}
${eventSection(asked, record, events)}
${failingTable(failing)}`,
  );
}

function factsTable(record: ShownRecordDetail): Html {
  const { id, tenant, status, outcome, createdAt, updatedAt, name, externalId, code: reason, facts } = record;
  const shownStatus = html`<span id="status-of-record" data-status="${status}"
data-outcome="${outcome}">${outcomeBadge(OUTCOMES[outcome])}</span>`;
  return factTable(
    { ja: '概要', en: 'Facts' },
    [
      factRow({ ja: '番号', en: 'Id' }, html`<code>${id}</code>`),
      name === undefined ? undefined : factRow({ ja: '文書の名前', en: 'Document' }, name),
      externalId === undefined ? undefined : factRow({ ja: '利用機関の番号', en: "Tenant's id" }, externalId),
      factRow({ ja: '状態', en: 'State' }, shownStatus),
      reason === undefined ? undefined : factRow({ ja: '理由', en: 'Reason' }, html`<code>${reason}</code>`),
      factRow({ ja: '利用機関', en: 'Tenant' }, tenant),
      factRow({ ja: '受付', en: 'Received' }, instant(createdAt)),
      factRow({ ja: '更新', en: 'Updated' }, instant(updatedAt)),
      ...facts.map(([label, value]) => factRow(label, html`<code>${value}</code>`)),
    ],
    'facts',
  );
}

const WHY_ENDED = { ja: 'なぜ終わったか', en: 'Why it ended' };
const WHY_HELD = { ja: 'なぜ保留か', en: 'Why it is held' };

/** What happened in words, so that nobody has to look a code up. */
function failureSection({ failure, outcome }: ShownRecordDetail): Html | undefined {
  if (failure === undefined || failure.length === 0) return undefined;
  const lines = failure.map((sentence) => html`<p>${both(sentence)}</p>`);
  return html`<section id="failure" class="notice care">${heading(outcome === 'held' ? WHY_HELD : WHY_ENDED)}
${lines}</section>`;
}

const HISTORY = { ja: '経過', en: 'What happened' };
/** Beside what happened to the record itself the chain has who looked at it; that is for those who examine. */
const OF_RECORDS = /^(?:application|verification)\./;

function eventSection(
  { console, operator }: ConsoleRequest,
  { id }: ShownRecordDetail,
  events: readonly AuditRecord[],
): Html | undefined {
  const all = may(operator, 'audit.read');
  const shown = events.filter(({ event }) => all || OF_RECORDS.test(event)).reverse();
  if (shown.length === 0) return undefined;
  const { filters } = console.records;
  const stateOf = (value: string | number | undefined) =>
    filters.find((filter) => filter.value === value)?.label.ja ?? (value === 'decided' ? '判定済み' : value);
  return html`${heading(HISTORY)}
${listTable({
  id: 'events',
  caption: { ja: '古い順', en: 'Oldest first' },
  columns: [
    { ja: '日時', en: 'Time' },
    { ja: '出来事', en: 'Event' },
    { ja: '状態', en: 'State' },
    { ja: '理由', en: 'Reason' },
  ],
  rows: shown.map(({ event, at, code: reason, facts = {} }) =>
    tableRow({ 'data-event': event }, [
      instant(at),
      shownEvent(event),
      facts['to'] === undefined ? '–' : `${stateOf(facts['from']) ?? ''} → ${stateOf(facts['to'])}`,
      html`${reason === undefined ? undefined : html`<code>${reason}</code> `}${
        facts['row'] === undefined ? undefined : html`<code>${facts['row']}</code>`
      }`,
    ]),
  ),
})}
${
  all
    ? html`<p>${link(`/console/audit?${new URLSearchParams({ subject: id })}`, {
        ja: '監査記録で見る',
        en: 'In the audit log',
      })}</p>`
    : undefined
}`;
}

const JUDGE_AGAIN = { ja: 'もう一度判断する', en: 'Judge again' };

function judgeAgainSection(asked: ConsoleRequest, { id, judgeable }: ShownRecordDetail): Html | undefined {
  if (judgeable !== true || !may(asked.operator, 'work.change')) return undefined;
  return html`${heading(JUDGE_AGAIN)}
<p>${both({
    ja:
      '判断に至らずに終わりました。受け取った結果は封をして残してあります。' +
      '原因(鍵、失効リスト、設定など)を直してから、もう一度判断できます。',
    en:
      'It ended without a verdict; the bundle is still kept, sealed. Put right what was wrong (a key, a list, ' +
      'a setting), then have it judged again.',
  })}</p>
${actionForm(`/console/records/${id}/judge-again`, asked.session.csrf, both(JUDGE_AGAIN), { id: 'judge-again' })}`;
}

function checksTable(checks: readonly Check[]): Html {
  return html`${heading({ ja: '確かめたこと', en: 'Checks, in their order' })}
${checkList(checks, 'checks')}`;
}

function reportLinks({ id }: ShownRecordDetail): Html {
  const at = `/console/records/${id}/report`;
  return html`<p id="report">${link(at, { ja: '検証結果報告書(印刷用)', en: 'Validation report, to be printed' })}
${link(`${at}.xml`, { ja: 'XML (ETSI TS 119 102-2)', en: 'as XML' })}</p>`;
}

function evidenceSection({ path, revocation, octets, policy }: ShownEvidence, now: number): Html {
  return html`${heading({ ja: '証跡', en: 'Evidence' })}
<p id="policy">方針 <code>${policy.name}</code>、SHA-256 <code>${policy.sha256}</code>、${octets} バイト<span
lang="en">Policy ${policy.name}, ${octets} octets</span></p>
${path.length === 0 ? undefined : pathPicture(path, now)}
${revocation.length === 0 ? undefined : revocationTable(revocation, now)}`;
}

function revocationTable(revocation: readonly ShownRevocationData[], now: number): Html {
  return listTable({
    id: 'revocation',
    caption: { ja: '判断に使った失効情報', en: 'Revocation data that was used' },
    columns: [
      { ja: '方法', en: 'Method' },
      { ja: '発行', en: 'thisUpdate' },
      { ja: '発行からの経過', en: 'Age now' },
      { ja: '次の発行', en: 'nextUpdate' },
      { ja: '大きさ', en: 'Octets' },
      'SHA-256',
    ],
    rows: revocation.map(({ method, thisUpdate, nextUpdate, octets, sha256 }) =>
      tableRow({}, [
        method,
        instant(thisUpdate),
        both(duration(now - thisUpdate)),
        nextUpdate === undefined ? '–' : instant(nextUpdate),
        octets,
        html`<code class="hash">${sha256}</code>`,
      ]),
    ),
  });
}

const MASK = '●●●●●●';
const PERSONAL = { ja: '個人情報', en: 'Personal data' };
const SHOWN = {
  ja: '表示したことを監査記録に残しました。この画面を閉じるか開き直すと、また伏せられます。',
  en: 'This view was noted in the audit chain. It is masked again when the page is opened anew.',
};

function personalSection(
  asked: ConsoleRequest,
  record: ShownRecordDetail,
  values: RecordAnswers['values'],
): Html | undefined {
  if (record.personal.length === 0) return undefined;
  const rows = record.personal.map(({ name, label }) =>
    factRow(
      label,
      values === undefined
        ? html`<span class="masked">${MASK}<span class="unseen">伏せています</span></span>`
        : html`<span data-personal="${name}">${values[name] ?? '–'}</span>`,
    ),
  );
  const ask =
    values === undefined && may(asked.operator, 'personal.show')
      ? actionForm(
          `/console/records/${record.id}/personal`,
          asked.session.csrf,
          html`理由を記録して表示する<span lang="en">Show, and note the reason</span>`,
          { id: 'show-personal', fields: reasonFields('personal') },
        )
      : undefined;
  return html`${heading(PERSONAL)}
${values === undefined ? undefined : notice('care', SHOWN, { id: 'shown' })}
${factTable(PERSONAL, rows, 'personal')}
${ask}`;
}

/** @param prefix keeps the ids of two such forms on one page apart */
function reasonFields(prefix: string): Html {
  const reasons = PERSONAL_REASONS.map(({ value, ja, en }) => ({ value, label: `${ja} / ${en}` }));
  return html`${choice(
    { ja: '理由', en: 'Reason' },
    { id: `${prefix}-reason`, name: 'reason', required: true },
    reasons,
  )}
${field(
  { ja: '案件番号(英数字、任意)', en: 'Case number, letters and digits, optional' },
  { id: `${prefix}-reference`, name: 'reference', maxlength: 40, pattern: '[0-9A-Za-z_\\-]*' },
)}`;
}

function statusSection(
  asked: ConsoleRequest,
  record: ShownRecordDetail,
  status: ShownStatusCheck | undefined,
): Html | undefined {
  if (record.statusMethods.length === 0 || !may(asked.operator, 'status.check')) return undefined;
  const methods = record.statusMethods.map((method) => ({ value: method, label: method }));
  const look = {
    id: 'check-status',
    fields: choice({ ja: '方法', en: 'Method' }, { id: 'method' }, methods),
  };
  const label = both({ ja: 'いまの状態を確かめる', en: 'Ask now; charged like every check' });
  return html`${heading({ ja: '現況確認', en: 'Present status of the certificate' })}
${status === undefined ? undefined : statusAnswer(status)}
${actionForm(`/console/records/${record.id}/status`, asked.session.csrf, label, look)}`;
}

function statusAnswer({ status, method, checkedAt }: ShownStatusCheck): Html {
  return notice(
    undefined,
    html`${badge(status)} ${method} <time datetime="${checkedAt}">${checkedAt}</time>`,
    { id: 'status-answer', 'data-status': status },
  );
}

function exportSection(asked: ConsoleRequest, record: ShownRecordDetail): Html | undefined {
  if (record.evidence === undefined || !may(asked.operator, 'evidence.export')) return undefined;
  const look = { id: 'export-evidence', fields: reasonFields('export') };
  const label = both({ ja: '証跡を書き出す', en: 'Export' });
  return html`${heading({ ja: '証跡の書き出し', en: 'Export of the evidence' })}
<p>${both({
    ja: 'ファイルには電子証明書と文書が入っています。サービス提供事業者に渡してはいけません。',
    en: 'The file holds the certificate and the document. It must not be given to a service provider.',
  })}</p>
${actionForm(`/console/records/${record.id}/evidence`, asked.session.csrf, label, look)}`;
}
