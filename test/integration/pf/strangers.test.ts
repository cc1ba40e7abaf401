import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { newWebhookSecret } from '../../../src/adapters/webhook/signature.ts';
import { WEBHOOK_EVENTS } from '../../../src/contracts/webhooks.ts';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import { type OpenedPf, openPf } from '../../../src/roles/pf/wiring.ts';
import { anchorsPem, newRegistry } from '../../support/pf-signing.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';
import { serverReachable, TEST_REDIS_URL } from '../../support/servers.ts';
import { deleteKeys, until } from '../queue/harness.ts';

const redis = await serverReachable(TEST_REDIS_URL, 'strangers on BullMQ');
const PREFIX = `jt-strangers-${process.pid}`;
const QUEUES = [
  ['the SQL queue', {}],
  ...(redis ? [['BullMQ', { REDIS_URL: TEST_REDIS_URL, JITSUIN_QUEUE_PREFIX: PREFIX }] as const] : []),
] as const;

/** Accepts everything and answers nothing. */
async function blackHole() {
  const asked: string[] = [];
  const server = createServer(({ url = '' }) => void asked.push(url));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

describe.each(QUEUES)('each outside party hangs in turn, on %s', (_name, settings) => {
  let world: PfWorld;
  let pf: OpenedPf;
  let folder: string;
  let hole: Awaited<ReturnType<typeof blackHole>>;

  beforeAll(async () => {
    hole = await blackHole();
    folder = mkdtempSync(join(tmpdir(), 'jitsuin-strangers-'));
    const trustFile = join(folder, 'tsa.pem');
    writeFileSync(trustFile, anchorsPem(newRegistry()));
    world = await startPfWorld({
      JITSUIN_WORKER_CONCURRENCY: '1',
      JITSUIN_WEBHOOK_CONCURRENCY: '1',
      JITSUIN_WEBHOOK_LOOPBACK: '1',
      JITSUIN_TSA_URL: `${hole.url}/tsa`,
      JITSUIN_TSA_TRUST_FILE: trustFile,
      JITSUIN_TSA_CRL_URL: `${hole.url}/tsa-crl`,
      JITSUIN_TSA_PERIOD_SECONDS: '0',
      ...settings,
    });
    pf = await openPf(world.config, 'pf-worker', world.url, world);
    await world.startWorker();
  });
  afterEach(() => world.source.hanging.clear());
  afterAll(async () => {
    await hole.close();
    await pf.close();
    await world.close();
    rmSync(folder, { recursive: true });
    if (redis) await deleteKeys(TEST_REDIS_URL, PREFIX);
  });

  const submit = async (method: 'CRL' | 'OCSP') =>
    (await world.service('alpha').submit(await submissionOf(world, { method }))).id;
  const decided = (id: string) =>
    until(async () => (await world.service('alpha').status(id)).state === 'decided', 9_000);

  it.each([
    ['CRL', '/crl', 'OCSP'],
    ['OCSP', '/ocsp', 'CRL'],
  ] as const)(
    '%s: submissions are taken and verdicts by the other method reached',
    async (hangs, path, goesOn) => {
      world.source.hanging.add(path);
      const asked = world.source.asked;
      for (let n = 0; n < 6; n += 1) await submit(hangs);
      await until(() => world.source.asked > asked);
      await decided(await submit(goesOn));
    },
  );

  it('the time-stamp authority: submissions are taken and verdicts reached', async () => {
    await decided(await submit('CRL'));
    await until(() => hole.asked.includes('/tsa'));
    await decided(await submit('OCSP'));
  });

  it('webhook receivers: verdicts go on, and so do deliveries to others', async () => {
    const tenant = 'tenant-alpha' as TenantId;
    const heard: string[] = [];
    const receiver = createServer((request, response) => {
      heard.push(request.url ?? '');
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const honest = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/honest`;
    const urls = [...Array.from({ length: 4 }, (_, n) => `${hole.url}/${n}`), honest];
    for (const url of urls) await addEndpoint(pf, tenant, url, world.clock.now());
    await decided(await submit('CRL'));
    await until(() => hole.asked.some((path) => /^\/\d$/.test(path)));
    await decided(await submit('OCSP'));
    await until(() => heard.length > 0);
    await new Promise<void>((resolve) => {
      receiver.close(() => resolve());
      receiver.closeAllConnections();
    });
  });
});

async function addEndpoint(pf: OpenedPf, tenant: TenantId, url: string, now: EpochMillis): Promise<void> {
  const audit = { event: 'test', subject: 's', tenant, at: now };
  await pf.store.webhooks.insertEndpoint(
    {
      id: crypto.randomUUID(),
      tenant,
      url,
      events: WEBHOOK_EVENTS,
      state: 'enabled',
      revision: 1,
      secrets: [{ value: newWebhookSecret() }],
      createdAt: now,
      updatedAt: now,
    },
    100,
    audit,
  );
}
