import { OUTCOMES, outcomeOfVerdict } from '../../core/outcomes.ts';
import type { Application, Verdict } from '../../core/sign-transaction/application.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { localTime } from '../language/words.ts';
import { factRow, heading, link } from '../parts.ts';
import { site } from '../site/site.ts';
import { layout } from './layout.ts';
import { receiptFacts } from './receipt-facts.ts';

const CHECKS: Readonly<Record<'receipt' | 'document', Bilingual>> = {
  receipt: {
    ja: '受領証(receipt.jws)は、署名検証者が公開している鍵(/.well-known/jwks.json)で、だれでも確かめられます。',
    en:
      'Anyone can check the receipt (receipt.jws) with the keys that the verifier publishes at ' +
      '/.well-known/jwks.json.',
  },
  document: {
    ja: '署名した内容のSHA-256は、署名の対象となった文書(正規化後)のハッシュ値です。同じ文書からは必ず同じ値が得られます。',
    en: 'The SHA-256 is that of the signed octets (in canonical form). The same document always gives the same value.',
  },
};
const NO_PERSON: Bilingual = {
  ja: 'この控えには、署名した方の氏名や電子証明書の内容は含まれません。',
  en: 'This record holds neither the name of the person who signed nor anything of the certificate.',
};

const PRINT: Bilingual = {
  ja: 'ブラウザーの「印刷」で、紙やPDFに残せます。',
  en: 'Print this page to keep it on paper or as a PDF.',
};

/** A paper to keep after a passed verdict: what, when, by whom verified, which octets, how to check. For printing. */
export function paperPage(application: Application, verdict: Verdict): string {
  const { displayName, identificationCode, secrets, id } = application;
  const receipt = receiptFacts(secrets?.receipt);
  const said = OUTCOMES[outcomeOfVerdict(verdict)];
  const verifier =
    receipt === undefined
      ? both(
          site().organization?.name ?? { ja: 'この手続を受け付けた機関', en: 'The agency that received it' },
        )
      : html`<code>${receipt.iss}</code>`;
  return layout(
    { ja: '電子署名の控え', en: 'Record of your electronic signature' },
    html`<table id="paper"><tbody>
${factRow({ ja: '署名した文書', en: 'What was signed' }, revealed(displayName))}
${factRow({ ja: '署名対象識別コード', en: 'Identification code' }, code(identificationCode))}
${factRow({ ja: '検証の結果', en: 'Result' }, both(said.sentence ?? said.label))}
${factRow({ ja: '検証の日時', en: 'Verified at' }, localTime(verdict.decidedAt))}
${factRow({ ja: '検証した者', en: 'Verified by' }, verifier)}
${factRow({ ja: '受付番号', en: 'Reference' }, code(verdict.reference))}
${factRow({ ja: 'お問い合わせ番号', en: 'Inquiry number' }, code(id))}
${factRow({ ja: '署名した内容のSHA-256', en: 'SHA-256 of what was signed' }, code(verdict.signedOctetsSha256))}
</tbody></table>
${heading({ ja: '確かめ方', en: 'How to check' })}
<ul>${receipt === undefined ? undefined : html`<li>${both(CHECKS.receipt)}</li>`}<li>${both(CHECKS.document)}</li></ul>
<p>${both(NO_PERSON)}</p>
<p class="unprinted">${both(PRINT)}</p>
<p class="unprinted">${link(`/applications/${id}/complete`, { ja: '前の画面に戻る', en: 'Back' })}</p>`,
  );
}

function code(value: string): Html {
  return html`<code>${value}</code>`;
}
