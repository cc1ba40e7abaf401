import type {
  Coverage,
  SignedView,
  ViewedElement,
  ViewedNode,
  ViewedText,
} from '../../core/xmldsig/signed-view.ts';
import { type Bilingual, both, plain } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { reader } from '../language/reader.ts';
import { spoken } from '../language/words.ts';

const MARKS: Readonly<Record<Coverage, Bilingual>> = {
  signed: { ja: 'ここから署名の対象', en: 'signed from here on' },
  'not-signed': { ja: '署名の対象外', en: 'not signed' },
  signature: { ja: '署名欄(署名するとここに署名が入ります)', en: 'place of the signature' },
};

const DOCUMENT: Bilingual = { ja: '署名する文書', en: 'The document that you sign' };
const PARTLY: Bilingual = {
  ja: '署名の対象にならない部分があります',
  en: 'Some parts are not covered by the signature',
};
const NAMESPACE: Bilingual = { ja: '名前空間', en: 'Namespace' };
const NONE: Bilingual = { ja: 'なし', en: 'none' };
const EMPTY: Bilingual = { ja: '(空)', en: '(empty)' };
const COMMENT: Bilingual = { ja: '注釈', en: 'Comment' };
const INSTRUCTION: Bilingual = { ja: '処理命令', en: 'Processing instruction' };
const BLANK: Bilingual = { ja: '(空白だけ)', en: '(only spaces)' };
const REST: Bilingual = { ja: '…(ほか{cut}文字)', en: '… ({cut} more characters)' };

/** A short word of the tree: in Japanese alone unless the reader chose another language. */
function word(text: Bilingual): string {
  return spoken(text, reader()?.language ?? 'ja').text;
}

/** The application as a tree of names and values: everything escaped, what is not signed marked in words. */
export function documentView({ nodes, cut, size }: SignedView): Html {
  const partly = nodes.some(hasUnsigned);
  return html`<div class="document" role="region" aria-label="${plain(DOCUMENT)}" tabindex="0">
<ul class="tree">${nodes.map((node) => nodeItem(node, 'signed'))}</ul>
</div>
${partly ? unsignedNote() : undefined}
${cut ? cutNote(size) : undefined}`;
}

function hasUnsigned(node: ViewedNode): boolean {
  return node.coverage === 'not-signed' || (node.kind === 'element' && node.children.some(hasUnsigned));
}

function unsignedNote(): Html {
  return html`<p class="notice care" id="unsigned-note"><span class="mark">${both(PARTLY)}</span>
${both({
  ja: '「署名の対象外」と書かれた部分は、署名しても守られません。',
  en: 'Parts marked “not signed” are not protected by your signature.',
})}</p>`;
}

function cutNote(size: number): Html {
  return html`<p class="notice care" id="cut-note"><span class="mark">${both({
    ja: '大きな文書のため、途中までを表示しています',
    en: 'The document is large and is shown in part',
  })}</span>
${both({
  ja: '署名の対象は、表示していない部分も含む文書全体({size}バイト)です。',
  en: 'You sign all of it ({size} bytes), also the parts that are not shown.',
  values: { size },
})}</p>`;
}

function nodeItem(node: ViewedNode, outer: Coverage): Html {
  return node.kind === 'element' ? elementItem(node, outer) : html`<li>${textNode(node, outer)}</li>`;
}

function elementItem(element: ViewedElement, outer: Coverage): Html {
  const { name, namespace, declarations, attributes, children, coverage } = element;
  const [only] = children;
  const leaf = children.length === 1 && only !== undefined && only.kind === 'text' ? only : undefined;
  const content =
    leaf === undefined
      ? children.length === 0
        ? undefined
        : html`<ul>${children.map((child) => nodeItem(child, coverage))}</ul>`
      : textNode(leaf, coverage);
  return html`<li class="${coverage}"><span class="name">${revealed(name)}</span>${mark(coverage, outer)}
${namespace === undefined ? undefined : extra(namespaceName(namespace))}
${declarations.map((declared) => extra(html`${declared.name} = ${declaredName(declared.value)}`))}
${attributes.map((attribute) => extra(html`${revealed(attribute.name)}: ${revealed(attribute.value)}`))}
${content}</li>`;
}

function namespaceName(namespace: string): Html {
  return html`${word(NAMESPACE)} ${namespace === '' ? word(NONE) : revealed(namespace)}`;
}

/** `xmlns=""` takes the default namespace away. */
function declaredName(value: string): Html {
  return value === '' ? html`<em>${word(EMPTY)}</em>` : revealed(value);
}

function extra(content: Html): Html {
  return html`<span class="extra">${content}</span>`;
}

function textNode(node: ViewedText, outer: Coverage): Html {
  const { kind, text, cut, coverage, target } = node;
  const said = kind === 'comment' ? `${word(COMMENT)}: ` : `${word(INSTRUCTION)} ${target ?? ''}: `;
  const label = kind === 'text' ? '' : said;
  const blank = kind === 'text' && /^[ \t\r\n]*$/.test(text);
  const shown = blank ? html`<em>${word(BLANK)}</em>` : revealed(text);
  const rest = cut === 0 ? undefined : html`<em>${word({ ja: REST.ja, en: REST.en, values: { cut } })}</em>`;
  return html`<span class="value ${coverage}">${label}${shown}${rest}</span>${mark(coverage, outer)}`;
}

/** Said once, where the covering changes: into what is not signed, and back. */
function mark(coverage: Coverage, outer: Coverage): Html | undefined {
  if (coverage === outer) return undefined;
  return html`<span class="coverage ${coverage}">${both(MARKS[coverage])}</span>`;
}
