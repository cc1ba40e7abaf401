import { ERROR_ROWS } from '../auth-and-sign/error-rows.ts';
import { ANSWER_FAULTS, SIMULATED_ENDPOINTS, TRANSPORT_FAULTS } from '../auth-and-sign/faults.ts';
import { escapeHtml, page } from '../auth-and-sign/page.ts';
import type { Reply } from '../auth-and-sign/reply.ts';
import { REALM_PATH, type World } from '../auth-and-sign/world.ts';
import type { Bilingual } from '../explanation.ts';
import type { JournalEntry } from '../journal.ts';
import type { SimulatorClient } from '../options.ts';
import type { RegistrationRefusal } from '../register-client.ts';
import { librarySettings } from './settings.ts';

/** What a form that was sent left to say. */
export interface Said {
  readonly refusal?: RegistrationRefusal;
  readonly done?: Bilingual;
  /** What was typed, to be put back. */
  readonly typed?: Readonly<Record<string, string>>;
}

const SHOWN = 30;

/** The page of the whole simulator. Works without JavaScript. */
export function consolePage(world: World, said: Said = {}): Reply {
  const body = [
    notices(said),
    addresses(world),
    requests(world.journal.entries()),
    clients(world, said.typed ?? {}),
    settings(world),
    people(world),
    faults(world),
  ].join('\n');
  return page(said.refusal === undefined ? 200 : 400, '模擬サービスのようす / Pretended service', body);
}

function both({ ja, en }: Bilingual): string {
  return `${escapeHtml(ja)} / <span lang="en">${escapeHtml(en)}</span>`;
}

