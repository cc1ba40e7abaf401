import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { requestChange } from '../../staff/approvals.ts';
import { may } from '../../staff/permissions.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { field, heading, listTable, tableRow } from '../parts.ts';
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

function box([name, item, ja]: (typeof CONTRACT)[number]): Html {
  return html`<label><input type="checkbox" name="${name}" value="1"> ${ja} (${item})</label>`;
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
  const tenants = portOf(asked).list();
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '利用機関', en: 'Tenants' },
      html`${table(asked, tenants)}
${may(asked.operator, 'approvals.change') ? putForm(asked) : undefined}`,
    ),
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

function putForm(asked: ConsoleRequest): Html {
  const keysLabel = both({ ja: '公開鍵 (JWK Set)', en: 'Public keys only; a private one is refused' });
  const fields = html`${field(
    { ja: '番号(同じ番号があれば変更)', en: 'Id; an existing one is changed' },
    { id: 'tenant-id', name: 'id', maxlength: 64, required: true },
  )}
${field({ ja: '名称', en: 'Name' }, { id: 'tenant-name', name: 'name', maxlength: 200, required: true })}
${field(html`client_id`, { id: 'client-id', name: 'client_id', maxlength: 255, required: true })}
${field(
  { ja: 'サービス(空白区切り)', en: 'Services, separated by spaces' },
  { id: 'services', maxlength: 1000, required: true },
)}
<fieldset><legend>${both({ ja: '契約', en: 'Contract' })}</legend>
${CONTRACT.map(box)}</fieldset>
<label for="jwks">${keysLabel}</label><textarea id="jwks" name="jwks" required spellcheck="false"></textarea>`;
  const label = both({ ja: '申請する', en: 'Ask for it; another administrator approves' });
  return html`${heading({ ja: '登録・変更', en: 'Add or change' })}
${actionForm('/console/tenants/changes', asked.session.csrf, label, { id: 'put-tenant', fields })}`;
}

/**
 * Judged by the very schema of the tenants file before it is asked for: what cannot be used is not put before a
 * second person.
 */
async function put(asked: ConsoleRequest): Promise<void> {
  const { console, operator, form, response } = asked;
  const { id = '', name = '', client_id = '', services = '', jwks = '' } = form.fields;
  const contract = CONTRACT.filter(([box]) => form.fields[box] === '1').map(([, item]) => item);
  const record = defined({
    id,
    name: name.trim(),
    client_id,
    jwks: jsonOf(jwks),
    services: services.trim().split(/\s+/),
    contract: contract.length === 0 ? undefined : contract,
  });
  const payload = portOf(asked).check(record);
  await requestChange(console.ports, operator, { kind: 'tenant.put', subject: id, payload });
  response.redirect(303, '/console/approvals');
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
