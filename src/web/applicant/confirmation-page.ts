import type { Application } from '../../core/sign-transaction/application.ts';
import type { BrowserSession } from '../../ports/session-store.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { appName } from '../site/site.ts';
import { layout } from './layout.ts';
import { needsSection } from './needs-section.ts';

interface ConfirmationParts {
  readonly document: Html | undefined;
  /** Who is logged in here: nobody else may sign. */
  readonly login: BrowserSession | undefined;
}

/** Before signing: what is signed, and the code to compare in the app. The buttons post with the session's token. */
export function confirmationPage(
  application: Application,
  csrf: string,
  { document, login }: ConfirmationParts,
): string {
  const { id, displayName, identificationCode } = application;
  return layout(
    { ja: '署名の確認', en: 'Confirm before you sign' },
    html`<dl>
<dt>${both({ ja: '署名対象データ名', en: 'What you sign' })}</dt>
<dd id="display-name">${revealed(displayName)}</dd>
<dt>${both({ ja: '署名対象識別コード', en: 'Identification code' })}</dt>
<dd id="identification-code" class="code"><code>${identificationCode}</code></dd>
</dl>
<p class="notice" id="compare"><span class="mark">${both(COMPARE)}</span>
${both({ ja: SAME.ja, en: SAME.en, values: { app: appName() } })}</p>
${login === undefined ? undefined : signerNotice(login)}
${document}
${needsSection()}
<form method="post" action="/applications/${id}/sign">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit">${both({ ja: 'マイナンバーカードで署名する', en: 'Sign with the My Number Card' })}</button>
</form>
<form method="post" action="/applications/${id}/cancel">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" class="secondary">${both({ ja: '署名をやめる', en: 'Cancel' })}</button>
</form>`,
    { step: 'confirm' },
  );
}

const COMPARE: Bilingual = {
  ja: 'アプリに表示されるコードと見比べてください',
  en: 'Compare it with the code that the app shows',
};
const SAME: Bilingual = {
  ja: '{app}に表示される署名対象データ名と署名対象識別コードが、この画面と同じであることを確かめてから署名してください。違うときは署名しないでください。',
  en:
    'Sign only when the {app} shows the same name and the same code as this page. Do not sign when they are ' +
    'different.',
};

function signerNotice({ login }: BrowserSession): Html {
  const name = login?.attributes?.name;
  const who = { ja: '{name} さんとしてログインしています', en: 'You are logged in as {name}' };
  return html`<p class="notice" id="signer">${
    name === undefined
      ? undefined
      : html`<span class="mark">${both({ ja: who.ja, en: who.en, values: { name } })}</span>`
  }
${both({
  ja: 'ログインしているご本人のマイナンバーカードで署名してください。ほかの方のカードでは署名できません。',
  en: "Sign with the My Number Card of the person who is logged in. Nobody else's card is accepted.",
})}</p>`;
}
