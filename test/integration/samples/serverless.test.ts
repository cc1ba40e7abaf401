import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { createSpClient } from '../../../src/client/index.ts';
import { type CitizenWorld, startCitizenWorld } from '../../browser/support/citizen-world.ts';
import { freePorts } from '../../support/ports.ts';
import { serverReachable, TEST_REDIS_URL } from '../../support/servers.ts';
import { sign } from '../rp/world.ts';
import { type SampleProcess, startTypeScript } from './sample-process.ts';

const reachable = await serverReachable(TEST_REDIS_URL, 'the serverless sample, whose state is in Redis');
const XML = '<ZZ申請情報><申請書><氏名>模擬 太郎</氏名></申請書></ZZ申請情報>';

describe.skipIf(!reachable)('samples/serverless', { timeout: 90_000 }, () => {
  let world: CitizenWorld;
  const functions: SampleProcess[] = [];
  const prefix = `shop-${crypto.randomUUID()}:`;
  let secret = '';
  let urls: readonly string[] = [];

  const startFunction = async (port: number) => {
    const started = startTypeScript('samples/serverless/dev.ts', [], {
      ...{ JITSUIN_URL: world.url, JITSUIN_API_KEY: world.apiKey, WEBHOOK_SECRETS: secret },
      ...{ REDIS_URL: TEST_REDIS_URL, STATE_PREFIX: prefix, PORT: String(port) },
    });
    functions.push(started);
    return `http://127.0.0.1:${await started.says(/listening on (\d+)/)}`;
  };

  beforeAll(async () => {
    world = await startCitizenWorld({ JITSUIN_WEBHOOK_LOOPBACK: '1' });
    const [first = 0, second = 0] = await freePorts(2);
    const client = createSpClient({ baseUrl: world.url, bearer: world.apiKey });
    const url = `http://127.0.0.1:${second}/webhooks/jitsuin`;
    ({ secret } = await client.createWebhookEndpoint({ body: { url } }));
    urls = [await startFunction(first), await startFunction(second)];
  }, 120_000);
  afterAll(async () => {
    for (const running of functions) await running.stop();
    await world?.close();
  });

  it('one instance begins, another takes the webhook, the first knows the end', async () => {
    const [first, second] = urls;
    const begun = () => fetch(`${first}/orders/7/sign`, { method: 'POST', body: XML, redirect: 'manual' });
    const answer = await begun();
    expect(answer.status).toBe(303);
    const where = answer.headers.get('location') ?? '';
    expect((await begun()).headers.get('location')).toBe(where);
    const stateAt = async (url?: string) => (await fetch(`${url}/orders/7`)).json();
    expect(await stateAt(second)).toEqual({ state: 'opened' });
    await sign(new Browser(), where);
    await expect.poll(() => stateAt(first), { timeout: 30_000 }).toEqual({ state: 'TOTAL-PASSED' });
  });

  it('a webhook that is not signed changes nothing', async () => {
    const forged = JSON.stringify({ type: 'application.decided', data: { id: 'x', state: 'decided' } });
    const answer = await fetch(`${urls[1]}/webhooks/jitsuin`, { method: 'POST', body: forged });
    expect(answer.status).toBe(400);
    expect((await fetch(`${urls[1]}/orders/8`)).status).toBe(404);
  });
});
