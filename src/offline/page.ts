import { defined } from '../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { formCatalogue } from '../core/forms/catalogue.ts';
import { OUTCOMES, type Tone } from '../core/outcomes.ts';
import { isXmlSignatureProfileName } from '../core/xmldsig/profile-table.ts';
import { shippedPolicies } from '../verifier/policy/shipped.ts';
import { checkName, resultName } from '../web/verify/check-names.ts';
import { readGiven } from './given.ts';
import { type Asked, type Beside, type GivenFile, judge, type Told } from './judge.ts';

const given = readGiven(part('given').textContent ?? '{}');
const form = part('form');
/** A file that was dropped on the page, until another is chosen. */
let dropped: File | undefined;

for (const { name, title } of formCatalogue().values())
  if (!isXmlSignatureProfileName(name)) field('form-name').append(new Option(`${title.ja} (${name})`, name));
for (const { called } of shippedPolicies()) field('policy').append(new Option(called, called));
if (given.trust !== undefined)
  part('trust-said').replaceChildren(
    ...both(
      `このページを提供する者の証明書が入っています（${given.trust.length}件）。`,
      `The anchors of who offers this page are in it (${given.trust.length}).`,
    ),
  );
field('kind').addEventListener('change', showFields);
field('file').addEventListener('change', () => choose(undefined));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void judgeChosen();
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('over');
});
document.addEventListener('dragleave', () => document.body.classList.remove('over'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('over');
  choose(event.dataTransfer?.files[0]);
});
showFields();
showKept();

function choose(file: File | undefined): void {
  dropped = file;
  part('file-said').textContent = file?.name ?? '';
}

/** Only what has a meaning for what is judged. */
function showFields(): void {
  const kind = field('kind').value;
  for (const each of document.querySelectorAll<HTMLElement>('[data-for]'))
    each.hidden = !(each.dataset['for'] ?? '').split(' ').includes(kind);
}

/** The case that lies in the page is judged again, here. */
function showKept(): void {
  if (given.kept === undefined) return;
  const { asked, told } = given.kept;
  const again = attempt(() => judge(asked));
  const same = again?.text === told.text && again.status === told.status;
  const place = part('kept');
  place.hidden = false;
  place.dataset['same'] = String(same);
  place.append(
    ...(same
      ? both(
          `この中の「${asked.file.name}」を、ここでもう一度確認しました。同じ結果です。`,
          `"${asked.file.name}", which lies in this page, was judged again here, with the same result.`,
        )
      : both(
          `この中の「${asked.file.name}」をここで確認した結果は、書かれている結果と違います。`,
          `"${asked.file.name}", which lies in this page, is judged otherwise here than is written in it.`,
        )),
  );
  place.className = same ? 'note' : 'notice bad';
  if (again !== undefined) show(again);
}

async function judgeChosen(): Promise<void> {
  try {
    show(judge(await askedOf(field('kind').value as Asked['kind'])));
  } catch (thrown) {
    refuse(thrown);
  }
  part('told').focus();
}

