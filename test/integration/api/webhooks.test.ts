import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import type { WebhookDeliveryView, WebhookEndpointView } from '../../../src/contracts/webhooks.ts';
import { DOCUMENT, registerEndpoint } from '../../support/api-worlds.ts';
import { answerJudge } from '../../support/openapi.ts';
import { api, type RpWorld, sign, startRpWorld, submitted } from '../rp/world.ts';

type WithSecret = WebhookEndpointView & { readonly secret: string };

const received: { readonly headers: Record<string, string>; readonly body: string }[] = [];
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  received.push({
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString(),
  });
  response.writeHead(200).end();
});
let world: RpWorld;
let target: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  world = await startRpWorld('gov', { env: { JITSUIN_WEBHOOK_LOOPBACK: '1' } });
});
afterAll(async () => {
  await world.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

const register = (url: string) => registerEndpoint(world.url, `Bearer ${world.apiKey}`, url);
const post = (path: string) => api(world, path, { method: 'POST' });

describe('a tenant is told by webhook', () => {
  it('from registration to a delivery that its own library verifies, then replay, rotation, switch-off', async () => {
    const made = await register(`${target}/hook`);
    expect(await answerJudge('gov').wrongWith('POST', '/v1/webhook-endpoints', made.clone())).toBeUndefined();
    const endpoint = (await made.json()) as WithSecret;
    const path = `/v1/webhook-endpoints/${endpoint.id}`;
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '');
    await expect.poll(() => received.length, { timeout: 45_000 }).toBe(1);
    const { headers, body } = received[0] ?? { headers: {}, body: '' };
    expect(new Webhook(endpoint.secret).verify(body, headers)).toMatchObject({
      type: 'application.decided',
      data: { id: application.id, state: 'decided' },
    });

    const delivery = `/v1/webhook-deliveries/${headers['webhook-id']}`;
    const delivered = async () => (await (await api(world, delivery)).json()) as WebhookDeliveryView;
    await expect.poll(async () => (await delivered()).state).toBe('delivered');
    expect((await delivered()).attempts).toMatchObject([{ number: 1, status: 200 }]);

    const rotated = (await (await post(`${path}/rotate-secret`)).json()) as WithSecret;
    expect(rotated.secret).not.toBe(endpoint.secret);
    expect((await post(`${delivery}/replay`)).status).toBe(202);
    await expect.poll(() => received.length, { timeout: 45_000 }).toBe(2);
    const again = received[1] ?? { headers: {}, body: '' };
    expect(again.headers['webhook-id']).toBe(headers['webhook-id']);
    expect(again.body).toBe(body);
    for (const secret of [endpoint.secret, rotated.secret]) {
      expect(() => new Webhook(secret).verify(again.body, again.headers)).not.toThrow();
    }

    // the rotation again, as after a lost answer: the deployed secret lives its 24 hours, and a third one has to wait
    expect((await post(`${path}/rotate-secret`)).status).toBe(200);
    const third = await post(`${path}/rotate-secret`);
    expect(await third.json()).toMatchObject({ status: 409, code: 'webhook.rotation' });
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(80_000);
    expect((await post(`${delivery}/replay`)).status).toBe(202);
    await expect.poll(() => received.length, { timeout: 45_000 }).toBe(3);
    expect(() =>
      new Webhook(endpoint.secret).verify(received[2]?.body ?? '', received[2]?.headers ?? {}),
    ).not.toThrow();

    expect(await (await post(`${path}/disable`)).json()).toMatchObject({ state: 'disabled' });
    expect(await (await post(`${delivery}/replay`)).json()).toMatchObject({
      status: 409,
      code: 'webhook.disabled',
    });
    const cancelled = await submitted(world, DOCUMENT);
    await sign(new Browser(), cancelled.sign_url ?? '', { outcome: 'refuse' });
    const list = (await (await api(world, `${path}/deliveries`)).json()) as { items: WebhookDeliveryView[] };
    expect(list.items).toHaveLength(1);
    expect(await (await post(`${path}/enable`)).json()).toMatchObject({ state: 'enabled' });
    expect((await api(world, path, { method: 'DELETE' })).status).toBe(204);
    expect((await api(world, path)).status).toBe(404);
    expect((await api(world, delivery)).status).toBe(404);
  });

  it('a secret is shown when it is made and never again, nor logged', async () => {
    const made = (await (await register(`${target}/once`)).json()) as WithSecret;
    const read = await (await api(world, `/v1/webhook-endpoints/${made.id}`)).text();
    const list = await (await api(world, '/v1/webhook-endpoints')).text();
    expect(read + list + world.logLines.join('')).not.toContain('whsec_');
  });

  it.each([
    ['http://10.0.0.1/', 'webhook.address'],
    ['https://169.254.169.254/', 'webhook.address'],
    ['https://[::ffff:10.0.0.1]/', 'webhook.address'],
    ['http://hooks.example/', 'webhook.url'],
    ['file:///etc/passwd', 'webhook.url'],
  ])('%s is not registered (A11)', async (url, code) => {
    const answer = await register(url);
    expect([answer.status, await answer.json()]).toMatchObject([400, { code }]);
  });

  it('the same URL twice, and more than ten: 409', async () => {
    expect(await (await register(`${target}/once`)).json()).toMatchObject({
      code: 'webhook.exists',
      status: 409,
    });
    const answers: number[] = [];
    for (let n = 0; n < 11; n += 1) answers.push((await register(`${target}/${n}`)).status);
    expect(answers.filter((status) => status === 201)).toHaveLength(9);
    expect(await (await register(`${target}/more`)).json()).toMatchObject({
      code: 'webhook.limit',
      status: 409,
    });
  });

  it.each([
    ['an unknown member', '{"url":"https://hooks.example/","secret":"whsec_x"}'],
    ['a member twice', '{"url":"https://a.example/","url":"https://b.example/"}'],
    ['__proto__', '{"__proto__":{"state":"enabled"},"url":"https://a.example/"}'],
    ['an event that there is not', '{"url":"https://a.example/","events":["application.signed"]}'],
    ['a list for a text', '{"url":["https://a.example/"]}'],
    ['deep', '['.repeat(4_000)],
    ['a BOM', '\ufeff{"url":"https://a.example/"}'],
    ['a lone surrogate', '{"url":"https://a.example/\\ud800"}'],
    ['1e400', '{"url":1e400}'],
  ])('a body with %s: 400 (A4, A5)', async (_name, body) => {
    const answer = await api(world, '/v1/webhook-endpoints', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'http.body', at: expect.any(String) },
    ]);
  });
});
