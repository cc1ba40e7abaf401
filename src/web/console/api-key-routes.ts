import { API_SCOPES, type ApiScope } from '../../contracts/operations/operation.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { may } from '../../staff/permissions.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { field, heading, listTable, notice, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ConsoleApiKeys, ShownApiKey } from './console-ports.ts';
import { actionForm, consolePage } from './layout.ts';

export const API_KEY_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/api-keys', act: 'api-keys.read', handle: show },
  { method: 'post', path: '/console/api-keys', act: 'api-keys.change', handle: make },
  { method: 'post', path: '/console/api-keys/:id/revoke', act: 'api-keys.change', handle: revoke },
];

const SHA256 = /^[0-9a-f]{64}$/;
const TENANT = /^[0-9A-Za-z_-]{1,64}$/;
/** Enough hexadecimal digits to name a key among those of one file; `jitsuin keys api list` shows as many. */
const SHOWN = 12;

const SCOPES: Readonly<Record<ApiScope, Bilingual>> = {
  read: { ja: '申請を見る', en: 'read applications' },
  write: { ja: '申請を出す・取り消す', en: 'hand in and cancel' },
  webhooks: { ja: '通知先を変える', en: 'change webhooks' },
  evidence: { ja: '署名済み文書と証跡を取り出す', en: 'take signed documents and evidence' },
};

function portOf({ console }: ConsoleRequest): ConsoleApiKeys {
  if (console.apiKeys === undefined)
    throw new JitsuinError('http.not-found', 'This console has no API keys: callers of this role sign.');
  return console.apiKeys;
}

async function show(asked: ConsoleRequest): Promise<void> {
  asked.response.type('html').send(keysPage(asked));
}

