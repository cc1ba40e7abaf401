import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose/jwt/decode';
import { expect, it } from 'vitest';
import { registerEndpoint } from '../../support/api-worlds.ts';
import { type PfWorld, type SubmissionOptions, startPfWorld, submissionOf } from '../../support/pf-world.ts';

const TENANT = 'beta';
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const CONSENT = {
  items: ['name'],
  purpose: '模擬の住民届出',
  wording_sha256: 'a'.repeat(64),
  agreed_at: '2026-11-22T03:59:00Z',
};

/** The webhooks' receiver: what it was told, in the order of the verifications. */
async function receiver() {
  const heard: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    heard.push(Buffer.concat(chunks).toString());
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, close };
}

/** What a run differs in beside the persons: nothing. */
type Text = NonNullable<SubmissionOptions['text']>;

/** Everything that a tenant without `subject-id` is told of two signatures, from their submission to after their deletion. */
async function everythingTold(persons: readonly [string, string], text: Text): Promise<readonly string[]> {
  const world: PfWorld = await startPfWorld(
    { JITSUIN_WEBHOOK_LOOPBACK: '1' },
    { beta: ['basic-attributes'] },
  );
  const hooks = await receiver();
  expect((await registerEndpoint(world.url, await world.bearer(TENANT), hooks.url)).status).toBe(201);
  const told: unknown[] = [];
  const call = async (path: string, init: { method?: string; body?: object; of?: 'shape' } = {}) => {
    const response = await fetch(`${world.url}${path}`, {
      method: init.method ?? 'GET',
      headers: {
        authorization: await world.bearer(TENANT),
        'idempotency-key': crypto.randomUUID(),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const answer = await response.text();
    const shape = init.of === 'shape' ? Object.keys(JSON.parse(answer)) : undefined;
    const length = shape === undefined ? response.headers.get('content-length') : undefined;
    told.push({ path, status: response.status, length, answer: shape ?? answer });
    return answer;
  };
  const asked = async (id: string) => {
    for (const method of ['CRL', 'OCSP', 'CRL'])
      await call(`/v1/verifications/${id}/status-checks?check_method=${method}`, { method: 'POST' });
    await call(`/v1/verifications/${id}`);
    for (const format of ['json', 'xml', 'html'])
      await call(`/v1/verifications/${id}/report?format=${format}`);
    const receipt = JSON.parse(await call(`/v1/verifications/${id}/receipt`)) as { receipt?: string };
    if (receipt.receipt !== undefined) {
      told.pop(); // its signature is random; its claims are told instead
      told.push(decodeJwt(receipt.receipt));
    }
    await call(`/v1/verifications/${id}/content`, {
      method: 'POST',
      body: { consent: CONSENT },
      of: 'shape',
    });
    await call(`/v1/verifications/${id}/consent`);
  };
  try {
    await world.startWorker();
    const ids: string[] = [];
    const times: boolean[] = [];
    for (const person of persons) {
      world.clock.millis += 90_000;
      const submission = await submissionOf(world, { tenant: TENANT, person, text });
      const made = await world.service(TENANT).submit(submission);
      await expect.poll(async () => (await world.service(TENANT).status(made.id)).state).toBe('decided');
      const status = await world.service(TENANT).status(made.id);
      ids.push(made.id);
      // by our own clock, but an answer from before its question would tell that it is another's
      times.push(Date.parse(status.decided_at ?? '') >= Date.parse(status.created_at));
    }
    told.push(times);
    await expect.poll(() => hooks.heard.length).toBe(2);
    told.push(ids.map((id) => hooks.heard.filter((body) => body.includes(id))));
    for (const id of ids) await asked(id);
    await call('/v1/verifications');
    await call('/v1/statement?month=2026-11');
    await call('/v1/statement?month=2026-11&format=csv');
    await call('/v1/webhook-deliveries');
    await call(`/v1/verifications/${ids[0]}`, { method: 'DELETE' });
    for (const id of ids) await asked(id);
    await call('/v1/statement?month=2026-11');
    return told.map((one) => normalized(JSON.stringify(one), ids));
  } finally {
    hooks.close();
    await world.close();
  }
}

/** Ids by the order in which they come; instants of our own clock, what was handed in, and issue times left out. */
function normalized(text: string, ids: readonly string[]): string {
  const known = new Map(ids.map((id, at) => [id, `<verification ${at}>`]));
  return (
    text
      .replace(ID, (id) => known.get(id) ?? '<id>')
      .replace(INSTANT, '<instant>')
      .replace(/"iat":\d+/g, '"iat":0')
      .replace(/submission-\d+/g, '<submission>')
      // the XML report stands in its page as it is; its digests are of each text, its signature is random
      .replace(/data:application\/xml;base64,[^"\\]+/g, '<xml>')
      .replace(/(<ds:(?:DigestValue|SignatureValue)>)[^<]+|(PublicKey>)[^<]+|"kid":"[^"]+"/g, '$1$2')
      .replace(/(<ds:KeyName>|<code>|鍵 |with the key )[^< ]+/g, '$1')
      .replace(/\d+年\d+月\d+日 \d+:\d+:\d+/g, '<instant>')
      // each submission is of a text of its own, in both runs
      .replace(/\b[0-9a-f]{64}\b/g, '<sha256>')
      .replace(/"data":"[^"]+"/g, '"data":"<data>"')
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<url>')
  );
}

it.each<Text>(['of its own', 'the same'])(
  'a tenant without subject-id is told the same whether two verifications are of one person or of two (text: %s)',
  async (text) => {
    const same = await everythingTold(['hanako', 'hanako'], text);
    const all = same.join('\n');
    for (const part of ['STATUS_CHECK', 'charged_price', 'verification.decided', 'verification.deleted'])
      expect(all).toContain(part);
    expect(await everythingTold(['hanako', 'taro'], text)).toEqual(same);
  },
);
