import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import type { ExampleCall } from './call-examples.ts';

/** The key for the forms below: it stays in this page and is sent with the calls alone. Shown by the script. */
export function keyForm(): Html {
  const label = { ja: 'APIキー(このページの外に保存されません)', en: 'API key (kept in this page only)' };
  return html`<form class="try-key" hidden>
<h2>${both({ ja: '試す', en: 'Try it' })}</h2>
<p>${both({
    ja: 'テスト環境です。各操作の下のフォームから実際に呼び出せます。',
    en: 'This is a test environment: the forms below really call it.',
  })}</p>
<p><label for="try-key">${both(label)}</label>
<input id="try-key" type="password" autocomplete="off" spellcheck="false"></p>
</form>`;
}

/** A form that makes the call; the script shows it and sends it. */
export function tryForm(
  id: string,
  path: string,
  { method, url, mediaType, body, idempotencyKey }: ExampleCall,
): Html {
  const own = new URL(url, 'http://localhost');
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return html`<form class="try" hidden data-method="${method}" data-path="${path}" data-type="${mediaType ?? ''}"
 data-key="${idempotencyKey === undefined ? '' : 'new'}">
<h3>${both({ ja: '試す', en: 'Try it' })}</h3>
${names.map((name) => input(`${id}-path-${name}`, name, `path:${name}`, ''))}
${input(`${id}-query`, 'query', 'query', own.search.slice(1))}
${
  body === undefined
    ? undefined
    : html`<p><label for="${id}-body">body</label>
<textarea id="${id}-body" name="body" rows="4" spellcheck="false">${body}</textarea></p>`
}
<p><button type="submit">${method} ${path}</button></p>
<pre role="status" tabindex="0" hidden></pre>
</form>`;
}

function input(id: string, label: string, name: string, value: string): Html {
  return html`<p><label for="${id}"><code>${label}</code></label>
<input id="${id}" name="${name}" value="${value}" autocomplete="off" spellcheck="false"></p>`;
}
