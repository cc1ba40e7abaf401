import { JitsuinError } from '../../core/errors.ts';
import type { Check, Report } from '../../core/report.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { checkName, resultName } from '../verify/check-names.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ShownExportJudgement } from './desks.ts';
import { consolePage } from './layout.ts';
import { badge } from './status.ts';
import { instant } from './time.ts';

/** An export with large CRLs. */
const LARGEST = 64 * 1024 * 1024;

export const EVIDENCE_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/evidence', act: 'evidence.check', handle: show },
  { method: 'post', path: '/console/evidence', act: 'evidence.check', upload: LARGEST, handle: check },
];

async function show(asked: ConsoleRequest): Promise<void> {
  asked.response.type('html').send(evidencePage(asked));
}

/** Judged from the file alone; nothing of it is kept. */
async function check(asked: ConsoleRequest): Promise<void> {
  const { console, operator, form, response } = asked;
  if (form.file === undefined) throw new JitsuinError('http.body', 'A file is needed.', { at: 'file' });
  const judgement = await console.records.checkEvidence(form.file);
  const at = console.ports.clock.now();
  const facts = { operator: operator.id, indication: judgement.integrity.indication };
  await console.ports.audit.append({
    event: 'evidence.checked',
    subject: judgement.id ?? '',
    tenant: '',
    at,
    facts,
  });
  response.type('html').send(evidencePage(asked, judgement));
}

function evidencePage(asked: ConsoleRequest, judgement?: ShownExportJudgement): string {
  return consolePage(
    asked,
    { ja: '証跡の確認', en: 'Check evidence' },
    html`<p>書き出した証跡だけから、もう一度判断します。何も取りに行かず、ファイルは保存しません。<span lang="en">Decides again from an exported file alone. Nothing is fetched and the file is not stored.</span></p>
${judgement === undefined ? undefined : result(judgement)}
<form method="post" action="/console/evidence" enctype="multipart/form-data" id="check-evidence">
<input type="hidden" name="csrf" value="${asked.session.csrf}">
<label for="file">証跡のファイル<span lang="en">Evidence file</span></label>
<input type="file" id="file" name="file" accept=".json,application/json" required>
<button type="submit">確かめる<span lang="en">Check</span></button>
</form>`,
  );
}

function result({ id, integrity, decision, result: word, provenAt, time }: ShownExportJudgement): Html {
  const whole = integrity.indication === 'TOTAL-PASSED';
  return html`<p id="integrity" class="notice ${whole ? 'good' : 'bad'}" data-indication="${integrity.indication}">${
    whole
      ? html`✓ 証跡は書かれたときのままで、同じ判断になりました。<span lang="en">The record is whole and the same judgement comes out.</span>`
      : html`✕ 証跡は、書かれたときのままではないか、判断が違います。<span lang="en">The record is not as it was written, or the judgement differs.</span>`
  }</p>
<table class="list"><caption class="unseen">結果<span lang="en">Result</span></caption><tbody>
<tr><th scope="row">番号<span lang="en">Id</span></th><td><code>${id ?? '–'}</code></td></tr>
<tr><th scope="row">判断<span lang="en">Decision</span></th><td>${decision === undefined ? '–' : html`${badge(decision.indication)} ${word}`}</td></tr>
<tr><th scope="row">この時刻には存在した<span lang="en">Proven to be there at</span></th><td>${provenAt === undefined ? html`${badge(time.indication)}` : instant(provenAt)}</td></tr>
</tbody></table>
${failed(integrity)}${decision === undefined ? undefined : checks(decision)}`;
}

function failed({ checks: all }: Report): Html | undefined {
  const broken = all.filter(({ result: outcome }) => outcome === 'failed');
  return broken.length === 0
    ? undefined
    : html`<h2>違うところ<span lang="en">What differs</span></h2>${list(broken)}`;
}

function checks({ checks: all }: Report): Html {
  return html`<h2>確かめたこと<span lang="en">Checks, in their order</span></h2>${list(all)}`;
}

function list(all: readonly Check[]): Html {
  return html`<ol class="checks">${all.map(({ name, result: outcome, code, detail }) => {
    const word = resultName(outcome);
    return html`<li data-check="${name}" data-result="${outcome}"><span class="mark" aria-hidden="true">${word.mark}</span><span>${both(checkName(name))}</span><span>${both(word)}${code === undefined ? undefined : html`<code>${code}</code>`}${detail === undefined ? undefined : html`<span class="extra">${detail}</span>`}</span></li>`;
  })}</ol>`;
}
