import { defined } from '../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { requestChange } from '../../staff/approvals.ts';
import { may } from '../../staff/permissions.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { field, heading, listTable, notice, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ConsoleTenants, ShownTenant } from './console-ports.ts';
import { actionForm, consolePage } from './layout.ts';

export const TENANT_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/tenants', act: 'tenants.read', handle: show },
  { method: 'post', path: '/console/tenants/changes', act: 'approvals.change', handle: put },
  { method: 'post', path: '/console/tenants/:id/remove', act: 'approvals.change', handle: remove },
];

/** Field of the form, item of the contract, and what it is called. */
const CONTRACT = [
  ['basic', 'basic-attributes', '基本4情報'],
  ['subject', 'subject-id', '利用者番号'],
  ['kind', 'certificate-kind', '証明書の種類（カード・スマートフォン）'],
  ['end', 'validity-end', '有効期限の日（利用者番号が必要）'],
  ['revocation', 'revocation-detail', '失効の日時と理由（利用者番号が必要）'],
  ['notices', 'status-notices', '失効通知（利用者番号が必要）'],
] as const;

function box([name, item, ja]: (typeof CONTRACT)[number], fields: Readonly<Record<string, string>>): Html {
  const checked = fields[name] === '1' ? html` checked` : undefined;
  return html`<label><input type="checkbox" name="${name}" value="1"${checked}> ${ja} (${item})</label>`;
}

function portOf({ console }: ConsoleRequest): ConsoleTenants {
  if (console.tenants === undefined)
    throw new JitsuinError(
      'http.not-found',
      'This console has no tenants: they are of a platform operator only.',
    );
  return console.tenants;
}

async function show(asked: ConsoleRequest): Promise<void> {
  asked.response.type('html').send(tenantsPage(asked));
}

/** What somebody wrote, and which field of it cannot be taken. */
interface WrongForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly at: string;
}

function tenantsPage(asked: ConsoleRequest, wrong?: WrongForm): string {
  return consolePage(
    asked,
    { ja: '利用機関', en: 'Tenants' },
    html`${table(asked, portOf(asked).list())}
${may(asked.operator, 'approvals.change') ? putForm(asked, wrong) : undefined}`,
  );
}

function table(asked: ConsoleRequest, tenants: readonly ShownTenant[]): Html {
  const changes = may(asked.operator, 'approvals.change');
  return listTable({
    id: 'tenants',
    caption: { ja: '検証を依頼できる機関', en: 'Who may hand in signatures' },
    columns: [
      { ja: '番号', en: 'Id' },
      { ja: '名称', en: 'Name' },
      'client_id',
      { ja: 'サービス', en: 'Services' },
      { ja: '契約', en: 'Contract' },
      { ja: '公開鍵', en: 'Public keys' },
      changes ? { ja: '操作', en: 'Action' } : undefined,
    ],
    rows: tenants.map(({ id, name, clientId, services, contract, kids }) =>
      tableRow({ 'data-tenant': id }, [
        id,
        name,
        clientId,
        services.join(', '),
        contract.join(', '),
        html`<code class="hash">${kids.join(', ')}</code>`,
        changes ? removeForm(asked, id) : undefined,
      ]),
    ),
  });
}

function removeForm({ session }: ConsoleRequest, id: string): Html {
  const action = `/console/tenants/${encodeURIComponent(id)}/remove`;
  return actionForm(action, session.csrf, both({ ja: '取り除く', en: 'Remove' }), { small: true });
}

const FIELDS: Readonly<Record<string, Bilingual>> = {
  id: {
    ja: '番号は、英数字と - _ の64文字までで入力してください。',
    en: 'An id is up to 64 letters, digits, - and _.',
  },
  name: { ja: '名称を200文字までで入力してください。', en: 'A name has 1 to 200 characters.' },
  client_id: {
    ja: 'client_id は、空白のない半角255文字までで入力してください。',
    en: 'A client_id is up to 255 visible ASCII characters.',
  },
  services: {
    ja: 'サービスは、英数字と . _ - の名前を空白で区切って入力してください。',
    en: 'Services are names of letters, digits, . _ and -, separated by spaces.',
  },
  contract: {
    ja: 'その組合せの契約はできません。利用者番号から分かる項目には、利用者番号の契約が要ります。',
    en: 'These items do not go together: what amounts to a subject id needs subject-id.',
  },
  jwks: {
    ja:
      '公開鍵を読み取れません。jitsuin rp keygen が表示した公開鍵(JWK)か、その集まり(JWK Set)を、そのまま貼り付けて' +
      'ください。kid が必要です。秘密の値(d など)を含むものは受け付けません。',
    en:
      'Paste the public JWK that jitsuin rp keygen printed, or a JWK Set (RFC 7517 section 5): with a kid, and ' +
      'nothing private in it.',
  },
};