function section(id: string, title: Bilingual, body: string): string {
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${both(title)}</h2>\n${body}</section>`;
}

function table(caption: Bilingual, heads: readonly Bilingual[], rows: readonly string[]): string {
  const head = heads.map((text) => `<th scope="col">${both(text)}</th>`).join('');
  return `<div class="wide" tabindex="0" role="group" aria-label="${escapeHtml(caption.ja)}">
<table><caption>${both(caption)}</caption>
<thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

const cell = (html: string) => `<td>${html}</td>`;
const code = (text: string) => `<code>${escapeHtml(text)}</code>`;

function notices({ refusal, done }: Said): string {
  if (refusal !== undefined) {
    const at = refusal.at === '' ? '' : `${code(refusal.at)}: `;
    const title = both({ ja: '受け付けられません', en: 'Not accepted' });
    return `<p class="alert" role="alert">${title}<br>${at}${both(refusal.message)}</p>`;
  }
  return done === undefined ? '' : `<p role="status" class="done">${both(done)}</p>`;
}

function addresses(world: World): string {
  const protocol = `${world.issuer}/protocol/openid-connect`;
  const rows: readonly (readonly [Bilingual, string])[] = [
    [{ ja: '発行者', en: 'Issuer' }, world.issuer],
    [{ ja: 'Discovery', en: 'Discovery' }, `${world.issuer}/.well-known/openid-configuration`],
    [{ ja: '認可', en: 'Authorization' }, `${protocol}/auth`],
    [{ ja: 'トークン', en: 'Token' }, `${protocol}/token`],
    [{ ja: 'UserInfo', en: 'UserInfo' }, `${protocol}/userinfo`],
    [{ ja: '公開鍵', en: 'JWK Set' }, `${protocol}/certs`],
    [{ ja: '署名の開始', en: 'Start a sign transaction' }, `${world.url}/api/sign-transactions`],
    [{ ja: '署名の結果', en: 'Its result' }, `${world.url}/api/sign-transactions/{id}/result`],
    [{ ja: '失効リスト (CRL)', en: 'CRL' }, `${world.url}/simulator/jpki/crl`],
    [{ ja: 'OCSP', en: 'OCSP' }, `${world.url}/simulator/jpki/ocsp`],
    [{ ja: 'タイムスタンプ', en: 'Time-stamps' }, `${world.url}/simulator/tsa`],
    [{ ja: 'トラストアンカー', en: 'Trust anchors' }, `${world.url}/simulator/trust-anchors.pem`],
    [{ ja: '署名文書の検証', en: 'Verify a signed document' }, `${world.url}/verify`],
  ];
  const list = rows.map(([label, value]) => `<dt>${both(label)}</dt><dd>${code(value)}</dd>`);
  return section('addresses', { ja: 'アドレス', en: 'Addresses' }, `<dl>${list.join('\n')}</dl>`);
}

function requests(entries: readonly JournalEntry[]): string {
  const title = { ja: '最近の要求と、その誤り', en: 'Last requests, and what was wrong in them' };
  if (entries.length === 0) {
    const none = { ja: 'まだ要求は来ていません。', en: 'No request has come yet.' };
    return section('requests', title, `<p>${both(none)}</p>`);
  }
  const heads = [
    { ja: '時刻', en: 'Time' },
    { ja: '宛先', en: 'Endpoint' },
    { ja: 'クライアント', en: 'Client' },
    { ja: '応答', en: 'Answer' },
    { ja: '理由と規則', en: 'What came, and the rule' },
  ];
  const again = `<p><a href="/">${both({ ja: '最新にする', en: 'Refresh' })}</a></p>`;
  return section('requests', title, again + table(title, heads, entries.slice(0, SHOWN).map(requestRow)));
}

function requestRow({ at, endpoint, clientId, status, error, explanation, fault }: JournalEntry): string {
  const answer = [status === 0 ? '-' : String(status), error ?? ''].filter((part) => part !== '').join(' ');
  const spoiled =
    fault === undefined
      ? ''
      : `<p>${both({ ja: '指定した障害', en: 'fault asked for' })}: ${code(fault)}</p>`;
  return `<tr${explanation === undefined ? '' : ' class="refused"'}>${[
    cell(escapeHtml(new Date(at).toISOString().slice(11, 19))),
    cell(escapeHtml(endpoint)),
    cell(clientId === undefined ? '-' : code(clientId)),
    cell(escapeHtml(answer)),
    cell(spoiled + why(explanation)),
  ].join('')}</tr>`;
}

function why(explanation: JournalEntry['explanation']): string {
  if (explanation === undefined) return '';
  const { parameter, came, rule, source, assumption } = explanation;
  const guess =
    assumption === true
      ? ` ${both({ ja: '推定(ASSUMPTION)。ガイドラインに記載なし', en: 'ASSUMPTION: the guideline is silent' })}`
      : '';
  return `<p><strong>${code(parameter)}</strong>: ${both(came)}</p><p>${both(rule)}</p>
<p class="source">${escapeHtml(source)}.${guess}</p>`;
}

function clients(world: World, typed: Readonly<Record<string, string>>): string {
  const heads = [
    { ja: 'クライアントID', en: 'Client id' },
    { ja: '種類', en: 'Kind' },
    { ja: 'リダイレクトURI', en: 'Redirect URIs' },
    { ja: '鍵', en: 'Keys (kid)' },
    { ja: '取消', en: 'Take away' },
  ];
  const rows = [...world.clients.values()].map(clientRow);
  const title = { ja: '登録済みのクライアント', en: 'Registered clients' };
  const none = `<p>${both({ ja: 'まだ登録されていません。', en: 'None is registered yet.' })}</p>`;
  return section(
    'clients',
    title,
    (rows.length === 0 ? none : table(title, heads, rows)) + clientForm(typed),
  );
}

function clientRow({ clientId, variant, redirectUris, jwks, disabled }: SimulatorClient): string {
  const kids = jwks.keys.map((key) => String(key['kid'] ?? '-')).join(', ');
  const kind = `${variant}${disabled === true ? ' (disabled)' : ''}`;
  const away = `<form method="post" action="/simulator/console/forget">
<input type="hidden" name="clientId" value="${escapeHtml(clientId)}">
<button class="small">${both({ ja: '取消', en: 'Take away' })}</button></form>`;
  const uris = redirectUris.map(code).join('<br>');
  return `<tr>${[code(clientId), escapeHtml(kind), uris, escapeHtml(kids), away].map(cell).join('')}</tr>`;
}

const PF_KEY: Bilingual = {
  ja: 'プラットフォーム事業者の公開鍵 JWK(民間の署名。任意)',
  en: "Platform operator's public JWK (private, signing; optional)",
};

function clientForm(typed: Readonly<Record<string, string>>): string {
  const value = (name: string) => escapeHtml(typed[name] ?? '');
  const line = (name: string, label: Bilingual, needed = '') =>
    `<label for="${name}">${both(label)}</label><input id="${name}" name="${name}" value="${value(name)}"${needed}>`;
  const area = (name: string, label: Bilingual, needed = '') =>
    `<label for="${name}">${both(label)}</label>
<textarea id="${name}" name="${name}" rows="4"${needed}>${value(name)}</textarea>`;
  const agency = typed['variant'] === 'government' ? ' selected' : '';
  return `<form method="post" action="/simulator/console/clients"><fieldset>
<legend>${both({ ja: 'クライアントを登録する', en: 'Register a client' })}</legend>
${line('clientId', { ja: 'クライアントID', en: 'Client id' }, ' required')}
${line('name', { ja: '表示名(任意)', en: 'Name shown (optional)' })}
<label for="variant">${both({ ja: '種類', en: 'Kind' })}</label><select id="variant" name="variant">
<option value="private">民間 / private</option><option value="government"${agency}>行政機関 / government</option></select>
${area('redirectUris', { ja: 'リダイレクトURI(1行に1つ)', en: 'Redirect URIs, one a line' }, ' required')}
${area('jwks', { ja: '公開鍵(JWK か JWK Set)', en: 'Public key (a JWK or a JWK Set)' }, ' required')}
${line('backchannelLogoutUri', { ja: 'バックチャネルログアウトURI(任意)', en: 'Back-channel logout URI (optional)' })}
${area('pfPublicKey', PF_KEY)}
<button>${both({ ja: '登録する', en: 'Register' })}</button></fieldset></form>
<p>${both({
    ja: '同じことは JSON ファイルと API でもできます。形式はスキーマを見てください。',
    en: 'A JSON file and the API do the same; the schema says how.',
  })} <a href="/simulator/client.schema.json">client.schema.json</a></p>
<pre tabindex="0">curl -H 'content-type: application/json' -d @client.json …/simulator/clients</pre>`;
}

function settings(world: World): string {
  const [client] = world.clients.values();
  const of = {
    issuer: world.issuer,
    clientId: client?.clientId ?? 'CLIENT_ID',
    redirectUri: client?.redirectUris[0] ?? 'https://app.example/callback',
  };
  const blocks = librarySettings(of).map(
    ({ name, text }) =>
      `<details><summary>${escapeHtml(name)}</summary><pre tabindex="0">${escapeHtml(text)}</pre></details>`,
  );
  return section(
    'settings',
    { ja: 'ライブラリの設定(そのまま使えます)', en: 'Settings to copy' },
    blocks.join('\n'),
  );
}

function people(world: World): string {
  const heads = [
    { ja: 'ID', en: 'Id' },
    { ja: '氏名', en: 'Name' },
    { ja: 'カード', en: 'Card' },
    { ja: '暗証番号の残り', en: 'PIN tries left' },
  ];
  const rows = world.registry.cards.map(({ resident: { id, name, card } }) => {
    const left = String(world.cards.get(id)?.triesLeft ?? '');
    return `<tr>${[code(id), escapeHtml(name), escapeHtml(card), left].map(cell).join('')}</tr>`;
  });
  const title = { ja: '模擬の人物', en: 'Pretended people' };
  const options = world.registry.cards.map(({ resident: { id } }) => `<option>${escapeHtml(id)}</option>`);
  const form = `<form method="post" action="/simulator/console/logout"><label for="person">${both({
    ja: 'バックチャネルログアウトを送る人',
    en: 'Send back-channel logout of',
  })}</label>
<select id="person" name="person">${options.join('')}</select>
<button>${both({ ja: '送る', en: 'Send' })}</button></form>`;
  return section('people', title, table(title, heads, rows) + form);
}

function faults(world: World): string {
  const groups = SIMULATED_ENDPOINTS.map((endpoint) => {
    const rows = ERROR_ROWS.filter((row) => row.endpoint === endpoint).map(
      ({ id, status, error, description = '' }) =>
        option(endpoint, id, `${id}: ${status} ${error} ${description}`),
    );
    const names = [...ANSWER_FAULTS[endpoint], ...TRANSPORT_FAULTS].map((name) =>
      option(endpoint, name, name),
    );
    return `<optgroup label="${endpoint}">${[...rows, ...names].join('')}</optgroup>`;
  });
  const waiting = {
    ja: `待っている障害: ${world.faults.pending()}`,
    en: `waiting: ${world.faults.pending()}`,
  };
  const body = `<p>${both(waiting)}</p>
<form method="post" action="/simulator/console/faults">
<label for="fault">${both({ ja: '次の応答をこう壊す', en: 'Spoil the next answer so' })}</label>
<select id="fault" name="fault">${groups.join('')}</select>
<label for="times">${both({ ja: '回数', en: 'Times' })}</label>
<input id="times" name="times" value="1" inputmode="numeric">
<button name="act" value="add">${both({ ja: '加える', en: 'Add' })}</button>
<button name="act" value="clear">${both({ ja: 'すべて取り消す', en: 'Forget all' })}</button></form>
<p>${code(`${REALM_PATH}/…`)} ${both({ ja: 'の応答だけが壊れます。この画面は壊れません。', en: 'alone is spoiled, never this page.' })}</p>`;
  return section('faults', { ja: '障害を起こす', en: 'Faults' }, body);
}

function option(endpoint: string, name: string, label: string): string {
  return `<option value="${endpoint} ${name}">${escapeHtml(label)}</option>`;
}