/** What was just made, or what was wrong with the form. */
interface Answer {
  readonly made?: ShownApiKey & { readonly key: string };
  readonly wrong?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

function keysPage(asked: ConsoleRequest, { made, wrong, fields = {} }: Answer = {}): string {
  return consolePage(
    asked,
    { ja: 'APIキー', en: 'API keys' },
    html`${made === undefined ? undefined : madeNotice(made)}
${table(asked, portOf(asked).list())}
${may(asked.operator, 'api-keys.change') ? makeForm(asked, fields, wrong) : undefined}`,
  );
}

function madeNotice({ tenant, key }: ShownApiKey & { readonly key: string }): Html {
  const said = {
    ja: `${tenant} のAPIキーを発行しました。表示するのはこの一度だけです。安全な方法で渡してください。`,
    en: `The new API key of ${tenant}, shown only now. Hand it over on a way that you trust.`,
  };
  return html`${notice('good', said, { id: 'made', role: 'status' })}
<p><code id="api-key">${key}</code></p>`;
}

function table(asked: ConsoleRequest, keys: readonly ShownApiKey[]): Html {
  const changes = may(asked.operator, 'api-keys.change');
  return listTable({
    id: 'api-keys',
    caption: {
      ja: '控えているのはハッシュだけで、鍵そのものは見られません',
      en: 'Only hashes are kept; no key can be read',
    },
    columns: [
      { ja: '目印', en: 'Mark' },
      { ja: '利用機関', en: 'Tenant' },
      { ja: 'できること', en: 'Scopes' },
      changes ? { ja: '操作', en: 'Action' } : undefined,
    ],
    rows: keys.map((key) =>
      tableRow({ 'data-key': key.sha256 }, [
        html`<code>${key.sha256.slice(0, SHOWN)}</code>`,
        key.tenant,
        scopesOf(key),
        changes ? { look: 'actions', content: revokeForm(asked, key) } : undefined,
      ]),
    ),
  });
}

function scopesOf({ scopes }: ShownApiKey): Html {
  if (scopes === undefined) return both({ ja: 'すべて', en: 'everything' });
  return html`<ul>${scopes.map((scope) => html`<li>${both(SCOPES[scope])}</li>`)}</ul>`;
}

function revokeForm({ session }: ConsoleRequest, { sha256 }: ShownApiKey): Html {
  const label = html`${both({ ja: '失効させる', en: 'Revoke' })}<span class="unseen"> ${sha256.slice(0, SHOWN)}</span>`;
  return actionForm(`/console/api-keys/${sha256}/revoke`, session.csrf, label, { small: true });
}

function makeForm(
  asked: ConsoleRequest,
  fields: Readonly<Record<string, string>>,
  wrong: string | undefined,
): Html {
  const title = { ja: 'APIキーの発行', en: 'Make an API key' };
  const first = portOf(asked).list()[0]?.tenant ?? '';
  const at = wrong === 'tenant' ? { 'aria-invalid': 'true', 'aria-describedby': 'wrong-field' } : {};
  const told = { id: 'wrong-field', role: 'alert', 'data-at': wrong };
  const shown = html`${wrong === undefined ? undefined : notice('bad', WRONG[wrong] ?? WRONG_FORM, told)}
${field(
  { ja: '利用機関(英数字)', en: 'Tenant, letters and digits' },
  { id: 'tenant', maxlength: 64, required: true, value: fields['tenant'] ?? first, ...at },
)}
<fieldset><legend>${both({ ja: 'できること', en: 'What it may do' })}</legend>
${API_SCOPES.map((scope) => scopeBox(scope, fields))}</fieldset>`;
  const label = both({ ja: '発行する', en: 'Make' });
  return html`${heading(title)}
<p>${both({
    ja: '動いているシステムには、次の要求から効きます。最後の一つは失効させられません。',
    en: 'Running processes take a change up with their next request. The last key stays.',
  })}</p>
${actionForm('/console/api-keys', asked.session.csrf, label, { id: 'make-api-key', fields: shown })}`;
}

function scopeBox(scope: ApiScope, fields: Readonly<Record<string, string>>): Html {
  const checked = Object.keys(fields).length === 0 || fields[`scope-${scope}`] === '1';
  return html`<label><input type="checkbox" name="scope-${scope}" value="1"${
    checked ? html` checked` : undefined
  }> ${both(SCOPES[scope])} <code>${scope}</code></label>`;
}

const WRONG: Readonly<Record<string, Bilingual>> = {
  tenant: {
    ja: '利用機関は、英数字と - _ の64文字までで入力してください。',
    en: 'A tenant is up to 64 letters, digits, - and _.',
  },
  scopes: { ja: 'できることを、一つ以上選んでください。', en: 'Choose at least one thing that it may do.' },
};
const WRONG_FORM = { ja: '入力を確認してください。', en: 'Look at the form again.' };

/** The key is in this answer and nowhere else: no address, no store, no log has it. */
async function make(asked: ConsoleRequest): Promise<void> {
  const { console, operator, form, response } = asked;
  const tenant = form.fields['tenant']?.trim() ?? '';
  const scopes = API_SCOPES.filter((scope) => form.fields[`scope-${scope}`] === '1');
  const wrong = !TENANT.test(tenant) ? 'tenant' : scopes.length === 0 ? 'scopes' : undefined;
  if (wrong !== undefined) {
    response
      .status(400)
      .type('html')
      .send(keysPage(asked, { wrong, fields: form.fields }));
    return;
  }
  const made = await portOf(asked).make(tenant, scopes.length === API_SCOPES.length ? undefined : scopes);
  await console.ports.audit.append({
    event: 'api-key.made',
    subject: made.sha256.slice(0, SHOWN),
    tenant,
    at: console.ports.clock.now(),
    facts: { operator: operator.id, scopes: scopes.join(' ') },
  });
  response.type('html').send(keysPage(asked, { made }));
}

async function revoke(asked: ConsoleRequest): Promise<void> {
  const { console, operator, request, response } = asked;
  const sha256 = String(request.params['id'] ?? '');
  if (!SHA256.test(sha256)) throw new JitsuinError('http.not-found', 'No API key has this mark.');
  const { tenant } = await portOf(asked)
    .revoke(sha256)
    .catch((thrown: unknown) => {
      const error = asJitsuinError(thrown);
      throw error.code === 'record.not-found' ? new JitsuinError('http.not-found', error.message) : error;
    });
  await console.ports.audit.append({
    event: 'api-key.revoked',
    subject: sha256.slice(0, SHOWN),
    tenant,
    at: console.ports.clock.now(),
    facts: { operator: operator.id },
  });
  response.redirect(303, '/console/api-keys');
}
