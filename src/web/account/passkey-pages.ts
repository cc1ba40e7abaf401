import type { EpochMillis } from '../../core/brand.ts';
import type { CeremonyOptions } from '../../ports/passkey-ceremony.ts';
import type { CitizenPasskey } from '../../ports/passkey-store.ts';
import { layout } from '../applicant/layout.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { localTime } from '../language/words.ts';
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
    html`<p id="passkey-login">${both({
      ja: '登録したパスキーでログインします。指紋、顔、または画面ロックの暗証番号で確認します。',
      en: 'Log in with the passkey that you registered: your fingerprint, face or screen lock confirms it.',
    })}</p>
${passkeyForm({
  action: '/login/passkey',
  ceremony: 'get',
  options,
  label: both({ ja: 'パスキーでログインする', en: 'Log in with a passkey' }),
  hidden: { csrf, challenge: options.challenge, return_to: returnTo },
})}
<h2>${both({ ja: 'パスキーがないとき', en: 'Without a passkey' })}</h2>
${link(`/login?return_to=${encodeURIComponent(returnTo)}`, {
  ja: 'マイナンバーカードでログインする',
  en: 'Log in with the My Number Card',
})}`,
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

const none = () =>
  html`<p id="no-passkeys">${both({ ja: '登録されたパスキーはありません。', en: 'You have no passkeys.' })}</p>`;

/** The citizen's passkeys: look at, name, remove, make one more. */
export function passkeyListPage({ passkeys, csrf, life, registration }: PasskeyListParts): string {
  const entries = passkeys.map((passkey) => entry(passkey, csrf, life));
  return layout(
    { ja: 'パスキー', en: 'Passkeys' },
    html`<p>${both({
      ja: 'パスキーがあれば、次回からカードを使わずにログインできます。署名には、いつもマイナンバーカードが必要です。',
      en: 'With a passkey you log in without your card. To sign, you always need the card.',
    })}</p>
${passkeys.length === 0 ? none() : html`<ul id="passkeys" class="passkeys">${entries}</ul>`}
<h2>${both({ ja: 'パスキーを登録する', en: 'Register a passkey' })}</h2>
${registrationSection(registration, csrf, passkeys.length)}
${link(ACCOUNT_PATH, { ja: 'アカウントに戻る', en: 'Back to your account' })}`,
  );
}

function registrationSection(
  registration: PasskeyListParts['registration'],
  csrf: string,
  count: number,
): Html {
  if (registration === 'limit') {
    return html`<p id="limit">${both({
      ja: 'これ以上は登録できません。使わないパスキーを削除してください。',
      en: 'You cannot register more. Remove one that you do not use.',
    })}</p>`;
  }
  if (registration === 'card-needed') {
    const back = `/login?return_to=${encodeURIComponent('/account/passkeys')}`;
    return html`<p id="card-needed">${both({
      ja: '登録するには、マイナンバーカードでログインしてください。',
      en: 'To register one, log in with your My Number Card.',
    })}</p>
${link(back, { ja: 'マイナンバーカードでログインする', en: 'Log in with the My Number Card' })}`;
  }
  return html`<p>${both({
    ja: 'お使いの端末を他の人と共有している場合は、登録しないでください。',
    en: 'Do not register one on a device that you share with others.',
  })}</p>
${passkeyForm({
  action: '/account/passkeys',
  ceremony: 'create',
  options: registration,
  label: both({ ja: 'この端末にパスキーを登録する', en: 'Register a passkey on this device' }),
  hidden: { csrf, challenge: registration.challenge },
  fields: html`<label for="new-name">${both({ ja: 'パスキーの名前', en: 'Name of the passkey' })}</label>
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
<dt>${both({ ja: '登録した日時', en: 'Registered' })}</dt><dd>${localTime(createdAt)}</dd>
<dt>${both({ ja: '最後に使った日時', en: 'Last used' })}</dt><dd>${usedAt === undefined ? '—' : localTime(usedAt)}</dd>
<dt>${both({
    ja: '使える期限(カードでログインすると延びます)',
    en: 'Good until (a login by card prolongs it)',
  })}</dt><dd>${localTime(until)}</dd>
<dt>${both({ ja: '保管', en: 'Kept' })}</dt><dd>${both(passkey.backedUp ? SYNCED : ONE_DEVICE)}</dd>
</dl>
<form method="post" action="/account/passkeys/${key}/name">
<input type="hidden" name="csrf" value="${csrf}">
<label for="name-${key}">${both({ ja: '名前', en: 'Name' })}</label>
<input type="text" id="name-${key}" name="name" value="${name}" maxlength="40" required>
<button type="submit" class="secondary">${both({
    ja: '「{name}」の名前を変える',
    en: 'Rename “{name}”',
    values: { name },
  })}</button>
</form>
<form method="post" action="/account/passkeys/${key}/remove">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" class="secondary">${both({
    ja: '「{name}」を削除する',
    en: 'Remove “{name}”',
    values: { name },
  })}</button>
</form>
</li>`;
}

const SYNCED: Bilingual = { ja: '複数の端末で同期', en: 'Synced between devices' };
const ONE_DEVICE: Bilingual = { ja: 'この認証器だけ', en: 'In one authenticator' };

function notice({ state }: CitizenPasskey): Html | undefined {
  if (state === 'asleep') {
    return html`<p class="notice care">${both({
      ja: 'ログアウトの知らせがあったため休止しています。マイナンバーカードでログインすると、また使えます。',
      en: 'Resting since you were logged out. It works again after a login by card.',
    })}</p>`;
  }
  if (state === 'suspended') {
    return html`<p class="notice bad">${both({
      ja: '複製された疑いがあるため使えません。削除して、登録し直してください。',
      en: 'It may have been copied and is no longer accepted. Remove it and register a new one.',
    })}</p>`;
  }
  return undefined;
}
