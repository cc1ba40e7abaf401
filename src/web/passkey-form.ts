import type { CeremonyOptions } from '../ports/passkey-ceremony.ts';
import { type Html, html } from './html.ts';
import { hidden as hiddenField, notice } from './parts.ts';

interface PasskeyForm {
  /** Path of ours that gets the answer in the field `passkey`. */
  readonly action: string;
  /** `create` makes a passkey, `get` uses one. */
  readonly ceremony: 'create' | 'get';
  readonly options: CeremonyOptions;
  /** Text of the button. */
  readonly label: Html;
  /** Hidden fields beside the answer. */
  readonly hidden?: Readonly<Record<string, string>>;
  /** Visible fields before the button. */
  readonly fields?: Html;
}

const PROBLEMS = {
  unsupported: {
    ja: 'このブラウザーではパスキーを使えません。パスキーに対応したブラウザーで開いてください。',
    en: 'This browser cannot use passkeys. Please use one that can.',
  },
  known: {
    ja: 'この認証器には、すでにパスキーがあります。そのままログインできます。',
    en: 'This authenticator has a passkey already. You can log in with it.',
  },
  stopped: {
    ja: 'パスキーの操作が取り消されたか、時間切れになりました。もう一度お試しください。',
    en: 'The passkey was cancelled or timed out. Please try again.',
  },
} as const;
const NO_SCRIPT = {
  ja: 'パスキーにはJavaScriptが必要です。有効にしてから、開き直してください。',
  en: 'Passkeys need JavaScript. Please turn it on and open this page again.',
};

function problem(name: keyof typeof PROBLEMS): Html {
  return notice('care', PROBLEMS[name], { 'data-passkey-problem': name, hidden: true });
}

/**
 * A form whose button runs one WebAuthn ceremony. The one thing of the pages that needs a script; without it the
 * form says so.
 */
export function passkeyForm({ action, ceremony, options, label, hidden = {}, fields }: PasskeyForm): Html {
  const inputs = Object.entries(hidden).map(([name, value]) => hiddenField(name, value));
  return html`<form method="post" action="${action}" data-passkey="${ceremony}" data-options="${options.json}">
${inputs}<input type="hidden" name="passkey" value="">
${fields}
<div role="alert">
${problem('unsupported')}
${problem('known')}
${problem('stopped')}
</div>
<noscript>${notice('care', NO_SCRIPT)}</noscript>
<button type="submit">${label}</button>
</form>
<script src="/assets/passkey.js" defer></script>`;
}
