import type { EpochMillis } from '../../core/brand.ts';
import { japanTime } from '../../core/japan-time.ts';
import type { CeremonyOptions } from '../../ports/passkey-ceremony.ts';
import type { CitizenPasskey } from '../../ports/passkey-store.ts';
import { layout } from '../applicant/layout.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { passkeyForm } from '../passkey-form.ts';
import { link } from './pages.ts';
import { ACCOUNT_PATH } from './return-path.ts';

interface PasskeyLoginParts {
  readonly options: CeremonyOptions;
  readonly csrf: string;
  /** Page of ours to go on with. */
  readonly returnTo: string;
}

/** The daily login: by passkey, or else by card. */
export function passkeyLoginPage({ options, csrf, returnTo }: PasskeyLoginParts): string {
  return layout(
    { ja: 'ログイン', en: 'Log in' },
    html`<p id="passkey-login">登録したパスキーでログインします。指紋、顔、または画面ロックの暗証番号で確認します。
<span lang="en">Log in with the passkey that you registered: your fingerprint, face or screen lock
confirms it.</span></p>
${passkeyForm({
  action: '/login/passkey',
  ceremony: 'get',
  options,
  label: html`パスキーでログインする<span lang="en">Log in with a passkey</span>`,
  hidden: { csrf, challenge: options.challenge, return_to: returnTo },
})}
<h2>パスキーがないとき<span lang="en">Without a passkey</span></h2>
${link(`/login?return_to=${encodeURIComponent(returnTo)}`, 'マイナンバーカードでログインする', 'Log in with the My Number Card')}`,
  );
}

export interface PasskeyListParts {
  readonly passkeys: readonly CitizenPasskey[];
  readonly csrf: string;
  /** Milliseconds after the last login by card in which a passkey logs in. */
  readonly life: number;
  /** To make one more: the options, or why not now. */
  readonly registration: CeremonyOptions | 'card-needed' | 'limit';
}

const NONE = html`<p id="no-passkeys">登録されたパスキーはありません。<span lang="en">You have no passkeys.</span></p>`;

/** The citizen's passkeys: look at, name, remove, make one more. */
export function passkeyListPage({ passkeys, csrf, life, registration }: PasskeyListParts): string {
  const entries = passkeys.map((passkey) => entry(passkey, csrf, life));
  return layout(
    { ja: 'パスキー', en: 'Passkeys' },
    html`<p>パスキーがあれば、次回からカードを使わずにログインできます。署名には、いつもマイナンバーカードが必要です。
<span lang="en">With a passkey you log in without your card. To sign, you always need the card.</span></p>
${passkeys.length === 0 ? NONE : html`<ul id="passkeys" class="passkeys">${entries}</ul>`}
<h2>パスキーを登録する<span lang="en">Register a passkey</span></h2>
${registrationSection(registration, csrf, passkeys.length)}
${link(ACCOUNT_PATH, 'アカウントに戻る', 'Back to your account')}`,
  );
}

function registrationSection(
  registration: PasskeyListParts['registration'],
  csrf: string,
  count: number,
): Html {
  if (registration === 'limit') {
    return html`<p id="limit">これ以上は登録できません。使わないパスキーを削除してください。
<span lang="en">You cannot register more. Remove one that you do not use.</span></p>`;
  }
  if (registration === 'card-needed') {
    const back = `/login?return_to=${encodeURIComponent('/account/passkeys')}`;
    return html`<p id="card-needed">登録するには、マイナンバーカードでログインしてください。
<span lang="en">To register one, log in with your My Number Card.</span></p>
${link(back, 'マイナンバーカードでログインする', 'Log in with the My Number Card')}`;
  }
  return html`<p>お使いの端末を他の人と共有している場合は、登録しないでください。
<span lang="en">Do not register one on a device that you share with others.</span></p>
${passkeyForm({
  action: '/account/passkeys',
  ceremony: 'create',
  options: registration,
  label: html`この端末にパスキーを登録する<span lang="en">Register a passkey on this device</span>`,
  hidden: { csrf, challenge: registration.challenge },
  fields: html`<label for="new-name">パスキーの名前<span lang="en">Name of the passkey</span></label>
<input type="text" id="new-name" name="name" value="パスキー${count + 1}" maxlength="40" required>`,
})}`;
}

function entry(passkey: CitizenPasskey, csrf: string, life: number): Html {
  const { key, name, createdAt, usedAt, cardAt } = passkey;
  const until = (cardAt + life) as EpochMillis;
  return html`<li data-passkey-key="${key}" data-state="${passkey.state}">
<h2>${name}</h2>
${notice(passkey)}
<dl>
<dt>登録した日時<span lang="en">Registered</span></dt><dd>${japanTime(createdAt)}</dd>
<dt>最後に使った日時<span lang="en">Last used</span></dt><dd>${usedAt === undefined ? '—' : japanTime(usedAt)}</dd>
<dt>使える期限(カードでログインすると延びます)
<span lang="en">Good until (a login by card prolongs it)</span></dt><dd>${japanTime(until)}</dd>
<dt>保管<span lang="en">Kept</span></dt><dd>${both(passkey.backedUp ? SYNCED : ONE_DEVICE)}</dd>
</dl>
<form method="post" action="/account/passkeys/${key}/name">
<input type="hidden" name="csrf" value="${csrf}">
<label for="name-${key}">名前<span lang="en">Name</span></label>
<input type="text" id="name-${key}" name="name" value="${name}" maxlength="40" required>
<button type="submit" class="secondary">「${name}」の名前を変える<span lang="en">Rename</span></button>
</form>
<form method="post" action="/account/passkeys/${key}/remove">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" class="secondary">「${name}」を削除する<span lang="en">Remove</span></button>
</form>
</li>`;
}

const SYNCED: Bilingual = { ja: '複数の端末で同期', en: 'Synced between devices' };
const ONE_DEVICE: Bilingual = { ja: 'この認証器だけ', en: 'In one authenticator' };

function notice({ state }: CitizenPasskey): Html | undefined {
  if (state === 'asleep') {
    return html`<p class="notice care">ログアウトの知らせがあったため休止しています。マイナンバーカードでログインすると、また使えます。
<span lang="en">Resting since you were logged out. It works again after a login by card.</span></p>`;
  }
  if (state === 'suspended') {
    return html`<p class="notice bad">複製された疑いがあるため使えません。削除して、登録し直してください。
<span lang="en">It may have been copied and is no longer accepted. Remove it and register a new one.</span></p>`;
  }
  return undefined;
}
