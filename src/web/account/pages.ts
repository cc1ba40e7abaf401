import { ERROR_CODES, type ErrorKind } from '../../core/errors.ts';
import { saysCard } from '../../core/oidc/card-login.ts';
import { type CitizenMessage, citizenMessage } from '../../core/sign-transaction/citizen-messages.ts';
import type { Failure } from '../../core/sign-transaction/events.ts';
import type { BrowserSession, CitizenAttributes } from '../../ports/session-store.ts';
import { layout } from '../applicant/layout.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { site } from '../site/site.ts';

const GENDERS: Readonly<Record<string, string>> = { '1': '男', '2': '女' };

/** Who is logged in, and what the provider told about them. Nothing of a token is in it. */
export function accountPage(
  session: BrowserSession | undefined,
  csrf: string,
  passkeys: 'offered' | 'absent' = 'absent',
  broker?: string,
): string {
  const offered = passkeys === 'offered';
  if (session === undefined) {
    return layout(
      { ja: 'ログイン', en: 'Log in' },
      html`<p id="account" data-state="logged-out">${both({ ja: 'ログインしていません。', en: 'You are not logged in.' })}</p>
${loginLink()}
${offered ? link('/login/passkey', { ja: 'パスキーでログインする', en: 'Log in with a passkey' }) : undefined}`,
    );
  }
  const { attributes, refreshToken, passkey, idToken } = session.login ?? {};
  const direct = saysCard(idToken) ? byCard() : byService();
  return layout(
    { ja: 'ログイン中', en: 'You are logged in' },
    html`${passkey !== undefined ? byPasskey() : broker === undefined ? direct : byBroker(broker)}
${attributes === undefined ? undefined : attributeList(attributes)}
${refreshToken === undefined ? undefined : form('/account/refresh', csrf, both(READ_AGAIN))}
${offered ? link('/account/passkeys', { ja: 'パスキーを管理する', en: 'Manage your passkeys' }) : undefined}
${form('/logout', csrf, both({ ja: 'ログアウト', en: 'Log out' }))}`,
  );
}

const READ_AGAIN = { ja: '情報を取得し直す', en: 'Get the information again' };
const byCard = () =>
  html`<p id="account" data-state="logged-in" data-by="card">${both({
    ja: 'マイナンバーカードで本人確認が済んでいます。',
    en: 'Your identity was confirmed with your My Number Card.',
  })}</p>`;
const byService = () =>
  html`<p id="account" data-state="logged-in" data-by="service">${both({
    ja: '{service}でログインしています。',
    en: 'You are logged in with {service}.',
    values: { service: site().app.service },
  })}</p>`;
/** Nothing is said of the card where the broker does not say that it led in. */
function byBroker(host: string): Html {
  return html`<p id="account" data-state="logged-in" data-by="broker">${both({
    ja: '{host} を通じてログインしています。',
    en: 'You logged in through {host}.',
    values: { host },
  })}</p>`;
}

const byPasskey = () => html`<p id="account" data-state="logged-in" data-by="passkey">${both({
  ja: 'パスキーでログインしています。署名には、マイナンバーカードが必要です。',
  en: 'You logged in with a passkey. To sign, you need your My Number Card.',
})}</p>
${link('/login', { ja: 'マイナンバーカードでログインし直す', en: 'Log in again with the My Number Card' })}`;

/** A second callback of one login while the first is being worked on. */
export function loginPendingPage(): string {
  return layout(
    { ja: 'ログインを確認しています', en: 'Your login is being checked' },
    html`<p id="account" data-state="claimed">${both({ ja: 'しばらくお待ちください。', en: 'Please wait.' })}</p>`,
  );
}

const TRY_AGAIN: CitizenMessage = {
  ja: 'ログインを完了できませんでした。お手数ですが、もう一度ログインしてください。',
  en: 'The login could not be completed. Please log in again.',
};
const OTHER_BROWSER: CitizenMessage = {
  ja: 'この画面は、ログインを始めたブラウザーで開かれたものではないか、有効な時間を過ぎています。もう一度ログインしてください。',
  en: 'This page was not opened in the browser in which the login began, or its time is over. Please log in again.',
};
const ABOUT_US: ReadonlySet<ErrorKind> = new Set(['operator', 'internal', 'temporary', 'rate-limited']);

/** The guideline's row in the app's own wording, else a sentence about the login. */
function messageOf(failure: Failure): CitizenMessage {
  if (failure.code === 'oidc.state') return OTHER_BROWSER;
  const general =
    failure.row !== undefined ||
    failure.code.startsWith('passkey.') ||
    ABOUT_US.has(ERROR_CODES[failure.code]);
  return general ? citizenMessage(failure) : TRY_AGAIN;
}

/** A login that ended without a session: the sentence for the citizen, and the way to try again. */
export function loginEndedPage(failure: Failure): string {
  const message = messageOf(failure);
  return layout(
    { ja: 'ログインできませんでした', en: 'The login did not succeed' },
    html`<p id="error" data-code="${failure.code}" data-row="${failure.row}">${both(message)}</p>
${loginLink()}`,
  );
}

function loginLink(): Html {
  return link('/login', { ja: 'マイナンバーカードでログインする', en: 'Log in with the My Number Card' });
}

/** A way to another page of ours, in a paragraph of its own. */
export function link(href: string, text: Bilingual): Html {
  return html`<p><a href="${href}">${both(text)}</a></p>`;
}

function form(action: string, csrf: string, label: Html): Html {
  return html`<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" class="secondary">${label}</button>
</form>`;
}

/** A year, or a month and a day, may be all that is known. */
const UNKNOWN_PARTS = /^0000-|-00(?=-00$)|-00$/g;

function attributeList({ name, address, birthdate, gender }: CitizenAttributes): Html {
  const date = birthdate?.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3').replaceAll(UNKNOWN_PARTS, '');
  const rows: readonly (readonly [string, Bilingual, string | undefined])[] = [
    ['name', { ja: '氏名', en: 'Name' }, name],
    ['address', { ja: '住所', en: 'Address' }, address],
    ['birthdate', { ja: '生年月日', en: 'Date of birth' }, date],
    ['gender', { ja: '性別', en: 'Sex' }, GENDERS[gender ?? ''] ?? gender],
  ];
  const known = rows.filter(([, , value]) => value !== undefined);
  return html`<dl>
${known.map(([id, label, value]) => html`<dt>${both(label)}</dt><dd id="${id}">${value}</dd>`)}
</dl>`;
}
