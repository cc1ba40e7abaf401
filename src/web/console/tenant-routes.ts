import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { requestChange } from '../../operators/approvals.ts';
import { may } from '../../operators/permissions.ts';
import { type Html, html } from '../html.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ShownTenant, TenantsDesk } from './desks.ts';
import { actionForm, consolePage } from './layout.ts';

export const TENANT_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/tenants', act: 'tenants.read', handle: show },
  { method: 'post', path: '/console/tenants/changes', act: 'approvals.change', handle: put },
  { method: 'post', path: '/console/tenants/:id/remove', act: 'approvals.change', handle: remove },
];

function deskOf({ console }: ConsoleRequest): TenantsDesk {
  if (console.tenants === undefined)
    throw new JitsuinError(
      'http.not-found',
      'This console has no tenants: they are of a platform operator only.',
    );
  return console.tenants;
}

async function show(asked: ConsoleRequest): Promise<void> {
  const tenants = deskOf(asked).list();
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
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="tenants-caption"><table id="tenants" class="list">
<caption id="tenants-caption">検証を依頼できる機関<span lang="en">Who may hand in signatures</span></caption>
<thead><tr><th scope="col">番号<span lang="en">Id</span></th><th scope="col">名称<span lang="en">Name</span></th><th scope="col">client_id</th><th scope="col">サービス<span lang="en">Services</span></th><th scope="col">契約<span lang="en">Contract</span></th><th scope="col">公開鍵<span lang="en">Public keys</span></th>${changes ? html`<th scope="col">操作<span lang="en">Action</span></th>` : undefined}</tr></thead>
<tbody>${tenants.map(
    ({ id, name, clientId, services, contract, kids }) =>
      html`<tr data-tenant="${id}"><th scope="row">${id}</th><td>${name}</td><td>${clientId}</td><td>${services.join(', ')}</td><td>${contract.join(', ')}</td><td><code class="hash">${kids.join(', ')}</code></td>${changes ? html`<td>${actionForm(`/console/tenants/${encodeURIComponent(id)}/remove`, asked.session.csrf, html`取り除く<span lang="en">Remove</span>`, { small: true })}</td>` : undefined}</tr>`,
  )}</tbody></table></div>`;
}

function putForm(asked: ConsoleRequest): Html {
  const fields = html`<label for="tenant-id">番号(同じ番号があれば変更)<span lang="en">Id; an existing one is changed</span></label><input type="text" id="tenant-id" name="id" maxlength="64" required autocomplete="off">
<label for="tenant-name">名称<span lang="en">Name</span></label><input type="text" id="tenant-name" name="name" maxlength="200" required autocomplete="off">
<label for="client-id">client_id</label><input type="text" id="client-id" name="client_id" maxlength="255" required autocomplete="off">
<label for="services">サービス(空白区切り)<span lang="en">Services, separated by spaces</span></label><input type="text" id="services" name="services" maxlength="1000" required autocomplete="off">
<fieldset><legend>契約<span lang="en">Contract</span></legend>
<label><input type="checkbox" name="basic" value="1"> 基本4情報 (basic-attributes)</label>
<label><input type="checkbox" name="subject" value="1"> 利用者番号 (subject-id)</label></fieldset>
<label for="jwks">公開鍵 (JWK Set)<span lang="en">Public keys only; a private one is refused</span></label><textarea id="jwks" name="jwks" required spellcheck="false"></textarea>`;
  return html`<h2>登録・変更<span lang="en">Add or change</span></h2>
${actionForm('/console/tenants/changes', asked.session.csrf, html`申請する<span lang="en">Ask for it; another administrator approves</span>`, { id: 'put-tenant', fields })}`;
}

/**
 * Judged by the very schema of the tenants file before it is asked for: what cannot be used is not put before a
 * second person.
 */
async function put(asked: ConsoleRequest): Promise<void> {
  const { console, operator, form, response } = asked;
  const { id = '', name = '', client_id = '', services = '', jwks = '', basic, subject } = form.fields;
  const contract = [
    ...(basic === '1' ? ['basic-attributes'] : []),
    ...(subject === '1' ? ['subject-id'] : []),
  ];
  const record = defined({
    id,
    name: name.trim(),
    client_id,
    jwks: jsonOf(jwks),
    services: services.trim().split(/\s+/),
    contract: contract.length === 0 ? undefined : contract,
  });
  const payload = deskOf(asked).check(record);
  await requestChange(console.ports, operator, { kind: 'tenant.put', subject: id, payload });
  response.redirect(303, '/console/approvals');
}

async function remove(asked: ConsoleRequest): Promise<void> {
  const { console, operator, request, response } = asked;
  const id = String(request.params['id'] ?? '');
  if (
    !deskOf(asked)
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
      'The public keys are not JSON: paste the JWK Set (RFC 7517 section 5) or the JWK that `jitsuin rp keygen` printed.',
      { at: 'jwks' },
    );
  }
}
