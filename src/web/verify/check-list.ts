import type { Check } from '../../core/report.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { checkName, resultName } from './check-names.ts';

/** The checks of a report in their order, each with its outcome and what it says. */
export function checkList(checks: readonly Check[], id?: string): Html {
  return html`<ol${id === undefined ? undefined : html` id="${id}"`} class="checks">${checks.map(checkLine)}</ol>`;
}

function checkLine({ name, result, code, detail }: Check): Html {
  const outcome = resultName(result);
  const coded = code === undefined ? undefined : html`<code>${code}</code>`;
  const said = detail === undefined ? undefined : html`<span class="extra">${detail}</span>`;
  return html`<li data-check="${name}" data-result="${result}">
<span class="mark" aria-hidden="true">${outcome.mark}</span>
<span>${both(checkName(name))}</span>
<span>${both(outcome)}${coded}${said}</span></li>`;
}
