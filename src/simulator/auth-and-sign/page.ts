import { CITIZEN_OUTCOMES, type CitizenOutcome } from '../people.ts';
import type { Resident } from '../population.ts';
import type { Reply } from './reply.ts';
import type { Interaction, World } from './world.ts';

const OUTCOME_LABEL: Readonly<Record<CitizenOutcome, string>> = {
  sign: '同意して進む(カードの状態に従う) / Agree; the card decides',
  refuse: '連携に同意しない / Refuse consent',
  'authentication-failed': 'カードによる認証に失敗 / Card procedure fails',
  'wrong-pin': '暗証番号を間違える / Wrong PIN, once',
  'wrong-person': '別の人のカードで署名 / Sign with another card',
  locked: '署名用電子証明書がロックされている / Locked',
  expired: '署名用電子証明書の有効期限が切れている / Expired',
  revoked: '署名用電子証明書が失効している / Revoked',
  'not-installed': '署名用電子証明書がない / Not installed',
  malformed: '署名用電子証明書が正しくない / Malformed',
  'not-signed': '署名せずに戻る / Return without signing',
  abandon: '画面を閉じる / Close the window',
};

const STYLE_PATH = '/simulator/style.css';

/** Served apart so that the Content-Security-Policy can forbid inline styles. */
export const STYLE = `body{font-family:sans-serif;line-height:1.7;max-width:44rem;margin:0 auto;padding:1rem}
body{color:#1a1a1a;background:#fff;overflow-wrap:anywhere}
.simulator{background:#8b0000;color:#fff;padding:.75rem 1rem;font-weight:bold}
dt{font-weight:bold;margin-top:.5rem}dd{margin:0;overflow-wrap:anywhere}
fieldset{margin:1rem 0;border:1px solid #666;min-width:0}label{display:block;padding:.25rem 0}
button{font-size:1rem;padding:.6rem 1.5rem;color:#fff;background:#00118f;border:0;border-radius:.25rem}
button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #b78f00;outline-offset:2px}
.alert{border:2px solid #8b0000;padding:.5rem 1rem}.done{border:2px solid #0b5c2b;padding:.5rem 1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left}
th,td{border:1px solid #666;padding:.25rem .5rem;text-align:left;vertical-align:top}td p{margin:.1rem 0}
.refused{background:#fff3f0}.source{color:#4d4d4d;font-size:.9rem}code{overflow-wrap:anywhere}
pre{background:#f3f3f3;padding:.75rem;overflow-x:auto}
input:not([type]),textarea{width:100%;font:inherit;box-sizing:border-box}
select{font:inherit}input,select,textarea,button{max-width:100%;box-sizing:border-box}
button.small{padding:.2rem .6rem}summary{cursor:pointer;padding:.25rem 0}
section{margin-top:2rem}a{color:#00118f}`;

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * A whole page; `leadsTo`: the browser goes on to this address by itself. No form of the simulator leads to another
 * site.
 */