async function askedOf(kind: Asked['kind']): Promise<Asked> {
  const chosen = dropped ?? one('file');
  if (chosen === undefined) throw wrongUse('A file is missing.', 'file');
  const file = await read(chosen);
  if (kind === 'receipt') return receiptAsked(file);
  const beside = await besides();
  if (kind === 'evidence') return { kind, file, believeInstant: ticked('believe'), beside };
  if (kind === 'form') {
    const files = await all('files');
    return { kind, file, form: field('form-name').value, files, beside };
  }
  const explain = ticked('explain');
  if (kind === 'file') {
    const [[result], [value], [certificate]] = await Promise.all([
      all('result'),
      all('value'),
      all('certificate'),
    ]);
    const mode = field('mode').value === 'digest' ? 'digest' : 'digest-info';
    return defined({ kind, file, result, value, certificate, mode, explain, beside } as const);
  }
  const profile = field('profile').value;
  if (!isXmlSignatureProfileName(profile)) throw wrongUse('There is no such form.', 'profile');
  const said = field('element').value.trim() || undefined;
  const named = profile === 'by-id' ? { id: said?.replace(/^#/, '') } : { element: said };
  return defined({ kind, file, profile, ...named, explain, beside } as const);
}

async function receiptAsked(file: GivenFile): Promise<Asked> {
  const [proof] = await all('proof');
  if (proof === undefined) throw wrongUse('The proof of the public log is missing.', 'proof');
  const witnesses = field('witnesses')
    .value.split(/\s+/)
    .filter((key) => key !== '');
  return { kind: 'receipt', file, proof, log: field('log').value.trim(), witnesses };
}

async function besides(): Promise<Beside> {
  const text = field('trust-text').value.trim();
  const pasted = text === '' ? [] : [{ name: 'trust', octets: new TextEncoder().encode(text) }];
  const trust = [...(await all('trust')), ...pasted];
  const anchors = trust.length > 0 ? trust : (given.trust ?? []);
  if (anchors.length === 0) throw wrongUse('A trust anchor is missing.', 'trust');
  const when = field('at').value.trim();
  const at = when === '' ? Date.now() : Date.parse(when);
  if (Number.isNaN(at)) throw wrongUse('The instant is none.', 'at');
  const [crls, ocsp, intermediates, timeStamps, tsaTrust] = await Promise.all(
    ['crls', 'ocsp', 'intermediates', 'stamps', 'tsa'].map(all),
  );
  const policy = field('policy').value || undefined;
  const noRevocation = ticked('no-revocation');
  return defined({
    trust: anchors,
    crls,
    ocsp,
    intermediates,
    timeStamps,
    tsaTrust,
    policy,
    noRevocation,
    at,
  });
}

type OwnOutcome = Exclude<Told['outcome'], keyof typeof OUTCOMES>;
const OWN: Readonly<Record<OwnOutcome, { readonly tone: Tone; readonly ja: string; readonly en: string }>> = {
  altered: {
    tone: 'bad',
    ja: '証跡かその証明が、書かれた後に変わっています。',
    en: 'The record, or its proof, is not what was written.',
  },
  'in-log': { tone: 'good', ja: '受領証は公開ログにあります。', en: 'The receipt is in the public log.' },
  'not-in-log': {
    tone: 'bad',
    ja: '受領証が公開ログにあることは示されていません。',
    en: 'The receipt is not shown to be in the public log.',
  },
};

function show(told: Told): void {
  const { outcome, checks, text, json } = told;
  const own = outcome === 'altered' || outcome === 'in-log' || outcome === 'not-in-log';
  const known = own ? undefined : OUTCOMES[outcome];
  const { tone, ja, en } = own ? OWN[outcome] : { tone: known?.tone, ...(known?.sentence ?? known?.label) };
  const notice = made('p', both(`${known?.icon ?? ''} ${ja}`, en ?? ''));
  notice.className = `notice ${tone === 'good' || tone === 'bad' ? tone : 'care'}`;
  notice.id = 'verdict';
  Object.assign(notice.dataset, { outcome, status: String(told.status) });
  const list = made(
    'ol',
    checks.map(({ name, result, code, detail }) => {
      const { mark, ...word } = resultName(result);
      const named = checkName(name);
      const line = made('li', [
        ...both(`${mark} ${named.ja}：${word.ja}`, `${named.en}: ${word.en}`),
        ...(code === undefined ? [] : [made('code', [code]), ' ']),
        ...(detail === undefined ? [] : [detail]),
      ]);
      line.dataset['result'] = result;
      return line;
    }),
  );
  const place = part('told');
  place.hidden = false;
  place.replaceChildren(
    made('h2', both('結果', 'Result')),
    notice,
    ...(checks.length === 0 ? [] : [list]),
    folded('jitsuin verify', text, 'text'),
    folded('jitsuin verify --json', json, 'json'),
  );
}

function folded(title: string, content: string, id: string): HTMLElement {
  const said = made('pre', [content]);
  said.id = id;
  said.tabIndex = 0;
  return made('details', [made('summary', [title]), said]);
}

function refuse(thrown: unknown): void {
  const { code, message, at } = asJitsuinError(thrown);
  const place = part('told');
  const notice = made('p', both('確認できません。入力を見直してください。', `${message} [${code}]`));
  notice.className = 'notice care';
  notice.id = 'refused';
  place.hidden = false;
  place.replaceChildren(notice);
  if (at !== undefined) document.getElementById(at)?.setAttribute('aria-invalid', 'true');
}

function attempt(judged: () => Told): Told | undefined {
  try {
    return judged();
  } catch (thrown) {
    refuse(thrown);
    return undefined;
  }
}

function wrongUse(message: string, at: string): JitsuinError {
  return new JitsuinError('usage.arguments', message, { at });
}

async function all(id: string): Promise<readonly GivenFile[]> {
  return Promise.all([...(file(id).files ?? [])].map(read));
}

function one(id: string): File | undefined {
  return file(id).files?.[0];
}

async function read(chosen: File): Promise<GivenFile> {
  return { name: chosen.name, octets: new Uint8Array(await chosen.arrayBuffer()) };
}

function ticked(id: string): boolean {
  return file(id).checked;
}

function both(ja: string, en: string): readonly (string | Node)[] {
  const english = made('span', [en]);
  english.lang = 'en';
  return [ja, english];
}

function made<Name extends keyof HTMLElementTagNameMap>(name: Name, content: readonly (string | Node)[]) {
  const element = document.createElement(name);
  element.append(...content);
  return element;
}

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no ${id}.`);
  return found;
}

function field(id: string): HTMLSelectElement {
  return part(id) as HTMLSelectElement;
}

function file(id: string): HTMLInputElement {
  return part(id) as HTMLInputElement;
}
