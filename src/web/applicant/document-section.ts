import { sha256 } from '../../core/digest/sha256.ts';
import { toHex } from '../../core/encoding.ts';
import type { Application } from '../../core/sign-transaction/application.ts';
import { type ViewLimits, viewOfPrepared } from '../../core/xmldsig/signed-view.ts';
import { both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { documentView } from './document-view.ts';
import { fileKind } from './file-kind.ts';
import { layout } from './layout.ts';

/** Above this many octets the confirmation page only leads to the document's own page. */
const BESIDE_OCTETS = 128 * 1024;
const BESIDE: ViewLimits = { nodes: 400, text: 1000 };
const WHOLE: ViewLimits = { nodes: 5000, text: 20_000 };

/** The document on the confirmation page: the tree itself, or for a large one the way to it. */
export function documentSection(application: Application): Html | undefined {
  const { id, profile, secrets } = application;
  if (secrets === undefined) return undefined;
  const { length } = secrets.document;
  const shown = profile !== 'detached' && length <= BESIDE_OCTETS;
  if (profile === 'detached') return fileSection(application, secrets.document);
  return html`<h2 id="document">署名する文書<span lang="en">The document that you sign</span></h2>
${shown ? documentView(viewOfPrepared(secrets, BESIDE)) : aside(length)}
${link(`/applications/${id}/document`, '文書の全体を表示する', 'Show the whole document')}
${link(`/applications/${id}/document/file`, '文書をファイルとして保存する', 'Save the document as a file')}`;
}

/** The document alone, as far as a page can hold it. */
export function documentPage({ id, profile, secrets }: Application): string {
  const view =
    secrets === undefined || profile === 'detached'
      ? html`<p id="gone">文書を表示できません。<span lang="en">The document cannot be shown.</span></p>`
      : documentView(viewOfPrepared(secrets, WHOLE));
  return layout(
    { ja: '署名する文書', en: 'The document that you sign' },
    html`${view}
${link(`/applications/${id}/document/file`, '文書をファイルとして保存する', 'Save the document as a file')}
${link(`/applications/${id}/sign`, '署名の確認に戻る', 'Back to the confirmation')}`,
    { step: 'confirm' },
  );
}

function aside(octets: number): Html {
  return html`<p id="large">文書が大きい(${octets}バイト)ため、別の画面に表示します。
<span lang="en">The document is large (${octets} octets) and is shown on a page of its own.</span></p>`;
}

/** A file is signed as it is: what it is, which one exactly, and the way to open it before signing. */
function fileSection({ id, displayName }: Application, octets: Uint8Array): Html {
  const kind = fileKind(octets);
  return html`<h2 id="document">署名するファイル<span lang="en">The file that you sign</span></h2>
<p id="file">次のファイルをそのまま署名します。署名する前に、開いて内容を確かめてください。
<span lang="en">This file is signed as it is. Open it and check what it says before you sign.</span></p>
<dl>
<dt>名前<span lang="en">Name</span></dt><dd id="file-name">${revealed(displayName)}</dd>
<dt>種類<span lang="en">Kind</span></dt><dd id="file-kind" data-kind="${kind.extension}">${both(kind)}</dd>
<dt>大きさ<span lang="en">Size</span></dt><dd id="file-size">${octets.length}バイト<span lang="en">octets</span></dd>
<dt>SHA-256</dt><dd><code id="file-sha256">${toHex(sha256(octets))}</code></dd>
</dl>
${link(`/applications/${id}/document/file`, 'ファイルを保存して開く', 'Save the file and open it')}`;
}

function link(href: string, ja: string, en: string): Html {
  return html`<p><a href="${href}">${ja}<span lang="en">${en}</span></a></p>`;
}
