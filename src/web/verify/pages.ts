import { japanTime } from '../../core/japan-time.ts';
import { OUTCOMES, outcomeOfReport } from '../../core/outcomes.ts';
import { type Check, decisiveCheck } from '../../core/report.ts';
import { layout } from '../applicant/layout.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { code, notice, tableRow } from '../parts.ts';
import { checkName, resultName } from './check-names.ts';
import { coverageSection, writtenAsSection } from './coverage-section.ts';
import { filesField, formOptions } from './form-choice.ts';
import type { ShownJudgement } from './judgement.ts';
import { unsignedSection } from './unsigned-section.ts';

const TITLE: Bilingual = { ja: '署名された文書の確認', en: 'Check a signed document' };

/** Anyone's page: one file, how it is meant to be read, one button; and the way to judge without sending it. */
export function uploadPage(offersOffline = false): string {
  return layout(
    TITLE,
    html`<p>電子署名されたXML文書が有効かどうかを確かめます。文書は保存しません。
<span lang="en">Checks whether a signed XML document is valid. The document is not stored.</span></p>
${offersOffline ? offline() : undefined}
<form method="post" action="/verify" enctype="multipart/form-data">
<label for="file">署名されたXML文書<span lang="en">Signed XML document</span></label>
<input type="file" id="file" name="file" accept=".xml,application/xml,text/xml" required>
<label for="profile">署名の形式<span lang="en">Form of the signature</span></label>
<select id="profile" name="profile">
<option value="enveloped">文書全体への署名 (enveloped)</option>
<option value="by-id">Idで示した要素への署名 (by-id)</option>
<option value="guideline">実装ガイドラインの形 (guideline)</option>
${formOptions()}
</select>
${filesField()}
<label for="element">署名された要素の名前(わかる場合)<span lang="en">Name of the signed element, if known</span></label>
<input type="text" id="element" name="element" maxlength="512" autocomplete="off">
<button type="submit">確認する<span lang="en">Check</span></button>
</form>`,
  );
}

function offline(): Html {
  return html`<p id="offline"><a href="/verify/offline.html">ファイルを送らずに確かめる（ファイルはこのコンピューターの外に出ません）
<span lang="en">Check without sending it: your file does not leave this computer</span></a></p>`;
}

const SIGNED = { ja: '署名された内容のSHA-256', en: 'SHA-256 of what is signed' };

/** The report in words. Nothing of the certificate is shown, and of the document only the place that differs. */
export function reportPage(judgement: ShownJudgement): string {
  const { report, signedOctetsSha256, explanation, unsigned = [] } = judgement;
  const { indication } = report;
  const outcome = outcomeOfReport(report);
  const { tone, icon, sentence, label } = OUTCOMES[outcome];
  const data = {
    id: 'verdict',
    'data-indication': indication,
    'data-outcome': outcome,
    'data-code': decisiveCheck(report)?.code,
  };
  const signed = code(signedOctetsSha256);
  return layout(
    { ja: '確認の結果', en: 'Result' },
    html`${notice(tone, html`${icon} ${both(sentence ?? label)}`, data)}
${writtenAsSection(judgement)}
${coverageSection(judgement)}
${unsigned.length === 0 ? undefined : unsignedSection(unsigned)}
${explanation === undefined ? undefined : explanationSection(explanation)}
<table id="checks">
<caption>確かめたこと<span lang="en">Checks, in their order</span></caption>
<tbody>${report.checks.map(checkRow)}</tbody>
</table>
<dl>
<dt>判断の基準とした日時<span lang="en">Judged for</span></dt><dd>${japanTime(report.validationTime)}</dd>
${signed === undefined ? undefined : html`<dt>${both(SIGNED)}</dt><dd>${signed}</dd>`}
</dl>
<p><a href="/verify">別の文書を確かめる<span lang="en">Check another document</span></a></p>`,
  );
}

function checkRow({ name, result, code: reason }: Check): Html {
  const { mark, ja, en } = resultName(result);
  return tableRow({ 'data-check': name, 'data-result': result }, [
    both(checkName(name)),
    html`${mark} ${both({ ja, en })}${code(reason)}`,
  ]);
}

function explanationSection(explanation: NonNullable<ShownJudgement['explanation']>): Html {
  const { cause, difference, expectedDigest, foundDigest } = explanation;
  return html`<h2>なぜ一致しないか<span lang="en">Why the digest differs</span></h2>
<p id="cause" data-cause="${cause?.name}">${cause === undefined ? changed() : readAnother(cause.explanation)}</p>
${
  difference === undefined
    ? undefined
    : html`<dl><dt>はじめに違う場所
<span lang="en">First difference, octet ${difference.offset} of the canonical form</span></dt>
<dd>署名のとき <code>${revealed(difference.expected)}</code></dd><dd>いま <code>${revealed(difference.found)}</code></dd></dl>`
}
<dl><dt>DigestValue</dt><dd><code>${expectedDigest}</code></dd>
<dt>計算した値<span lang="en">Found</span></dt><dd><code>${foundDigest}</code></dd></dl>`;
}

function changed(): Html {
  return html`文書の内容が、署名の後に変わっています(または、知られていない読み方で署名されています)。
<span lang="en">The content was changed after it was signed, or signed by a reading that is not known.</span>`;
}

function readAnother(explanation: string): Html {
  return html`署名した側が、文書を違う読み方で計算しています。<span lang="en">The signer digested ${explanation}.</span>`;
}
