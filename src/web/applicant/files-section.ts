import { toHex } from '../../core/encoding.ts';
import type { AttachedFile } from '../../core/forms/attached-files.ts';
import type { FileCoverage, FormView } from '../../core/forms/form-view.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { fileKind } from './file-kind.ts';

const COVERED: Readonly<Record<FileCoverage, Bilingual>> = {
  octets: { ja: '署名の対象（内容のすべて）', en: 'signed, with all that is in it' },
  name: { ja: '名前だけが署名の対象（内容は対象外）', en: 'only its name is signed, not what is in it' },
  nothing: { ja: '署名の対象外', en: 'not signed' },
};

/** Every file beside the document: what it is, which one exactly, whether it is covered, and the way to open it. */
export function filesSection(
  id: string,
  { files, signers }: FormView,
  octets: readonly AttachedFile[],
): Html | undefined {
  const before = signers === 0 ? undefined : signersNote(signers);
  if (files.length === 0) return before;
  const partly = files.some(({ coverage }) => coverage !== 'octets');
  return html`${before}<h2 id="files">${both({ ja: '添えられたファイル', en: 'Files beside it' })}</h2>
<p>${both(OPEN_THEM)}</p>
<ol class="files">${files.map((file, index) => {
    const content = octets[index]?.octets ?? new Uint8Array();
    const kind = fileKind(content);
    return html`<li data-coverage="${file.coverage}"><dl>
<dt>${both({ ja: '名前', en: 'Name' })}</dt><dd>${revealed(file.name)}</dd>
<dt>${both({ ja: '署名', en: 'Signature' })}</dt><dd>${both(COVERED[file.coverage])}</dd>
<dt>${both({ ja: '種類', en: 'Kind' })}</dt><dd data-kind="${kind.extension}">${both(kind)}</dd>
<dt>${both({ ja: '大きさ', en: 'Size' })}</dt><dd>${both(sizeOf(file.length))}</dd>
<dt>SHA-256</dt><dd><code>${toHex(file.sha256)}</code></dd>
</dl>
${open(id, index + 1)}</li>`;
  })}</ol>
${partly ? partlyNote() : undefined}`;
}

const OPEN_THEM: Bilingual = {
  ja: '署名する前に、ファイルを開いて内容を確かめてください。',
  en: 'Open the files and check what they say before you sign.',
};

function sizeOf(octets: number): Bilingual {
  return { ja: '{octets}バイト', en: '{octets} octets', values: { octets } };
}

function open(id: string, number: number): Html {
  const says = {
    ja: 'ファイル{number}を保存して開く',
    en: 'Save file {number} and open it',
    values: { number },
  };
  return html`<p><a href="/applications/${id}/files/${number}">${both(says)}</a></p>`;
}

function partlyNote(): Html {
  const mark = { ja: '内容が署名の対象にならないファイルがあります', en: 'Some files are not signed' };
  const says = {
    ja: 'そのファイルの内容は、署名しても守られません。',
    en: 'What is in these files is not protected by your signature.',
  };
  return html`<p class="notice care" id="files-note"><span class="mark">${both(mark)}</span> ${both(says)}</p>`;
}

function signersNote(signers: number): Html {
  const mark = {
    ja: 'すでに{signers}人が署名しています',
    en: '{signers} signed before you',
    values: { signers },
  };
  const says = {
    ja: '同じ内容に、続けて署名します。前の署名は変わりません。',
    en: 'You sign the same; their signatures stay as they are.',
  };
  return html`<p class="notice" id="signers"><span class="mark">${both(mark)}</span> ${both(says)}</p>`;
}
