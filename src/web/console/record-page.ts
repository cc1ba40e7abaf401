import type { Check } from '../../core/report.ts';
import { may } from '../../operators/permissions.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { checkName, resultName } from '../verify/check-names.ts';
import type { ConsoleRequest } from './console.ts';
import type { ShownEvidence, ShownRecordDetail, ShownRevocationData, ShownStatusCheck } from './desks.ts';
import { actionForm, consolePage, factRow } from './layout.ts';
import { pathPicture } from './path-picture.ts';
import { badge, statusBadge } from './status.ts';
import { duration, instant } from './time.ts';

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

export function recordPage(
  asked: ConsoleRequest,
  record: ShownRecordDetail,
  answers: RecordAnswers = {},
): string {
  const { report, evidence } = record;
  const now = asked.console.ports.clock.now();
  return consolePage(
    asked,
    asked.console.role === 'pf'
      ? { ja: '検証の内容', en: 'Verification' }
      : { ja: '申請と検証の内容', en: 'Application' },
    html`${factsTable(asked, record)}
${judgeAgainSection(asked, record)}
${report === undefined ? undefined : checksTable(report.checks)}
${evidence === undefined ? undefined : evidenceSection(evidence, now)}
${personalSection(asked, record, answers.values)}
${statusSection(asked, record, answers.status)}
${exportSection(asked, record)}`,
  );
}

function factsTable({ console }: ConsoleRequest, record: ShownRecordDetail): Html {
  const { id, tenant, status, createdAt, updatedAt, code, facts } = record;
  return html`<table id="facts"><caption class="unseen">概要<span lang="en">Facts</span></caption><tbody>
${factRow({ ja: '番号', en: 'Id' }, html`<code>${id}</code>`)}
${factRow({ ja: '状態', en: 'State' }, html`<span id="status-of-record" data-status="${status}">${statusBadge(console.records.statuses, status)}</span>`)}
${code === undefined ? undefined : factRow({ ja: '理由', en: 'Reason' }, html`<code>${code}</code>`)}
${factRow({ ja: '利用機関', en: 'Tenant' }, tenant)}
${factRow({ ja: '受付', en: 'Received' }, instant(createdAt))}
${factRow({ ja: '更新', en: 'Updated' }, instant(updatedAt))}
${facts.map(([label, value]) => factRow(label, html`<code>${value}</code>`))}
</tbody></table>`;
}

function judgeAgainSection(asked: ConsoleRequest, { id, judgeable }: ShownRecordDetail): Html | undefined {
  if (judgeable !== true || !may(asked.operator, 'work.change')) return undefined;
  return html`<h2>もう一度判断する<span lang="en">Judge again</span></h2>
<p>判断に至らずに終わりました。受け取った結果は封をして残してあります。原因(鍵、失効リスト、設定など)を直してから、もう一度判断できます。<span lang="en">It ended without a verdict; the bundle is still kept, sealed. Put right what was wrong (a key, a list, a setting), then have it judged again.</span></p>
${actionForm(`/console/records/${id}/judge-again`, asked.session.csrf, html`もう一度判断する<span lang="en">Judge again</span>`, { id: 'judge-again' })}`;
}

function checksTable(checks: readonly Check[]): Html {
  return html`<h2>確かめたこと<span lang="en">Checks, in their order</span></h2>
<ol id="checks" class="checks">${checks.map(({ name, result, code, detail }) => {
    const outcome = resultName(result);
    return html`<li data-check="${name}" data-result="${result}"><span class="mark" aria-hidden="true">${outcome.mark}</span>
<span>${both(checkName(name))}</span>
<span>${both(outcome)}${code === undefined ? undefined : html`<code>${code}</code>`}${detail === undefined ? undefined : html`<span class="extra">${detail}</span>`}</span></li>`;
  })}</ol>`;
}

function evidenceSection({ path, revocation, octets, policy }: ShownEvidence, now: number): Html {
  return html`<h2>証跡<span lang="en">Evidence</span></h2>
<p>方針 <code>${policy}</code>、${octets} オクテット<span lang="en">Policy ${policy}, ${octets} octets</span></p>
${path.length === 0 ? undefined : pathPicture(path, now)}
${revocation.length === 0 ? undefined : revocationTable(revocation, now)}`;
}

