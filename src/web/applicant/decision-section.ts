import { OUTCOMES, outcomeOfVerdict } from '../../core/outcomes.ts';
import type { Application, Verdict } from '../../core/sign-transaction/application.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { localTime } from '../language/words.ts';
import { factRow, link, notice } from '../parts.ts';
import { receiptFacts } from './receipt-facts.ts';

const VERIFIED: readonly Bilingual[] = [
  {
    ja: '署名した文書が、署名の後に変わっていないこと',
    en: 'The document has not changed since it was signed',
  },
  {
    ja: '署名値が、署名用電子証明書の鍵で作られたこと',
    en: 'The signature was made with the key of the signing certificate',
  },
  {
    ja: '署名用電子証明書が公的個人認証サービスの発行で、有効期間内であること',
    en: 'The certificate was issued by the JPKI and was within its time',
  },
  { ja: '署名用電子証明書が失効していないこと', en: 'The certificate was not revoked' },
];

/** The verdict: what was verified, when and by whom, with the receipt. Nothing of a certificate is in it. */
export function decisionSection(application: Application, verdict: Verdict, detail: 'full' | 'state'): Html {
  const { citizen, tone, icon, label } = OUTCOMES[outcomeOfVerdict(verdict)];
  const data = { id: 'state', 'data-state': application.state, 'data-indication': verdict.indication };
  return html`${notice(tone, withIcon(icon, citizen ?? label), data)}
${detail === 'full' ? facts(application, verdict) : undefined}`;
}

function withIcon(icon: string, text: Bilingual): Html {
  return html`${icon} ${both(text)}`;
}

const SAVE_RECEIPT: Bilingual = {
  ja: '検証者が署名した受領証を保存する',
  en: 'Save the receipt signed by the verifier',
};

const PAPER: Bilingual = { ja: '印刷用の控えを表示する', en: 'Show the record to print and keep' };

function facts(application: Application, verdict: Verdict): Html {
  const receipt = receiptFacts(application.secrets?.receipt);
  const passed = verdict.indication === 'TOTAL-PASSED';
  const { decidedAt, signedOctetsSha256 } = verdict;
  const decided = html`<time datetime="${new Date(decidedAt).toISOString()}">${localTime(decidedAt)}</time>`;
  const digest = html`<code id="signed-octets">${signedOctetsSha256}</code>`;
  const by =
    receipt === undefined
      ? both({ ja: 'この手続を受け付けた機関', en: 'The agency that received the application' })
      : html`${both({ ja: '署名検証者', en: 'Certified verifier' })}<code>${receipt.iss}</code>`;
  return html`${passed ? verifiedList() : undefined}
<table id="receipt">
<caption>${both({ ja: '受領の記録', en: 'Receipt' })}</caption>
<tbody>
${factRow({ ja: '検証の日時', en: 'Verified at' }, decided)}
${factRow({ ja: '検証した者', en: 'Verified by' }, by)}
${factRow({ ja: '受付番号', en: 'Reference' }, html`<code>${verdict.reference}</code>`)}
${factRow({ ja: '署名した内容のSHA-256', en: 'SHA-256 of what was signed' }, digest)}
</tbody>
</table>
${passed ? html`<p>${link(`/applications/${application.id}/paper`, PAPER)}</p>` : undefined}
${receipt === undefined ? undefined : html`<p>${link(`/applications/${application.id}/receipt`, SAVE_RECEIPT)}</p>`}`;
}

function verifiedList(): Html {
  return html`<h2>${both({ ja: '検証したこと', en: 'What was verified' })}</h2>
<ul class="next">${VERIFIED.map((item) => html`<li>${both(item)}</li>`)}</ul>`;
}
