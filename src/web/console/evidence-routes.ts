import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { OUTCOMES, outcomeOfReport, type Tone } from '../../core/outcomes.ts';
import type { Report } from '../../core/report.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { code, factRow, factTable, heading, hidden, notice, outcomeBadge } from '../parts.ts';
import { checkList } from '../verify/check-list.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ShownExportJudgement } from './console-ports.ts';
import { consolePage } from './layout.ts';
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
  if (form.file === undefined)
    throw new JitsuinError('http.body', 'No file was chosen: the field "file" is empty.', { at: 'file' });
  const judgement = await console.records.checkEvidence?.(form.file);
  if (judgement === undefined) throw new JitsuinError('http.not-found', 'No evidence is judged here.');
  const at = console.ports.clock.now();
  const { outcome, basis, verdict, result: word, provenAt } = judgement;
  const facts = defined({
    operator: operator.id,
    outcome,
    basis,
    result: word,
    provenAt: provenAt === undefined ? undefined : new Date(provenAt).toISOString(),
    indication: verdict === undefined ? undefined : verdict.indication,
    subIndication: verdict === undefined ? undefined : verdict.subIndication,
  });
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
    html`<p>${both({
      ja: '書き出した証跡だけから、もう一度判断します。何も取りに行かず、ファイルは保存しません。',
      en: 'Decides again from an exported file alone. Nothing is fetched and the file is not stored.',
    })}</p>
${judgement === undefined ? undefined : result(judgement)}
<form method="post" action="/console/evidence" enctype="multipart/form-data" id="check-evidence">
${hidden('csrf', asked.session.csrf)}
<label for="file">証跡のファイル<span lang="en">Evidence file</span></label>
<input type="file" id="file" name="file" accept=".json,application/json" required>
<button type="submit">確かめる<span lang="en">Check</span></button>
</form>`,
  );
}

const JUDGEMENTS: Readonly<Record<ShownExportJudgement['outcome'], Bilingual & { readonly tone: Tone }>> = {
  altered: {
    tone: 'bad',
    ja: '✕ 証跡か、その時刻の証明が、書かれたときのままではありません。',
    en: 'Altered: the record, or its proof, is not what was written.',
  },
  negative: {
    tone: 'bad',
    ja: '✕ 証跡は書かれたときのままです。署名は有効と確認されていません。',
    en: 'Negative: the record is sound; the signature was not found good.',
  },
  'not-provable': {
    tone: 'care',
    ja: '? 証跡は書かれたときのままですが、その内容は証明できません(または、もう証明できません)。',
    en: 'Not provable: the record is sound, and what it says is not, or no longer, provable.',
  },
  valid: {
    tone: 'good',
    ja: '✓ 証跡は書かれたときのままで、証明された時刻に署名は有効でした。',
    en: 'Valid: the record is sound, and the signature was good at the proven time.',
  },
};

/** What was never proved wrong is not shown as wrong. */
function judgementOf(outcome: ShownExportJudgement['outcome'], verdict: Report | undefined) {
  const judged = JUDGEMENTS[outcome];
  if (outcome !== 'negative' || verdict === undefined) return judged;
  const { tone, icon } = OUTCOMES[outcomeOfReport(verdict)];
  return { tone, ja: judged.ja.replace('✕', icon), en: judged.en };
}

function result({
  id,
  outcome,
  integrity,
  verdict,
  result: word,
  basis,
  provenAt,
  validUntil,
  signedOctetsSha256,
  time,
}: ShownExportJudgement): Html {
  const { tone, ja, en } = judgementOf(outcome, verdict);
  const said =
    verdict === undefined
      ? '–'
      : html`${outcomeBadge(OUTCOMES[outcomeOfReport(verdict)])} ${word} ${code(verdict.subIndication)}`;
  const marks = {
    id: 'integrity',
    'data-outcome': outcome,
    'data-basis': basis,
    'data-indication': integrity.indication,
  };
  return html`${notice(tone, { ja, en }, marks)}
${factTable({ ja: '結果', en: 'Result' }, [
  factRow({ ja: '番号', en: 'Id' }, html`<code>${id ?? '–'}</code>`),
  factRow({ ja: '判断', en: 'Verdict' }, said),
  factRow(
    { ja: 'この時刻には存在した', en: 'Proven to be there at' },
    provenAt === undefined ? outcomeBadge(OUTCOMES[outcomeOfReport(time)]) : instant(provenAt),
  ),
  validUntil === undefined
    ? undefined
    : factRow({ ja: 'この時刻までに更新が必要', en: 'To be renewed before' }, instant(validUntil)),
  signedOctetsSha256 === undefined
    ? undefined
    : factRow(
        { ja: '署名された内容', en: 'Signed octets' },
        html`SHA-256 <code class="hash">${signedOctetsSha256}</code>`,
      ),
])}
${failed(integrity)}${verdict === undefined ? undefined : checks(verdict)}`;
}

function failed({ checks: all }: Report): Html | undefined {
  const broken = all.filter(({ result: outcome }) => outcome === 'failed');
  return broken.length === 0
    ? undefined
    : html`${heading({ ja: '違うところ', en: 'What differs' })}${checkList(broken)}`;
}

function checks({ checks: all }: Report): Html {
  return html`${heading({ ja: '確かめたこと', en: 'Checks, in their order' })}${checkList(all)}`;
}
