import { toBase64, toUtf8 } from '../../core/encoding.ts';
import { japanTime } from '../../core/japan-time.ts';
import { OUTCOMES, outcomeOfReport } from '../../core/outcomes.ts';
import { decisiveCheck } from '../../core/report.ts';
import type { ReportFacts } from '../../core/validation-report/etsi-report.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { code, factRow, factTable, smallTable, tableRow } from '../parts.ts';
import { checkName, resultName } from '../verify/check-names.ts';

/** The same report as XML, as its first line says; sealed where whoever made it has a key for that. */
export interface ReportXml {
  readonly text: string;
  /** Who sealed it: the public URL at which the key stands, and its `kid`. */
  readonly seal?: { readonly by: string; readonly kid: string };
}

const TITLE: Bilingual = { ja: '検証結果報告書', en: 'Signature validation report' };

/** One style, and nothing else is let in: the page is a file of its own that is printed and kept. */
export const REPORT_STYLE = `@page{size:A4;margin:18mm}
body{font-family:"Noto Sans JP","Hiragino Sans",sans-serif;color:#1a1a1c;line-height:1.6;
max-width:48rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;border-bottom:2px solid}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}tr{break-inside:avoid}caption{text-align:left}
th,td{border:1px solid #949494;padding:.3rem .6rem;text-align:left;vertical-align:top}
th{font-weight:600;background:#f2f2f2}code{overflow-wrap:anywhere}
.unseen{position:absolute;clip-path:inset(50%)}
span[lang=en]{display:block;font-size:.85em;color:#595959}
@media print{body{margin:0;max-width:none}}`;

/** 検証結果報告書: one file for people, to be printed and kept, with the XML report inside. */
export function validationReportPage(facts: ReportFacts, xml: ReportXml): string {
  const head = html`<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${TITLE.ja} ${TITLE.en}</title><style>`;
  const body = html`</style></head><body><main><h1>${both(TITLE)}</h1>
${factsTable(facts)}
<h2>${both({ ja: '確かめたこと', en: 'Checks, in their order' })}</h2>
${checksTable(facts)}
<h2>${both({ ja: '封印とXML', en: 'Seal and XML' })}</h2>
${sealSection(xml)}</main></body></html>
`;
  return `${head.markup}${REPORT_STYLE}${body.markup}`;
}

function factsTable({
  id,
  report,
  policy,
  signedOctetsSha256,
  signatureSha256,
  bestTime,
}: ReportFacts): Html {
  const { indication, subIndication, validationTime } = report;
  const outcome = outcomeOfReport(report);
  const { icon, sentence, label } = OUTCOMES[outcome];
  const verdict = html`<strong data-indication="${indication}" data-outcome="${outcome}">${icon}
${both(sentence ?? label)}</strong>
<code>${indication}</code>${subIndication === undefined ? undefined : html` / <code>${subIndication}</code>`}`;
  const decisive = decisiveCheck(report);
  const row = (label: Bilingual, value: Html | string | undefined) =>
    value === undefined ? undefined : factRow(label, value);
  return factTable({ ja: '結果', en: 'Result' }, [
    row({ ja: '結果', en: 'Result' }, verdict),
    row(
      { ja: '理由', en: 'Reason' },
      decisive === undefined ? undefined : html`${both(checkName(decisive.name))} ${code(decisive.code)}`,
    ),
    row({ ja: '検証の番号', en: 'Id of the validation' }, code(id)),
    row({ ja: '判断の基準とした日時', en: 'Judged for' }, japanTime(validationTime)),
    row(
      { ja: '署名があったと示された日時', en: 'The signature was there at' },
      bestTime === undefined ? undefined : html`${japanTime(bestTime.at)}${both(PROOFS[bestTime.proof])}`,
    ),
    row(
      { ja: '検証ポリシー', en: 'Validation policy' },
      policy === undefined ? undefined : html`<code>${policy.name}</code> ${code(policy.sha256)}`,
    ),
    row({ ja: '署名された内容のSHA-256', en: 'SHA-256 of what is signed' }, code(signedOctetsSha256)),
    row({ ja: '署名値のSHA-256', en: 'SHA-256 of the signature value' }, code(signatureSha256)),
  ]);
}

const PROOFS: Readonly<Record<'validation' | 'provided', Bilingual>> = {
  validation: { ja: '(検証で確かめた)', en: '(found by the validation)' },
  provided: { ja: '(申告による。確かめていない)', en: '(as somebody said; not proved)' },
};

function checksTable({ report, details }: ReportFacts): Html {
  return smallTable({
    id: 'checks',
    caption: { ja: '確かめたこと', en: 'Checks' },
    columns: [
      { ja: '確かめたこと', en: 'Check' },
      { ja: '結果', en: 'Result' },
      { ja: '符号', en: 'Code' },
    ],
    rows: report.checks.map(({ name, result, code: reason, subIndication, detail }) => {
      const { mark, ja, en } = resultName(result);
      const said = details === true && detail !== undefined ? html`<span>${detail}</span>` : undefined;
      return tableRow({ 'data-check': name, 'data-result': result }, [
        both(checkName(name)),
        html`${mark} ${both({ ja, en })}`,
        html`${code(reason)} ${code(subIndication)}${said}`,
      ]);
    }),
  });
}

function sealSection({ text, seal }: ReportXml): Html {
  const data = `data:application/xml;base64,${toBase64(toUtf8(text))}`;
  const told =
    seal === undefined
      ? {
          ja: 'この報告書に封印(電子署名)はありません。作った人の言葉です。',
          en: 'This report carries no seal; it is the word of whoever made it.',
        }
      : {
          ja:
            `下のXML(ETSI TS 119 102-2)は、発行者 ${seal.by} が鍵 ${seal.kid} で電子署名しています。` +
            `鍵は ${seal.by}/.well-known/jwks.json にあります。` +
            'この紙面そのものに署名はありません。内容はXMLで確かめてください。',
          en:
            `The XML below (ETSI TS 119 102-2) is signed by ${seal.by} with the key ${seal.kid} of its ` +
            '/.well-known/jwks.json. This page itself is not signed: the XML decides.',
        };
  return html`<p id="seal" data-sealed="${seal === undefined ? 'no' : 'yes'}">${both(told)}</p>
<p><a href="${data}" download="validation-report.xml">${both({ ja: '報告書のXML', en: 'The report as XML' })}</a></p>`;
}
