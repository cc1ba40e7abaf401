import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { registerEndpoint } from '../../support/api-worlds.ts';
import { type ConsoleVisit, visitConsole } from '../../support/console-visit.ts';
import { freePorts } from '../../support/ports.ts';
import { ended, OTHER_RETURN_URL, type RpWorld, sign, startRpWorld, submit, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<申込><氏名>模擬 𠮷田</氏名></申込>\n';

const received: { readonly headers: Record<string, string>; readonly body: string }[] = [];
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  received.push({ headers: request.headers as Record<string, string>, body });
  response.writeHead(204).end();
});

describe('the console of an sp', () => {
  let world: RpWorld;
  let origin: string;
  let operator: ConsoleVisit;
  let administrator: ConsoleVisit;
  beforeAll(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const [port = 0] = await freePorts(1);
    origin = `http://localhost:${port}`;
    const env = { JITSUIN_CONSOLE_PORT: String(port), JITSUIN_WEBHOOK_LOOPBACK: '1' };
    world = await startRpWorld('sp', { env });
    operator = await visitConsole('sp', origin, world.env('sp'), 'operator');
    administrator = await visitConsole('sp', origin, world.env('sp'), 'administrator');
  });
  afterAll(async () => {
    await world?.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  it('shows an application with every event, the ids of its requests and where its citizen returns to', async () => {
    const query = `?${new URLSearchParams({
      name: '口座開設の申込',
      external_id: '受付 42',
      return_to: OTHER_RETURN_URL,
    })}`;
    const answer = await submit(world, DOCUMENT, { query, apiKey: world.otherApiKey });
    const { id } = (await answer.json()) as { id: string };
    const request = answer.headers.get('x-request-id') ?? '';
    expect(await operator.page('/console/records')).toMatch(
      new RegExp(`data-id="${id}"[^]*口座開設の申込[^]*受付 42`),
    );
    const page = await operator.page(`/console/records/${id}`);
    expect(request).toMatch(/^[0-9a-f-]{36}$/);
    for (const fact of [request, OTHER_RETURN_URL, '受付 42', 'data-event="application.received"'])
      expect(page).toContain(fact);
    expect(page).not.toMatch(/𠮷田|name="reason"|証跡/);
    for (const [reference, found] of [
      ['受付 42', 303],
      [request, 303],
      [id, 303],
      ['受付 43', 200],
    ] as const) {
      const looked = await operator.ask(`/console/records?${new URLSearchParams({ q: reference })}`);
      expect([reference, looked.status]).toEqual([reference, found]);
    }
  });

  it('says in words why an application ended', async () => {
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '', { outcome: 'locked' });
    await ended(world, application.id);
    const page = await operator.page(`/console/records/${application.id}`);
    expect(page).toContain('id="failure"');
    expect(page).toMatch(/Row of the guideline: result-\d+|Row of the guideline: authorization-\d+/);
    expect(page).toContain('data-event="application.citizen-sent"');
  });

  it('sends a test event that the receiver verifies, shows the attempt, and sends it again', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const made = await registerEndpoint(world.url, `Bearer ${world.apiKey}`, url);
    const endpoint = (await made.json()) as { id: string; secret: string };
    const list = await operator.page('/console/webhooks');
    const at = /\/console\/webhooks\/[^/"]+\/[0-9a-f-]{36}/.exec(list)?.[0] ?? '';
    expect(at).toContain(endpoint.id);
    const sent = await operator.ask(`${at}/test`, {});
    const delivery = sent.headers.get('location') ?? '';
    await expect.poll(() => received.length, { timeout: 20_000 }).toBe(1);
    const { headers, body } = received[0] ?? { headers: {}, body: '' };
    expect(new Webhook(endpoint.secret).verify(body, headers)).toMatchObject({
      type: 'webhook.test',
      data: { id: endpoint.id, state: 'enabled' },
    });
    const state = async () =>
      /id="state-of-delivery" data-state="(\w+)"/.exec(await operator.page(delivery))?.[1];
    await expect.poll(state, { timeout: 20_000 }).toBe('delivered');
    expect(await operator.page(delivery)).toContain('HTTP 204');
    expect((await operator.ask(`${delivery}/replay`, {})).status).toBe(303);
    await expect.poll(() => received.length, { timeout: 20_000 }).toBe(2);
    expect(received[1]?.headers['webhook-id']).toBe(headers['webhook-id']);
    await operator.ask(`${at}/disable`, {});
    expect((await operator.ask(`${at}/test`, {})).status).toBe(409);
    expect((await operator.ask(`${delivery}/replay`, {})).status).toBe(409);
    expect((await operator.ask(at.replace('/console/webhooks/', '/console/webhooks/x'))).status).toBe(404);
  });

  it('makes an API key that is shown once and works at once, and revokes it at once', async () => {
    const fields = { tenant: 'partner', 'scope-read': '1' };
    expect((await operator.ask('/console/api-keys', fields)).status).toBe(403);
    const page = await (await administrator.ask('/console/api-keys', fields)).text();
    const key = /id="api-key">(jk_[\w-]{32})</.exec(page)?.[1] ?? '';
    const call = (method: 'GET' | 'POST') =>
      fetch(`${world.url}/v1/applications`, { method, headers: { authorization: `Bearer ${key}` } });
    expect((await call('GET')).status).toBe(200);
    expect((await call('POST')).status).toBe(403);
    const again = await administrator.page('/console/api-keys');
    expect(again).not.toContain(key);
    expect(readFileSync(join(world.dir, 'world/sp/api-keys.json'), 'utf8')).not.toContain(key);
    const sha256 = [...again.matchAll(/data-key="([0-9a-f]{64})"/g)].at(-1)?.[1] ?? '';
    expect((await administrator.ask(`/console/api-keys/${sha256}/revoke`, {})).status).toBe(303);
    expect((await call('GET')).status).toBe(401);
    expect((await administrator.ask(`/console/api-keys/${sha256}/revoke`, {})).status).toBe(404);
    const audit = await administrator.page('/console/audit');
    for (const event of ['api-key.made', 'api-key.revoked', 'webhook.test-sent', 'webhook.replayed'])
      expect(audit).toContain(`data-event="${event}"`);
    expect(audit).toMatch(/operator=[0-9a-f-]{36}<\/code> \(模擬 administrator\)/);
    expect(audit).not.toContain(key);
    expect(world.logLines.join('')).not.toContain(key);
  });

  it.each([
    [{ tenant: '模擬', 'scope-read': '1' }, 'tenant'],
    [{ tenant: 'partner' }, 'scopes'],
  ])('keeps the form of %j and names the field', async (fields, at) => {
    const before = readFileSync(join(world.dir, 'world/sp/api-keys.json'), 'utf8');
    const answer = await administrator.ask('/console/api-keys', fields);
    expect(answer.status).toBe(400);
    const page = await answer.text();
    expect(page).toContain(`data-at="${at}"`);
    expect(page).toContain(`value="${fields.tenant}"`);
    expect(readFileSync(join(world.dir, 'world/sp/api-keys.json'), 'utf8')).toBe(before);
  });

  it('revoking keeps where the tenant’s citizens may return to', async () => {
    const page = await administrator.page('/console/api-keys');
    const row = /data-key="([0-9a-f]{64})"><th scope="row"><code>[0-9a-f]+<\/code><\/th><td>other</;
    await administrator.ask('/console/api-keys', { tenant: 'other', 'scope-read': '1', 'scope-write': '1' });
    await administrator.ask(`/console/api-keys/${row.exec(page)?.[1]}/revoke`, {});
    expect(await operator.page('/console/settings')).toContain(OTHER_RETURN_URL.replace('&', '&amp;'));
    const headers = { authorization: `Bearer ${world.otherApiKey}` };
    expect((await fetch(`${world.url}/v1/applications`, { headers })).status).toBe(401);
  });

  it('says which environment it is, and has no page of what an sp may not have', async () => {
    expect(await operator.page('/console/settings')).toMatch(/class="badge test">試験環境/);
    for (const path of ['evidence', 'ageing', 'fees', 'tenants'])
      expect((await administrator.ask(`/console/${path}`)).status, path).toBe(404);
    const id = '01a20169-2e00-7005-bc2b-a9691291a293';
    for (const path of ['personal', 'evidence', 'status', 'judge-again'])
      expect((await administrator.ask(`/console/records/${id}/${path}`, {})).status, path).toBe(404);
  });
});
