import { decodeJwt } from 'jose/jwt/decode';
import { expect, it } from 'vitest';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';

const TENANT = 'beta';
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Everything that a tenant without `subject-id` is told while it has two signatures verified and their status asked for. */
async function everythingTold(persons: readonly [string, string]): Promise<string> {
  const world: PfWorld = await startPfWorld({}, { beta: ['basic-attributes'] });
  const told: unknown[] = [];
  try {
    await world.startWorker();
    const call = async (path: string, init: { method?: string; body?: object } = {}) => {
      const response = await fetch(`${world.url}${path}`, {
        method: init.method ?? 'GET',
        headers: {
          authorization: await world.bearer(TENANT),
          'idempotency-key': crypto.randomUUID(),
          ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      });
      const text = await response.text();
      const length = response.headers.get('content-length');
      told.push({ path, status: response.status, length, text });
      return text;
    };
    const ids: string[] = [];
    for (const person of persons) {
      const submission = await submissionOf(world, { tenant: TENANT, person });
      const made = await world.service(TENANT).submit(submission);
      await expect.poll(async () => (await world.service(TENANT).status(made.id)).state).toBe('decided');
      ids.push(made.id);
    }
    for (const id of ids) {
      for (const method of ['CRL', 'OCSP', 'CRL'])
        await call(`/v1/verifications/${id}/status-checks?check_method=${method}`, { method: 'POST' });
      await call(`/v1/verifications/${id}`);
      const receipt = JSON.parse(await call(`/v1/verifications/${id}/receipt`)) as { receipt: string };
      told.pop(); // its signature is random; its claims are told instead
      told.push(decodeJwt(receipt.receipt));
      await call(`/v1/verifications/${id}/consent`);
    }
    await call('/v1/verifications');
    await call('/v1/statement?month=2026-11');
    await call('/v1/statement?month=2026-11&format=csv');
    await call('/v1/webhook-deliveries');
    return normalized(JSON.stringify(told), ids);
  } finally {
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
      // each submission is of a text of its own, in both runs
      .replace(/\b[0-9a-f]{64}\b/g, '<sha256>')
      .replace(/"data":"[^"]+"/g, '"data":"<data>"')
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<url>')
  );
}

it('a tenant without subject-id is told the same whether two verifications are of one person or of two', async () => {
  const same = await everythingTold(['hanako', 'hanako']);
  expect(same).toContain('STATUS_CHECK');
  expect(same).toContain('charged_price');
  expect(await everythingTold(['hanako', 'taro'])).toBe(same);
});
