import { defined } from '../../core/defined.ts';
import type { Application } from '../../core/sign-transaction/application.ts';
import { certificateEnded } from '../../core/sign-transaction/certificate-ended.ts';
import {
  applicationMessage,
  citizenMessage,
  STATE_MESSAGES,
} from '../../core/sign-transaction/citizen-messages.ts';
import { isFinal } from '../../core/sign-transaction/machine.ts';
import { needsOffice } from '../../core/sign-transaction/way-on.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { heading, link, notice } from '../parts.ts';
import { appName } from '../site/site.ts';
import { decisionSection } from './decision-section.ts';
import { layout, type Step } from './layout.ts';
import { troubleSection } from './needs-section.ts';
import { type NextSteps, nextSteps, nextStepsWithNewCertificate } from './next-steps.ts';

interface CompletionOptions {
  /** Token of the browser's session, for the form that begins again; absent: none is offered. */
  readonly again?: string;
}

const WAIT: Bilingual = {
  ja: 'この画面は自動的に更新されます。閉じても手続は進みます。',
  en: 'This page renews itself. The procedure goes on even if you close it.',
};
const unsignedText = (): Bilingual => ({
  ja: 'まだ署名されていません。{app}で署名を終えると、この画面が切り替わります。',
  en: 'Not signed yet. This page changes once you have signed in the {app}.',
  values: { app: appName() },
});

const STEP_OF: Readonly<Partial<Record<Application['state'], Step>>> = {
  received: 'confirm',
  opened: 'confirm',
  authorizing: 'sign',
  exchanging: 'verify',
  authorized: 'verify',
  fetched: 'verify',
  submitted: 'verify',
  decided: 'done',
};

/**
 * [20] After signing: where the application stands. `full` shows name and code; `state` only to a browser that is
 * logged out.
 */
export function completionPage(
  application: Application,
  detail: 'full' | 'state',
  options: CompletionOptions = {},
): string {
  const { state, verdict } = application;
  const step = STEP_OF[state];
  return layout(
    verdict === undefined ? STATE_MESSAGES[state] : verdictTitle(verdict.indication),
    html`${body(application, detail, options)}
${detail === 'full' ? details(application) : undefined}
${returnLink(application)}`,
    defined({
      step,
      follows: isFinal(state) ? undefined : ('progress' as const),
    }),
  );
}

function verdictTitle(indication: string): Bilingual {
  if (indication === 'TOTAL-PASSED') return { ja: '署名が完了しました', en: 'Your signature is complete' };
  return { ja: '署名を確認できませんでした', en: 'The signature could not be confirmed' };
}

function body(application: Application, detail: 'full' | 'state', options: CompletionOptions): Html {
  const { state, verdict } = application;
  if (!isFinal(state)) return progress(application);
  if (verdict === undefined) return ended(application, options);
  if (!certificateEnded(verdict)) return decisionSection(application, verdict, detail);
  return html`${decisionSection(application, verdict, detail)}
${waysOn(application, nextStepsWithNewCertificate(possible(options)), options)}`;
}

function possible({ again }: CompletionOptions): 'possible' | 'impossible' {
  return again === undefined ? 'impossible' : 'possible';
}

function progress({ id, state }: Application): Html {
  const unsigned = state === 'received' || state === 'opened' || state === 'authorizing';
  const said = both(unsigned ? unsignedText() : WAIT);
  const back = link(`/applications/${id}/sign`, { ja: '署名の画面に戻る', en: 'Back to the signing page' });
  return html`<div class="waiting" aria-hidden="true"></div>
<p id="state" role="status" data-state="${state}" data-events="/applications/${id}/events">${said}</p>
${unsigned ? html`<p>${back}</p>${troubleSection()}` : undefined}`;
}

function ended(application: Application, options: CompletionOptions): Html {
  const { id, state, failure } = application;
  const message = applicationMessage(application) ?? citizenMessage({ code: 'transaction.cancelled' });
  const next = state === 'cancelled' ? { steps: [] } : nextSteps(failure, possible(options));
  const data = { id: 'state', 'data-state': state, 'data-code': failure?.code, 'data-row': failure?.row };
  return html`${notice(state === 'failed' ? 'bad' : 'care', message, data)}
${waysOn(application, next, options)}
<p class="reference">${both({ ja: 'お問い合わせ番号', en: 'Reference' })}<code>${id}</code></p>`;
}

function waysOn(
  { id, failure, verdict }: Application,
  { steps, link: elsewhere }: NextSteps,
  { again }: CompletionOptions,
): Html {
  const office = needsOffice(failure) || certificateEnded(verdict);
  return html`${steps.length === 0 ? undefined : stepList(steps)}
${elsewhere === undefined ? undefined : html`<p>${link(elsewhere.href, elsewhere.text, { rel: 'noreferrer' })}</p>`}
${again === undefined ? undefined : againForm(id, again)}
${again === undefined || !office ? undefined : wayBackForm(id, again)}`;
}

function wayBackForm(id: string, csrf: string): Html {
  return html`<form method="post" action="/applications/${id}/way-back">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" class="secondary">${both({ ja: '戻るためのリンクを作る', en: 'Make a link back to this page' })}</button>
</form>`;
}

function stepList(steps: readonly Bilingual[]): Html {
  return html`${heading({ ja: '次にすること', en: 'What to do next' })}
<ol class="next">${steps.map((step) => html`<li>${both(step)}</li>`)}</ol>`;
}

function againForm(id: string, csrf: string): Html {
  return html`<form method="post" action="/applications/${id}/again">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit">${both({ ja: 'もう一度署名する', en: 'Sign again' })}</button>
</form>`;
}

function details(application: Application): Html {
  return html`<h2>${both({ ja: '対象の手続', en: 'The procedure' })}</h2><dl>
<dt>${both({ ja: '署名対象データ名', en: 'Name of what is signed' })}</dt>
<dd>${revealed(application.displayName)}</dd>
<dt>${both({ ja: '署名対象識別コード', en: 'Identification code' })}</dt>
<dd><code>${application.identificationCode}</code></dd>
</dl>`;
}

function returnLink({ returnTo }: Application): Html | undefined {
  return returnTo === undefined
    ? undefined
    : html`<p><a href="${returnTo}">${both({ ja: '手続の画面に戻る', en: 'Back to the service' })}</a></p>`;
}