export function page(status: number, title: string, body: string, leadsTo?: string): Reply {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return {
    status,
    headers: {
      'content-type': 'text/html;charset=UTF-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
      // With `no-referrer` browsers send `Origin: null` with the forms of this very page.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
    body: `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${leadsTo === undefined ? '' : `<meta http-equiv="refresh" content="0; url=${escapeHtml(leadsTo)}">`}
<title>${escapeHtml(title)} | シミュレータ SIMULATOR</title><link rel="stylesheet" href="${STYLE_PATH}"></head>
<body><header class="simulator">シミュレータ / <span lang="en">SIMULATOR</span>
— 本物のデジタル認証アプリではありません。実在の人・カードは使いません。<br>
<span lang="en">This is not the real service. No real person or card is used.</span></header>
<main><h1>${escapeHtml(title)}</h1>
${body}
</main></body></html>`,
  };
}

export function errorPage(status: number, message: string): Reply {
  const body = `<p class="alert">エラーが発生しました。 / <span lang="en">An error occurred.</span><br>${escapeHtml(message)}</p>`;
  return page(status, 'エラー', body);
}

/**
 * Back to the relying party by a page: browsers hold every redirect after a form against `form-action`, those of
 * the relying party's own broker too.
 */
export function leadBack(location: string): Reply {
  const body = `<p>元の画面へ戻ります。 / <span lang="en">Going back.</span></p>
<p><a href="${escapeHtml(location)}" rel="noreferrer">戻らないときはここを押してください /
<span lang="en">Press here if nothing happens</span></a></p>`;
  return page(200, 'アプリの操作が終わりました', body, location);
}

interface ConsentPageOptions {
  readonly action: string;
  /** The app's own sentence about the last try, for example after a wrong PIN. */
  readonly alert?: string;
}

/** 同意とカードの画面: names of RP and document, the choice of person and outcome. Works without JavaScript. */
export function consentPage(world: World, interaction: Interaction, options: ConsentPageOptions): Reply {
  const client = world.clients.get(interaction.clientId);
  const people = world.registry.cards.map(({ resident }) => resident);
  const alert =
    options.alert === undefined ? '' : `<p class="alert" role="alert">${escapeHtml(options.alert)}</p>`;
  const body = `${alert}
<dl><dt>連携先 / <span lang="en">Service</span></dt>
<dd data-testid="rp-name">${escapeHtml(client?.name ?? interaction.clientId)}</dd>
${transactionTerms(world, interaction)}
<dt>提供する情報 / <span lang="en">Scope</span></dt><dd>${escapeHtml(interaction.scope.join(' '))}</dd></dl>
<form method="post" action="${escapeHtml(options.action)}">
<input type="hidden" name="interaction" value="${escapeHtml(interaction.id)}">
<fieldset><legend>模擬カード / <span lang="en">Simulated card</span></legend>
<label>持ち主 / <span lang="en">Holder</span> <select name="person">${personOptions(people)}</select></label>
<label>署名するカード(「別の人のカード」のとき) / <span lang="en">Card that signs, for “another card”</span>
<select name="signer"><option value="">自動 / automatic</option>${personOptions(people)}</select></label>
<label>暗証番号(模擬。本物の番号を入力しないでください) / <span lang="en">PIN, pretended: never type a real one</span>
<input type="text" name="pin" autocomplete="off" maxlength="16" placeholder="不要"></label></fieldset>
<fieldset><legend>結果 / <span lang="en">Outcome</span></legend>${outcomeChoices()}
<label>カードの失敗を知らせる場所 / <span lang="en">Where a card failure shows</span>
<select name="surface"><option value="result">結果取得 / result endpoint</option>
<option value="redirect">リダイレクト / redirect</option></select></label></fieldset>
<button type="submit">進む / <span lang="en">Continue</span></button></form>`;
  return page(200, 'デジタル認証アプリ(模擬)', body);
}

function transactionTerms(world: World, interaction: Interaction): string {
  const transaction = world.transactions.get(interaction.signTransactionId ?? '');
  if (transaction === undefined) return '';
  return `<dt>署名対象データ名 / <span lang="en">Document</span></dt>
<dd data-testid="display-name">${escapeHtml(transaction.displayName)}</dd>
<dt>署名対象識別コード / <span lang="en">Code to compare</span></dt>
<dd data-testid="identification-code">${escapeHtml(transaction.identificationCode)}</dd>`;
}

function personOptions(people: readonly Resident[]): string {
  return people
    .map(({ id, name, card }) => `<option value="${id}">${escapeHtml(name)}(${id}: ${card})</option>`)
    .join('');
}

function outcomeChoices(): string {
  return CITIZEN_OUTCOMES.map(
    (outcome, index) =>
      '<label><input type="radio" name="outcome" ' +
      `value="${outcome}"${index === 0 ? ' checked' : ''}> ` +
      `${escapeHtml(OUTCOME_LABEL[outcome])}</label>`,
  ).join('\n');
}
