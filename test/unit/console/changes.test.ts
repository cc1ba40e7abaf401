import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleKit, consoleKit, tenantRecords, type Visitor } from '../../support/console-kit.ts';

let kit: ConsoleKit;
let asking: Visitor;
let second: Visitor;
beforeAll(async () => {
  kit = await consoleKit();
  asking = await kit.visitor('administrator');
  second = await kit.visitor('administrator');
});
afterAll(() => kit.close());

const codeOf = async (answer: Response) => /data-code="([^"]+)"/.exec(await answer.text())?.[1];
const newest = async () => (await kit.ports.approvals.list({ limit: 1 }))[0];
/** The mark of the difference that the page shows to somebody. */
async function seenBy(visitor: Visitor, id: string): Promise<string> {
  const page = await (await kit.get('/console/approvals', visitor)).text();
  return /name="seen" value="([0-9a-f]{64})"/.exec(page.slice(page.indexOf(id)))?.[1] ?? '';
}
const ACTIVATE = { kind: 'key.activate', subject: 'kid-1' };
const JWKS = JSON.stringify({ keys: [] });

describe('changes of keys and tenants', () => {
  it('wait for another administrator, who sees what was asked for', async () => {
    const answer = await kit.post('/console/keys/changes', asking, ACTIVATE);
    expect(answer.headers.get('location')).toBe('/console/approvals');
    const { id = '' } = (await newest()) ?? {};
    expect(kit.carriedOut).toEqual([]);
    const own = await kit.post(`/console/approvals/${id}/approve`, asking);
    expect(await codeOf(own)).toBe('approval.own');
    expect(await (await kit.get('/console/approvals', asking)).text()).toContain('取り下げる');
    expect(await (await kit.get('/console/approvals', second)).text()).toContain('承認して実行する');
    // what nobody was shown is not approved
    for (const fields of [{}, { seen: '' }, { seen: '0'.repeat(64) }])
      expect(await codeOf(await kit.post(`/console/approvals/${id}/approve`, second, fields))).toBe(
        'approval.state',
      );
    expect(kit.carriedOut).toEqual([]);
    const seen = await seenBy(second, id);
    expect((await kit.post(`/console/approvals/${id}/approve`, second, { seen })).status).toBe(303);
    expect(kit.carriedOut).toEqual(['kid-1']);
    expect(await codeOf(await kit.post(`/console/approvals/${id}/approve`, second))).toBe('approval.state');
    expect((await newest())?.state).toBe('done');
  });

  it.each([
    ['a kind that is none', { kind: 'key.steal', subject: 'kid-1' }, 400, 'http.body'],
    ['a tenant in the name of a key', { kind: 'tenant.remove', subject: 'tenant-a' }, 400, 'http.body'],
    ['a key that is not there', { kind: 'key.activate', subject: 'kid-9' }, 503, 'key.state'],
    ['a step that the state does not allow', { kind: 'key.destroy', subject: 'kid-1' }, 503, 'key.state'],
  ])('are not even asked for: %s', async (_what, fields, status, code) => {
    const before = (await kit.ports.approvals.list({ limit: 100 })).length;
    const answer = await kit.post('/console/keys/changes', asking, fields);
    expect(answer.status).toBe(status);
    expect(await codeOf(answer)).toBe(code);
    expect((await kit.ports.approvals.list({ limit: 100 })).length).toBe(before);
  });

  it('a tenant is asked for as the form has it, and declined', async () => {
    const fields = {
      id: 'tenant-b',
      name: '模擬市',
      client_id: 'c2',
      services: 'a b',
      jwks: JWKS,
      basic: '1',
    };
    expect((await kit.post('/console/tenants/changes', asking, fields)).status).toBe(303);
    const asked = await newest();
    expect(JSON.parse(asked?.payload ?? '')).toEqual({
      ...{ id: 'tenant-b', name: '模擬市', client_id: 'c2', services: ['a', 'b'], jwks: { keys: [] } },
      contract: ['basic-attributes'],
    });
    await kit.post(`/console/approvals/${asked?.id}/refuse`, second);
    expect((await newest())?.state).toBe('declined');
    const broken = await kit.post('/console/tenants/changes', asking, { ...fields, jwks: '{' });
    expect(broken.status).toBe(400);
    expect((await kit.post('/console/tenants/nobody/remove', asking)).status).toBe(404);
    expect((await kit.post('/console/tenants/tenant-a/remove', asking)).status).toBe(303);
    expect(await newest()).toMatchObject({ kind: 'tenant.remove', subject: 'tenant-a', state: 'pending' });
  });

  it('show the difference to now, member by member, and are looked at again where it became another', async () => {
    const key = (kid: string, x: string) => ({ kty: 'EC', kid, x });
    const now = {
      ...{ id: 'tenant-a', name: '模擬', client_id: 'c', services: ['s'] },
      jwks: { keys: [key('k', 'old'), key('k-2', 'same')] },
    };
    tenantRecords.set('tenant-a', JSON.stringify(now));
    const form = {
      ...{ id: 'tenant-a', name: '模擬', client_id: 'c', services: 's t', subject: '1' },
      jwks: JSON.stringify({ keys: [key('k', 'exchanged'), key('k-2', 'same')] }),
    };
    await kit.post('/console/tenants/changes', asking, form);
    const { id = '' } = (await newest()) ?? {};
    const shownTo = async (visitor: Visitor) => {
      const page = await (await kit.get('/console/approvals', visitor)).text();
      return page.slice(page.indexOf(`data-approval="${id}"`)).split('</table>')[0] ?? '';
    };
    const row = (member: string, before: string, after: string) =>
      new RegExp(`data-member="${member.replace(/[[\].]/g, '\\$&')}">.*<td>${before}</td><td>${after}</td>`);
    const shown = await shownTo(second);
    for (const one of [
      row('services', 's', 's, t'),
      row('contract', '–', 'subject-id'),
      row('jwks.keys[k].x', 'old', 'exchanged'),
    ])
      expect(shown).toMatch(one);
    expect(shown.match(/data-member/g)).toHaveLength(3);
    const seen = await seenBy(second, id);
    tenantRecords.set('tenant-a', JSON.stringify({ ...now, services: ['s', 'u'] }));
    const before = kit.carriedOut.length;
    const late = await kit.post(`/console/approvals/${id}/approve`, second, { seen });
    expect(await codeOf(late)).toBe('approval.state');
    expect(kit.carriedOut.length).toBe(before);
    expect(await shownTo(second)).toMatch(row('services', 's, u', 's, t'));
    await kit.post(`/console/approvals/${id}/refuse`, second);
    await kit.post('/console/keys/changes', asking, ACTIVATE);
    const after = await (await kit.get('/console/approvals', second)).text();
    expect(after).toMatch(row('kid-1', 'generated', 'active'));
    await kit.post(`/console/approvals/${(await newest())?.id}/refuse`, second);
    tenantRecords.delete('tenant-a');
  });

  it('one that was cut off is shown as such, and carried out again or withdrawn', async () => {
    const cutOff = async () => {
      await kit.post('/console/keys/changes', asking, ACTIVATE);
      const approval = await newest();
      if (approval === undefined) throw new Error('nothing was asked for');
      const decidedAt = kit.clock.now();
      const by = (await kit.ports.operators.list()).find(({ id }) => id !== approval.requestedBy)?.id ?? '';
      const audit = { event: 'approval.approved', subject: approval.id, tenant: '', at: decidedAt };
      const approved = { ...approval, state: 'approved', decidedBy: by, decidedAt } as const;
      expect(await kit.ports.approvals.update(approved, 'pending', audit)).toBe(true);
      return approval.id;
    };
    const page = async () => (await kit.get('/console/approvals', asking)).text();
    const [first, other] = [await cutOff(), await cutOff()];
    expect(await page()).toContain(`data-approval="${first}" data-state="approved"`);
    kit.clock.advance(2 * 60_000);
    expect(await page()).toContain(`data-approval="${first}" data-state="interrupted"`);
    expect(await page()).toContain('実行が中断');
    const before = kit.carriedOut.length;
    expect((await kit.post(`/console/approvals/${first}/again`, asking)).status).toBe(303);
    expect(kit.carriedOut.length).toBe(before + 1);
    await kit.post(`/console/approvals/${other}/refuse`, asking);
    const states = await Promise.all([first, other].map((id) => kit.ports.approvals.get(id)));
    expect(states.map((each) => each?.state)).toEqual(['done', 'withdrawn']);
    expect(await codeOf(await kit.post(`/console/approvals/${other}/again`, second))).toBe('approval.state');
  });

  it('nobody disables themselves; another one is shut out at once', async () => {
    const { operator, cookie } = await kit.enrolled('viewer');
    const people = await kit.ports.operators.list();
    const own = people.find(({ role }) => role === 'administrator')?.id ?? '';
    expect((await kit.post(`/console/operators/${own}/disable`, asking)).status).toBe(403);
    const administrators = people.filter(({ role }) => role === 'administrator').map(({ id }) => id);
    expect(administrators).toHaveLength(2);
    // one alone may not leave fewer than a change needs
    for (const id of administrators)
      expect((await kit.post(`/console/operators/${id}/disable`, asking)).status).toBe(403);
    expect((await kit.post(`/console/operators/${operator.id}/disable`, asking)).status).toBe(303);
    const third = (await kit.enrolled('administrator')).operator.id;
    expect((await kit.post(`/console/operators/${third}/disable`, asking)).status).toBe(303);
    expect((await kit.get('/console/work', { cookie, csrf: '' })).headers.get('location')).toBe(
      '/console/login',
    );
  });
});

