import type { ErrorCode } from '../../core/errors.ts';
import { citizenMessage } from '../../core/sign-transaction/citizen-messages.ts';
import type { Failure } from '../../core/sign-transaction/events.ts';
import { both } from '../bilingual.ts';
import { html } from '../html.ts';
import { notice } from '../parts.ts';
import { layout } from './layout.ts';

/**
 * A refusal as the citizen reads it, with the code and the id to tell the help desk. Nothing of the request is
 * repeated.
 * @param back path of ours where the citizen can try again
 */
export function errorPage(failure: ErrorCode | Failure, correlationId: string, back?: string): string {
  const known: Failure = typeof failure === 'string' ? { code: failure } : failure;
  const data = { id: 'error', role: 'alert', 'data-code': known.code, 'data-row': known.row };
  return layout(
    { ja: '手続を続けられません', en: 'The procedure cannot go on' },
    html`${notice('care', citizenMessage(known), data)}
${
  back === undefined
    ? undefined
    : html`<p><a class="button" href="${back}">${both({ ja: '署名の画面を開き直す', en: 'Open the signing page again' })}</a></p>`
}
<p class="reference">${both({ ja: 'お問い合わせ番号', en: 'Reference' })}<code>${known.code} ${correlationId}</code></p>`,
  );
}
