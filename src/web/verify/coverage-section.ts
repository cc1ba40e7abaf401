import { formCatalogue } from '../../core/forms/catalogue.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import type { ShownCoveredPart, ShownJudgement } from './judgement.ts';

const KINDS: Readonly<Record<ShownCoveredPart['kind'], Bilingual>> = {
  document: { ja: '文書', en: 'document' },
  element: { ja: '要素', en: 'element' },
  file: { ja: 'ファイル', en: 'file' },
};

/** What the References of a receiver's form cover, and which files they do not. */
export function coverageSection({
  form,
  covered = [],
  uncoveredFiles = [],
  namedFiles = [],
}: ShownJudgement): Html {
  if (form === undefined) return html``;
  const title = formCatalogue().get(form.name)?.title;
  return html`<section id="coverage" data-form="${form.name}">
<h2>署名されているもの<span lang="en">What is signed</span></h2>
<p>形式：${title?.ja ?? form.name}
<span lang="en">Form ${form.name}, version ${form.version} (${form.basis})</span></p>
<ul>${covered.map(
    ({ kind, name, title: called, sha256, length }) =>
      html`<li data-kind="${kind}">${both(KINDS[kind])} <code>${revealed(name)}</code>${titled(called)}
${length}バイト <code>${sha256}</code></li>`,
  )}</ul>
${notCovered('uncovered-files', uncoveredFiles, {
  ja: '署名の対象外のファイル：内容は守られません。',
  en: 'Files that no signature covers.',
})}
${notCovered('named-files', namedFiles, {
  ja: '名前だけが署名されているファイル：内容は守られません。',
  en: 'Files that are only named: their content is not covered.',
})}
</section>`;
}

function titled(title: string | undefined): string {
  return title === undefined ? '' : `（${title}）`;
}

function notCovered(id: string, names: readonly string[], said: Bilingual): Html | undefined {
  if (names.length === 0) return undefined;
  return html`<div class="notice care" id="${id}"><p>${both(said)}</p>
<ul>${names.map((name) => html`<li><code>${revealed(name)}</code></li>`)}</ul></div>`;
}

/** A form that was chosen wrongly is not an invalid signature: what the document is written in is told. */
export function writtenAsSection({ writtenAs }: ShownJudgement): Html | undefined {
  if (writtenAs === undefined) return undefined;
  const names = writtenAs.map((name) => `${formCatalogue().get(name)?.title.ja ?? name} (${name})`);
  const said =
    names.length === 0
      ? {
          ja: 'この文書は、ここにあるどの署名の形式でも書かれていません。誤りと証明されたわけではありません。',
          en: 'The document is written in none of the forms offered here. It is not proved to be wrong.',
        }
      : {
          ja:
            '選んだ署名の形式と違います。この文書は次の形式で書かれています：' +
            `${names.join('、')}。` +
            'それを選んで、もう一度確かめてください。',
          en:
            `Another form was chosen. The document is written as ${writtenAs.join(', ')}: ` +
            'choose that and check again.',
        };
  return html`<p id="written-as" data-forms="${writtenAs.join(' ')}">${both(said)}</p>`;
}
