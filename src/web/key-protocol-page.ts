import type { KeyProtocol, SignedKeyProtocol } from '../contracts/key-protocol.ts';
import type { EpochMillis } from '../core/brand.ts';
import { toBase64, toUtf8 } from '../core/encoding.ts';
import { japanTime } from '../core/japan-time.ts';
import { type Bilingual, both } from './bilingual.ts';
import { type Html, html } from './html.ts';
import { factRow, factTable } from './parts.ts';
import { REPORT_STYLE } from './validation-report/report-page.ts';

const TITLE: Bilingual = { ja: '鍵管理記録', en: 'Key protocol' };

const KINDS: Readonly<Record<KeyProtocol['change']['kind'], Bilingual>> = {
  'key.generate': { ja: '復号鍵の生成', en: 'A decryption key was made' },
  'key.activate': { ja: '復号鍵の使用開始', en: 'A decryption key was activated' },
  'key.expire': { ja: '復号鍵の使用終了', en: 'A decryption key was expired' },
  'key.destroy': { ja: '復号鍵の破棄', en: 'A decryption key was destroyed' },
};

/** A line for one who was there. */
const PRESENT = html`<tr><td>${both({ ja: '氏名', en: 'Name' })}</td>
<td>${both({ ja: '日付・署名', en: 'Date, signature' })}</td></tr>`;

/** 鍵管理記録: one file to be printed, signed by hand by who was present, and kept; the signed text is inside. */
export function keyProtocolPage(protocol: KeyProtocol, signed: SignedKeyProtocol): string {
  const { change, key, audit, audit_head, made_at, operator, program } = protocol;
  const file = `data:application/json;base64,${toBase64(toUtf8(JSON.stringify(signed)))}`;
  const head = html`<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${TITLE.ja} ${TITLE.en}</title><style>`;
  const records = audit.map(
    ({ event, at, chain, seq, hash }) => html`<tr><td><code>${event}</code></td><td>${time(at)}</td>
<td>${String(chain)}-${String(seq)}</td><td><code>${hash}</code></td></tr>`,
  );
  const body = html`</style></head><body><main><h1>${both(TITLE)}</h1>
${factTable(TITLE, [
  factRow({ ja: '変更', en: 'Change' }, both(KINDS[change.kind])),
  factRow({ ja: '申請した管理者', en: 'Asked for by' }, person(change.requested_by)),
  factRow({ ja: '承認した管理者', en: 'Allowed by' }, person(change.approved_by)),
  factRow({ ja: '鍵', en: 'Key' }, html`<code>${key.kid}</code>`),
  factRow({ ja: 'サービスと環境', en: 'Service, environment' }, html`${key.service}, ${key.environment}`),
  factRow({ ja: '保管場所', en: 'Held in' }, key.held_in),
  factRow({ ja: '記録を作った時の状態', en: 'State when this was made' }, key.state_now),
  factRow({ ja: '公開鍵', en: 'Public key' }, html`<code>${JSON.stringify(key.public_jwk)}</code>`),
  factRow({ ja: '事業者とプログラム', en: 'Operator, program' }, html`${operator}, ${program}`),
  factRow({ ja: '作成日時', en: 'Made at' }, time(made_at)),
  factRow({ ja: '監査記録の末尾', en: 'Head of the audit log' }, html`<code>${audit_head}</code>`),
])}
<h2>${both({ ja: '監査記録', en: 'Records of the audit log' })}</h2>
<table><tbody>${records}</tbody></table>
<h2>${both({ ja: '立会い', en: 'Present' })}</h2>
<table><tbody>${[1, 2, 3].map(() => PRESENT)}</tbody></table>
<p>${both({
    ja: '署名された原本はこのページの中にあります。jitsuin pf key-protocol --check で確かめられます。',
    en: 'The signed original is inside this page; jitsuin pf key-protocol --check judges it.',
  })} <a download="key-protocol-${change.id}.json" href="${file}">key-protocol.json</a></p></main></body></html>
`;
  return `${head.markup}${REPORT_STYLE}${body.markup}`;
}

function person({ name, id, at }: KeyProtocol['change']['requested_by']): Html {
  return html`${name} (<code>${id}</code>), ${time(at)}`;
}

function time(at: string): Html {
  return html`${japanTime(Date.parse(at) as EpochMillis)}`;
}
