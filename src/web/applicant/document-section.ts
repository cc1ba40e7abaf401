import type { Application } from '../../core/sign-transaction/application.ts';
import { type ViewLimits, viewOfPrepared } from '../../core/xmldsig/signed-view.ts';
import { type Html, html } from '../html.ts';
import { documentView } from './document-view.ts';
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
  return html`<h2 id="document">署名する文書<span lang="en">The document that you sign</span></h2>
${shown ? documentView(viewOfPrepared(secrets.prepared, BESIDE)) : aside(profile === 'detached', length)}
${profile === 'detached' ? undefined : link(`/applications/${id}/document`, '文書の全体を表示する', 'Show the whole document')}
${link(`/applications/${id}/document/file`, '文書をファイルとして保存する', 'Save the document as a file')}`;
}

/** The document alone, as far as a page can hold it. */
export function documentPage({ id, profile, secrets }: Application): string {
  const view =
    secrets === undefined || profile === 'detached'
      ? html`<p id="gone">文書を表示できません。<span lang="en">The document cannot be shown.</span></p>`
      : documentView(viewOfPrepared(secrets.prepared, WHOLE));
  return layout(
    { ja: '署名する文書', en: 'The document that you sign' },
    html`${view}
${link(`/applications/${id}/document/file`, '文書をファイルとして保存する', 'Save the document as a file')}
${link(`/applications/${id}/sign`, '署名の確認に戻る', 'Back to the confirmation')}`,
    { step: 'confirm' },
  );
}

function aside(file: boolean, octets: number): Html {
  if (file)
    return html`<p id="file">電子ファイル(${octets}バイト)をそのまま署名します。<span lang="en">A file of ${octets} octets is signed as it is.</span></p>`;
  return html`<p id="large">文書が大きい(${octets}バイト)ため、別の画面に表示します。<span lang="en">The document is large (${octets} octets) and is shown on a page of its own.</span></p>`;
}

function link(href: string, ja: string, en: string): Html {
  return html`<p><a href="${href}">${ja}<span lang="en">${en}</span></a></p>`;
}