describe('what is read', () => {
  it('the audit log filters, and its chain check says whole', async () => {
    const page = await (await kit.get('/console/audit?event=operator.enrolled', asking)).text();
    expect(page).toContain('data-event="operator.enrolled"');
    expect(page).not.toContain('data-event="operator.invited"');
    const checked = await (await kit.post('/console/audit/verify', asking)).text();
    expect(checked).toMatch(/id="audit-chain" data-state="whole"/);
    expect(checked).toMatch(/id="evidence-chain" data-state="whole"/);
  });

  it('fees as table, plot and CSV', async () => {
    expect(await (await kit.get('/console/fees', asking)).text()).toMatch(/<svg id="fees-plot".*role="img"/);
    const csv = await kit.get('/console/fees.csv', asking);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(await csv.text()).toBe(
      'month,tenant,checks,list_total,charged_total\r\n2025-06,tenant-a,2,4,2\r\n',
    );
    expect((await kit.get('/console/fees/statement.csv?tenant=tenant-a&month=2025-06', asking)).status).toBe(
      200,
    );
    const page = await (
      await kit.get('/console/fees/statement?tenant=tenant-a&month=2025-06', asking)
    ).text();
    expect(page.replaceAll(/<[^>]*>/g, '')).toMatch(
      /2025年6月分 tenant-a 御中[\s\S]*消費税\(10%\)[\s\S]*6円[\s\S]*67円/,
    );
    expect((await kit.get('/console/fees/statement?tenant=tenant-a', asking)).status).toBe(400);
    expect((await kit.get('/console/fees/statement.csv?tenant=tenant-a&month=2025-13', asking)).status).toBe(
      400,
    );
  });

  it('an uploaded file of evidence is judged and noted', async () => {
    const answer = await kit.upload('/console/evidence', asking);
    expect(await answer.text()).toContain('data-indication="TOTAL-PASSED"');
    const [record] = await kit.store.audit.page({ event: 'evidence.checked', limit: 1 });
    expect(record?.facts).toMatchObject({ indication: 'TOTAL-PASSED' });
  });
});
