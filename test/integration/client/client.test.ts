import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClientKey, publicClientKey } from '../../../src/adapters/keys/client-key.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import {
  clientAssertions,
  createGovClient,
  createPfClient,
  createSpClient,
  each,
  type GovClient,
  isProblem,
  type PfClient,
  type pf,
  until,
} from '../../../src/client/index.ts';
import { type ReceivedWebhook, verifyWebhook } from '../../../src/client/webhooks.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';
import { type RpWorld, sign, startRpWorld } from '../rp/world.ts';

const XML = '<届出><氏名>模擬 𠮷田</氏名></届出>';
const ENDED = ['decided', 'refused', 'failed', 'restart-needed', 'expired', 'cancelled'];

/** A pretended tenant's own server: keeps what is posted to it. */
async function startReceiver() {
  const received: {
    readonly headers: Record<string, string | string[] | undefined>;
    readonly body: string;
  }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

async function idsOf(client: GovClient): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of each(client.listApplications, { limit: 1 })) ids.push(id);
  return ids;
}

describe('the client of an agency, against a real one', () => {
  let world: RpWorld;
  let client: GovClient;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeAll(async () => {
    receiver = await startReceiver();
    world = await startRpWorld('gov', { env: { JITSUIN_WEBHOOK_LOOPBACK: '1' } });
    client = createGovClient({ baseUrl: world.url, bearer: world.apiKey });
  });
  afterAll(async () => {
    await world?.close();
    await receiver?.close();
  });

  it('signs from end to end: webhook, verdict, document, report, evidence', async () => {
    const { secret } = await client.createWebhookEndpoint({ body: { url: receiver.url } });
    const application = await client.createApplication({ body: XML, external_id: 'order-1' });
    expect(application).toMatchObject({ state: 'opened', external_id: 'order-1' });
    await sign(new Browser(), application.sign_url ?? '');
    const read = () => client.readApplication({ id: application.id });
    const signal = AbortSignal.timeout(15_000);
    const done = await until(read, ({ state }) => ENDED.includes(state), { signal, everyMillis: 25 });
    expect(done.verdict?.indication).toBe('TOTAL-PASSED');
    const octets = await client.readSignedDocument({ id: application.id });
    expect(new TextDecoder().decode(octets)).toContain('<氏名>模擬 𠮷田</氏名>');
    expect((await client.readReport({ id: application.id })).result).toBe('OK');
    const evidence = await client.raw('readEvidence', { id: application.id });
    expect(JSON.parse(new TextDecoder().decode(evidence.octets))).toMatchObject({
      version: expect.any(Number),
    });
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    const { headers, body } = receiver.received[0] ?? { headers: {}, body: '' };
    const event: ReceivedWebhook = await verifyWebhook(headers, body, secret);
    expect(event).toMatchObject({ type: 'application.decided', data: { id: application.id } });
    expect((await client.readWebhookDelivery({ id: event.id })).subject).toBe(application.id);
  });

  it('an answer that was lost: the same key again makes no second application', async () => {
    let lost = 0;
    const losing: typeof fetch = async (...request) => {
      const answer = await fetch(...request);
      lost += 1;
      if (lost === 1) throw new TypeError('the connection was reset');
      return answer;
    };
    const shaky = createGovClient({ baseUrl: world.url, bearer: world.apiKey, fetch: losing });
    const before = await idsOf(client);
    await shaky.createApplication({ body: XML });
    const after = await idsOf(client);
    expect(lost).toBe(2);
    expect(after).toHaveLength(before.length + 1);
  });

  it('problems come with their code', async () => {
    const refused = (call: Promise<unknown>) => call.catch((thrown: unknown) => thrown);
    const nobody = createGovClient({ baseUrl: world.url, bearer: 'jk_nobody' });
    expect(isProblem(await refused(nobody.listApplications()), 'http.authentication')).toBe(true);
    expect(isProblem(await refused(client.createApplication({ body: '<a>' })), 'xml.not-well-formed')).toBe(
      true,
    );
    const key = { idempotencyKey: 'one-key' };
    const first = await client.createApplication({ body: XML }, key);
    expect(await client.createApplication({ body: XML }, key)).toEqual(first);
    const other = await refused(client.createApplication({ body: '<other/>' }, key));
    expect(isProblem(other, 'idempotency.mismatch')).toBe(true);
    expect(await client.cancelApplication({ id: first.id })).toMatchObject({ state: 'cancelled' });
  });
});

describe('the client of a platform operator’s tenant, against a real one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-client-'));
  let world: PfWorld;
  let client: PfClient;
  beforeAll(async () => {
    const key = await generateClientKey('ES256');
    const tenants = join(folder, 'tenants.json');
    const tenant = {
      id: 'tenant-alpha',
      name: '模擬事業者',
      client_id: 'client-alpha',
      services: ['alpha-portal'],
    };
    writeFileSync(tenants, JSON.stringify([{ ...tenant, jwks: { keys: [publicClientKey(key)] } }]), {
      mode: 0o600,
    });
    world = await startPfWorld({ JITSUIN_PF_TENANTS_FILE: tenants });
    Object.defineProperty(world.clock, 'millis', { get: () => Date.now() });
    const bearer = clientAssertions({ clientId: 'client-alpha', key: { ...key }, audience: world.url });
    client = createPfClient({ baseUrl: world.url, bearer });
    await world.startWorker();
  });
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('hands in, reads verdict, receipt and statement', async () => {
    const submission = JSON.parse(JSON.stringify(await submissionOf(world))) as pf.VerificationSubmission;
    const { id } = await client.submitVerification({ body: submission });
    expect((await client.submitVerification({ body: submission })).id).toBe(id);
    const signal = AbortSignal.timeout(15_000);
    const read = () => client.readVerification({ id });
    const done = await until(read, ({ state }) => state !== 'received', { signal, everyMillis: 25 });
    expect(done).toMatchObject({ state: 'decided', indication: 'TOTAL-PASSED' });
    expect((await client.readVerificationReceipt({ id })).receipt.split('.')).toHaveLength(3);
    expect((await client.readReceiptKeys()).keys).toHaveLength(1);
    const month = new Date().toISOString().slice(0, 7);
    expect(await client.readStatement({ month })).toMatchObject({ currency: 'JPY' });
    expect(await client.readStatement({ month, format: 'csv' })).toMatch(/^[a-z_]+,/);
  });
});

describe('a server that is not there', () => {
  it('is said so, after the attempts that were asked for', async () => {
    const client = createSpClient({ baseUrl: 'http://127.0.0.1:9', bearer: 'jk', attempts: 2 });
    await expect(client.listApplications()).rejects.toMatchObject({
      reason: 'network',
      call: { attempts: 2 },
    });
  });
});
