import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliverWebhookJob } from '../../../src/adapters/webhook/deliver.ts';
import { WEBHOOK_SCHEDULE } from '../../../src/contracts/webhooks.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Job } from '../../../src/ports/job-queue.ts';
import type {
  WebhookAttempt,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookStore,
} from '../../../src/ports/webhook-store.ts';

const NOW = 1_790_000_000_000 as EpochMillis;
const DAY = 86_400_000;
let answer: (response: ServerResponse) => void = (response) => response.end();
const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => answer(response));
});
beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  receiver.closeAllConnections();
  return new Promise((resolve) => receiver.close(resolve));
});

/** One attempt against the receiver: what was settled, and what the queue is told. */
async function attempted(answers: (response: ServerResponse) => void) {
  answer = answers;
  const settled: { state: string; attempt: WebhookAttempt | undefined }[] = [];
  const delivery = {
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    endpointId: 'e',
    tenant: 't',
    state: 'waiting',
    payload: '{}',
    attempts: 0,
    replayedAt: 0,
  } as object as WebhookDelivery;
  const endpoint = {
    id: 'e',
    tenant: 't',
    state: 'enabled',
    revision: 1,
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    secrets: [{ value: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }],
  } as object as WebhookEndpoint;
  const webhooks = {
    getDelivery: async () => delivery,
    getEndpoint: async () => endpoint,
    settle: async (_delivery: unknown, state: string, _now: unknown, attempt?: WebhookAttempt) => {
      settled.push({ state, attempt });
      return true;
    },
    updateEndpoint: async () => true,
  } as object as WebhookStore;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const job = deliverWebhookJob({
    webhooks,
    clock: { now: () => NOW },
    log,
    addresses: { loopback: 'allowed' },
    proxy: {},
  });
  const outcome = await job({ subject: delivery.id, version: 1 } as object as Job);
  return { outcome, settled };
}

describe('an answer to a webhook', () => {
  it('of 2xx delivers, however long its body is', async () => {
    const { outcome, settled } = await attempted((response) => {
      response.writeHead(200);
      const endless = () => {
        while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
      };
      response.on('drain', endless);
      response.on('error', () => undefined);
      endless();
    });
    expect(outcome).toEqual({ kind: 'done' });
    expect(settled).toMatchObject([{ state: 'delivered', attempt: { status: 200 } }]);
  });

  const FIRST_WAIT = WEBHOOK_SCHEDULE[1] ?? 0;
  it.each([
    ['none', undefined, FIRST_WAIT],
    ['sooner than the schedule', '1', FIRST_WAIT],
    ['later', '3600', 3_600_000],
    ['a date', new Date(NOW + 7_200_000).toUTCString(), 7_200_000],
    ['for ever', '999999999', DAY],
    ['nonsense', 'soon', FIRST_WAIT],
    ['negative', '-5', FIRST_WAIT],
  ])('503 with Retry-After: %s', async (_name, header, wait) => {
    const { outcome, settled } = await attempted((response) => {
      response.writeHead(503, header === undefined ? {} : { 'retry-after': header }).end();
    });
    expect(settled).toMatchObject([{ state: 'waiting', attempt: { status: 503 } }]);
    expect(outcome).toEqual({ kind: 'later', notBefore: NOW + wait });
  });
});