function revocationTable(revocation: readonly ShownRevocationData[], now: number): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="revocation-caption"><table id="revocation" class="list">
<caption id="revocation-caption">判断に使った失効情報<span lang="en">Revocation data that was used</span></caption>
<thead><tr><th scope="col">方法<span lang="en">Method</span></th><th scope="col">発行<span lang="en">thisUpdate</span></th><th scope="col">発行からの経過<span lang="en">Age now</span></th><th scope="col">次の発行<span lang="en">nextUpdate</span></th><th scope="col">大きさ<span lang="en">Octets</span></th><th scope="col">SHA-256</th></tr></thead>
<tbody>${revocation.map(
    ({ method, thisUpdate, nextUpdate, octets, sha256 }) =>
      html`<tr><th scope="row">${method}</th><td>${instant(thisUpdate)}</td><td>${both(duration(now - thisUpdate))}</td><td>${nextUpdate === undefined ? '–' : instant(nextUpdate)}</td><td>${octets}</td><td><code class="hash">${sha256}</code></td></tr>`,
  )}</tbody></table></div>`;
}

const MASK = '●●●●●●';

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
  return html`<h2>個人情報<span lang="en">Personal data</span></h2>
${values === undefined ? undefined : html`<p class="notice care" id="shown">表示したことを監査記録に残しました。この画面を閉じるか開き直すと、また伏せられます。<span lang="en">This view was noted in the audit chain. It is masked again when the page is opened anew.</span></p>`}
<table id="personal"><caption class="unseen">個人情報<span lang="en">Personal data</span></caption><tbody>${rows}</tbody></table>
${ask}`;
}

/** @param prefix keeps the ids of two such forms on one page apart */
function reasonFields(prefix: string): Html {
  return html`<label for="${prefix}-reason">理由<span lang="en">Reason</span></label>
<select id="${prefix}-reason" name="reason" required>${PERSONAL_REASONS.map(({ value, ja, en }) => html`<option value="${value}">${ja} / ${en}</option>`)}</select>
<label for="${prefix}-reference">案件番号(英数字、任意)<span lang="en">Case number, letters and digits, optional</span></label>
<input type="text" id="${prefix}-reference" name="reference" maxlength="40" pattern="[0-9A-Za-z_\\-]*" autocomplete="off">`;
}

function statusSection(
  asked: ConsoleRequest,
  record: ShownRecordDetail,
  status: ShownStatusCheck | undefined,
): Html | undefined {
  if (record.statusMethods.length === 0 || !may(asked.operator, 'status.check')) return undefined;
  const methods = html`<label for="method">方法<span lang="en">Method</span></label>
<select id="method" name="method">${record.statusMethods.map((method) => html`<option value="${method}">${method}</option>`)}</select>`;
  return html`<h2>現況確認<span lang="en">Present status of the certificate</span></h2>
${
  status === undefined
    ? undefined
    : html`<p class="notice" id="status-answer" data-status="${status.status}">${badge(status.status)} ${status.method} <time datetime="${status.checkedAt}">${status.checkedAt}</time></p>`
}
${actionForm(`/console/records/${record.id}/status`, asked.session.csrf, html`いまの状態を確かめる<span lang="en">Ask now; charged like every check</span>`, { id: 'check-status', fields: methods })}`;
}

function exportSection(asked: ConsoleRequest, record: ShownRecordDetail): Html | undefined {
  if (record.evidence === undefined || !may(asked.operator, 'evidence.export')) return undefined;
  return html`<h2>証跡の書き出し<span lang="en">Export of the evidence</span></h2>
<p>ファイルには電子証明書と文書が入っています。サービス提供事業者に渡してはいけません。<span lang="en">The file holds the certificate and the document. It must not be given to a service provider.</span></p>
${actionForm(`/console/records/${record.id}/evidence`, asked.session.csrf, html`証跡を書き出す<span lang="en">Export</span>`, { id: 'export-evidence', fields: reasonFields('export') })}`;
}