const KEYS = { ja: '公開鍵 (JWK または JWK Set)', en: 'Public keys only; a private one is refused' };

function putForm(asked: ConsoleRequest, wrong: WrongForm | undefined): Html {
  const { fields = {}, at } = wrong ?? {};
  const kept = (id: string, name: string) =>
    defined({
      id,
      name,
      required: true,
      value: fields[name],
      'aria-invalid': name === at ? 'true' : undefined,
      'aria-describedby': name === at ? 'wrong-field' : undefined,
    });
  const told = { id: 'wrong-field', role: 'alert', 'data-at': at };
  const invalid = at === 'jwks' ? html` aria-invalid="true" aria-describedby="wrong-field"` : undefined;
  const form = html`${at === undefined ? undefined : notice('bad', FIELDS[at] ?? WRONG_FORM, told)}
${field(
  { ja: '番号(同じ番号があれば変更)', en: 'Id; an existing one is changed' },
  Object.assign({ maxlength: 64 }, kept('tenant-id', 'id')),
)}
${field({ ja: '名称', en: 'Name' }, Object.assign({ maxlength: 200 }, kept('tenant-name', 'name')))}
${field(html`client_id`, Object.assign({ maxlength: 255 }, kept('client-id', 'client_id')))}
${field(
  { ja: 'サービス(空白区切り)', en: 'Services, separated by spaces' },
  Object.assign({ maxlength: 1000 }, kept('services', 'services')),
)}
<fieldset><legend>${both({ ja: '契約', en: 'Contract' })}</legend>
${CONTRACT.map((item) => box(item, fields))}</fieldset>
<label for="jwks">${both(KEYS)}</label>
<textarea id="jwks" name="jwks" required spellcheck="false"${invalid}>${fields['jwks'] ?? ''}</textarea>`;
  const label = both({ ja: '申請する', en: 'Ask for it; another administrator approves' });
  return html`${heading({ ja: '登録・変更', en: 'Add or change' })}
${actionForm('/console/tenants/changes', asked.session.csrf, label, { id: 'put-tenant', fields: form })}`;
}

const WRONG_FORM = { ja: '入力を確認してください。', en: 'Look at the form again.' };

/**
 * Judged by the very schema of the tenants file before it is asked for: what cannot be used is not put before a
 * second person. What was written stays in the form.
 */
async function put(asked: ConsoleRequest): Promise<void> {
  const { console, operator, form, response } = asked;
  try {
    const { id = '' } = form.fields;
    const payload = portOf(asked).check(recordOf(asked));
    await requestChange(console.ports, operator, { kind: 'tenant.put', subject: id, payload });
    response.redirect(303, '/console/approvals');
  } catch (thrown) {
    const { code, at = '' } = asJitsuinError(thrown);
    if (code !== 'http.body') throw thrown;
    const page = tenantsPage(asked, { fields: form.fields, at: at.split('.')[0] ?? '' });
    response.status(400).type('html').send(page);
  }
}

function recordOf(asked: ConsoleRequest): unknown {
  const { id = '', name = '', client_id = '', services = '', jwks = '' } = asked.form.fields;
  const contract = CONTRACT.filter(([name]) => asked.form.fields[name] === '1').map(([, item]) => item);
  return defined({
    id,
    name: name.trim(),
    client_id,
    jwks: keySetOf(jwks),
    services: services.trim().split(/\s+/),
    contract: contract.length === 0 ? undefined : contract,
  });
}

async function remove(asked: ConsoleRequest): Promise<void> {
  const { console, operator, request, response } = asked;
  const id = String(request.params['id'] ?? '');
  if (
    !portOf(asked)
      .list()
      .some((tenant) => tenant.id === id)
  )
    throw new JitsuinError('http.not-found', 'No tenant has this id: it may have been removed meanwhile.');
  await requestChange(console.ports, operator, { kind: 'tenant.remove', subject: id, payload: '{}' });
  response.redirect(303, '/console/approvals');
}

/** A JWK Set, or the one JWK that `jitsuin rp keygen` prints. */
function keySetOf(text: string): unknown {
  const given = jsonOf(text);
  const single = typeof given === 'object' && given !== null && 'kty' in given && !('keys' in given);
  return single ? { keys: [given] } : given;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JitsuinError(
      'http.body',
      'The public keys are not JSON: paste the JWK Set (RFC 7517 section 5) or the JWK that ' +
        '`jitsuin rp keygen` printed.',
      { at: 'jwks' },
    );
  }
}
