import { sha256 } from '../../core/digest/sha256.ts';
import { toHex } from '../../core/encoding.ts';
import type { AttachedFile } from '../../core/forms/attached-files.ts';
import type { Form } from '../../core/forms/form.ts';
import { type FormView, viewOfForm } from '../../core/forms/form-view.ts';
import { type Application, withDocument } from '../../core/sign-transaction/application.ts';
import { type SignedView, type ViewLimits, viewOfPrepared } from '../../core/xmldsig/signed-view.ts';
import { isFormName } from '../../rp/prepare.ts';
import type { RelyingParty } from '../../rp/relying-party.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { revealed } from '../characters/revealed.ts';
import { type Html, html } from '../html.ts';
import { documentView } from './document-view.ts';
import { fileKind } from './file-kind.ts';
import { filesSection } from './files-section.ts';
import { layout } from './layout.ts';

/** Above this many octets the confirmation page only leads to the document's own page. */
const BESIDE_OCTETS = 128 * 1024;
const BESIDE: ViewLimits = { nodes: 400, text: 1000 };
const WHOLE: ViewLimits = { nodes: 5000, text: 20_000 };

/** What a person signs in a receiver's form. */
interface ShownForm {
  readonly view: FormView;
  readonly files: readonly AttachedFile[];
}

/** The form's view with its files, for who looks at the application; undefined for a profile. */
export async function shownForm(
  { applications, forms }: Pick<RelyingParty, 'applications' | 'forms'>,
  { id, tenant, profile, secrets }: Application,
  extent: 'beside' | 'whole',
): Promise<ShownForm | undefined> {
  if (secrets === undefined || !isFormName(profile)) return undefined;
  const view = viewOfForm(withDocument(secrets), forms, extent === 'whole' ? WHOLE : BESIDE);
  return { view, files: await applications.files(id, tenant) };
}

/** The document on the confirmation page: the tree itself, or for a large one the way to it. */
export function documentSection(application: Application, shown?: ShownForm): Html | undefined {
  const { id, profile } = application;
  if (application.secrets === undefined) return undefined;
  const secrets = withDocument(application.secrets);
  if (shown !== undefined) return formSection(id, secrets.document.length, shown);
  const { length } = secrets.document;
  if (profile === 'detached') return fileSection(application, secrets.document);
  return html`<h2 id="document">${both({ ja: '署名する文書', en: 'The document that you sign' })}</h2>
${length <= BESIDE_OCTETS ? documentView(viewOfPrepared(secrets, BESIDE)) : aside(length)}
${documentLinks(id)}`;
}

function formSection(id: string, length: number, { view, files }: ShownForm): Html {
  const { document, form } = view;
  const basis = BASES[form.basis];
  return html`<h2 id="document">${both({ ja: '署名する内容', en: 'What you sign' })}</h2>
<p id="form">${both({ ja: '署名の形式', en: 'Form' })}: ${form.title.ja}（${both(basis)}）</p>
${document === undefined ? undefined : inDocument(id, length, document)}
${filesSection(id, view, files)}`;
}

function inDocument(id: string, length: number, document: SignedView): Html {
  return html`${length <= BESIDE_OCTETS ? documentView(document) : aside(length)}
${documentLinks(id)}`;
}

function documentLinks(id: string): Html {
  return html`${link(`/applications/${id}/document`, { ja: '文書の全体を表示する', en: 'Show the whole document' })}
${link(`/applications/${id}/document/file`, { ja: '文書をファイルとして保存する', en: 'Save the document as a file' })}`;
}

const BASES: Readonly<Record<Form['basis'], Bilingual>> = {
  official: { ja: '公式の資料による', en: 'by official documents' },
  observed: { ja: '実際の文書による', en: 'as observed' },
  inferred: { ja: '推定による', en: 'inferred' },
};

/** The document alone, as far as a page can hold it. */
export function documentPage({ id, profile, secrets }: Application, shown?: ShownForm): string {
  const whole = shown?.view.document;
  const view =
    whole !== undefined
      ? documentView(whole)
      : secrets === undefined || profile === 'detached' || shown !== undefined
        ? html`<p id="gone">${both({ ja: '文書を表示できません。', en: 'The document cannot be shown.' })}</p>`
        : documentView(viewOfPrepared(withDocument(secrets), WHOLE));
  return layout(
    { ja: '署名する文書', en: 'The document that you sign' },
    html`${view}
${link(`/applications/${id}/document/file`, { ja: '文書をファイルとして保存する', en: 'Save the document as a file' })}
${link(`/applications/${id}/sign`, { ja: '署名の確認に戻る', en: 'Back to the confirmation' })}`,
    { step: 'confirm' },
  );
}

function aside(octets: number): Html {
  return html`<p id="large">${both({
    ja: '文書が大きい({octets}バイト)ため、別の画面に表示します。',
    en: 'The document is large ({octets} bytes) and is shown on a page of its own.',
    values: { octets },
  })}</p>`;
}

/** A file is signed as it is: what it is, which one exactly, and the way to open it before signing. */
function fileSection({ id, displayName }: Application, octets: Uint8Array): Html {
  const kind = fileKind(octets);
  return html`<h2 id="document">${both({ ja: '署名するファイル', en: 'The file that you sign' })}</h2>
<p id="file">${both({
    ja: '次のファイルをそのまま署名します。署名する前に、開いて内容を確かめてください。',
    en: 'This file is signed as it is. Open it and check what it says before you sign.',
  })}</p>
<dl>
<dt>${both({ ja: '名前', en: 'Name' })}</dt><dd id="file-name">${revealed(displayName)}</dd>
<dt>${both({ ja: '種類', en: 'Kind' })}</dt><dd id="file-kind" data-kind="${kind.extension}">${both(kind)}</dd>
<dt>${both({
    ja: '大きさ',
    en: 'Size',
  })}</dt><dd id="file-size">${both({
    ja: '{octets}バイト',
    en: '{octets} bytes',
    values: { octets: octets.length },
  })}</dd>
<dt>SHA-256</dt><dd><code id="file-sha256">${toHex(sha256(octets))}</code></dd>
</dl>
${link(`/applications/${id}/document/file`, { ja: 'ファイルを保存して開く', en: 'Save the file and open it' })}`;
}

function link(href: string, text: Bilingual): Html {
  return html`<p><a href="${href}">${both(text)}</a></p>`;
}
