import type { Bilingual } from '../bilingual.ts';
import { both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import type { ShownUnsignedPart } from './judgement.ts';

const KINDS: Readonly<Record<ShownUnsignedPart['kind'], Bilingual>> = {
  element: { ja: '要素', en: 'element' },
  text: { ja: '文字', en: 'text' },
  comment: { ja: '注釈', en: 'comment' },
  'processing-instruction': { ja: '処理命令', en: 'processing instruction' },
  attribute: { ja: '属性', en: 'attribute' },
};
const SHOWN = 50;

/** Where the document holds something that nobody signed: by kind, name and place, never its content. */
export function unsignedSection(parts: readonly ShownUnsignedPart[]): Html {
  const more = parts.length - SHOWN;
  return html`<section class="notice care" id="unsigned" aria-labelledby="unsigned-heading">
<h2 id="unsigned-heading">署名の対象外の部分があります<span lang="en">Parts that nobody signed</span></h2>
<p>次の部分は、署名しても守られません。だれでも書き換えられます。
<span lang="en">These parts are not protected: anyone may have changed them.</span></p>
<ul>${parts.slice(0, SHOWN).map(item)}</ul>
${more <= 0 ? undefined : html`<p id="unsigned-more">ほか${more}か所<span lang="en">and ${more} more</span></p>`}
</section>`;
}

function item({ kind, name, offset }: ShownUnsignedPart): Html {
  const named = name === undefined ? undefined : html` <code>${revealed(name)}</code>`;
  return html`<li data-kind="${kind}">${both(KINDS[kind])}${named}
(先頭から${offset}バイト<span lang="en">at octet ${offset}</span>)</li>`;
}
