import { layout } from '../applicant/layout.ts';
import { html } from '../html.ts';

/** Where a person who tries this software out chooses what to sign. */
export function startPage(samples: readonly string[], csrf: string): string {
  return layout(
    { ja: '署名を試す', en: 'Try a signature' },
    html`<p class="notice care"><span class="mark">お試し用の画面です</span>
見本の申請を選ぶか、XML文書を選んで署名を始めます。本物の手続には使えません。
<span lang="en">For trying out only: choose a sample or a file of yours.</span></p>
<form method="post" action="/demo/applications" enctype="multipart/form-data">
<input type="hidden" name="csrf" value="${csrf}">
<label for="sample">見本<span lang="en">Sample</span></label>
<select id="sample" name="sample">
${samples.map((name) => html`<option value="${name}">${name}</option>`)}
</select>
<label for="file">または、XML文書<span lang="en">Or an XML document</span></label>
<input type="file" id="file" name="file" accept=".xml,application/xml,text/xml">
<button type="submit">署名に進む<span lang="en">Go on</span></button>
</form>`,
  );
}
