import type { Application } from '../../core/sign-transaction/application.ts';
import type { BrowserSession } from '../../ports/session-store.ts';
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
<dt>署名対象データ名<span lang="en">What you sign</span></dt>
<dd id="display-name">${revealed(displayName)}</dd>
<dt>署名対象識別コード<span lang="en">Identification code</span></dt>
<dd id="identification-code" class="code"><code>${identificationCode}</code></dd>
</dl>
<p class="notice" id="compare"><span class="mark">アプリに表示されるコードと見比べてください</span>
${appName().ja}に表示される署名対象データ名と署名対象識別コードが、この画面と同じであることを確かめてから署名してください。違うときは署名しないでください。
<span lang="en">Sign only when the app shows the same name and the same code as this page.</span></p>
${login === undefined ? undefined : signerNotice(login)}
${document}
${needsSection()}
<form method="post" action="/applications/${id}/sign">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit">マイナンバーカードで署名する<span lang="en">Sign with the My Number Card</span></button>
</form>
<form method="post" action="/applications/${id}/cancel">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" class="secondary">署名をやめる<span lang="en">Cancel</span></button>
</form>`,
    { step: 'confirm' },
  );
}

function signerNotice({ login }: BrowserSession): Html {
  const name = login?.attributes?.name;
  const who =
    name === undefined ? undefined : html`<span class="mark">${name} さんとしてログインしています</span>`;
  return html`<p class="notice" id="signer">${who}
ログインしているご本人のマイナンバーカードで署名してください。ほかの方のカードでは署名できません。
<span lang="en">Sign with the card of the person who is logged in; nobody else's is accepted.</span></p>`;
}
