import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import type { AddressRules } from '../../../src/adapters/webhook/addresses.ts';
import { deliverWebhookJob } from '../../../src/adapters/webhook/deliver.ts';
import { newWebhookSecret } from '../../../src/adapters/webhook/signature.ts';
import { WEBHOOK_EVENTS, WEBHOOK_SCHEDULE } from '../../../src/contracts/webhooks.ts';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import type { WebhookEndpoint } from '../../../src/ports/webhook-store.ts';
import type { StoreHarness } from '../store/harness.ts';
import { application, NOTHING } from '../store/records.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a delivery does, on whichever engine its store is. */
export function webhookBehaviour(name: string, makeHarness: () => StoreHarness): void {
  describe(`webhooks on ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;
    let answer: (response: ServerResponse) => void;
    const received: Received[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response);
    });
    let url: string;
    const status =
      (code: number, headers: Readonly<Record<string, string>> = {}) =>
      (response: ServerResponse) =>
        void response.writeHead(code, headers).end();

    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    });
    beforeEach(async () => {
      harness = makeHarness();
      store = await harness.open();
      answer = status(204);
      received.length = 0;
    });
    afterEach(async () => {
      await store.close();
      await harness.end();
    });
    afterAll(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    const TENANT = 'tenant-a' as TenantId;
    const audit = { event: 'test', subject: 's', tenant: TENANT, at: 0 as EpochMillis };

    async function endpoint(fields: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> {
      const now = harness.clock.now();
      const made: WebhookEndpoint = {
        id: crypto.randomUUID(),
        ...{ tenant: TENANT, url, events: WEBHOOK_EVENTS, state: 'enabled', revision: 1 },
        ...{ secrets: [{ value: newWebhookSecret() }], createdAt: now, updatedAt: now },
        ...fields,
      };
      expect(await store.webhooks.insertEndpoint(made, 100, audit)).toBe('inserted');
      return made;
    }

    /** One application ends; gives the deliveries that came of it. */
    async function tell(tenant = TENANT): Promise<readonly string[]> {
      const record = { ...application(`w${received.length}${Math.trunc(performance.now() * 1000)}`), tenant };
      await store.applications.insert(record, NOTHING);
      const at = harness.clock.now();
      const data = { id: record.id, state: 'decided' };
      const next = { ...record, revision: record.revision + 1 };
      expect(
        await store.applications.update(next, {
          audit: [],
          notices: [{ type: 'application.decided', tenant, at, data }],
        }),
      ).toBe(true);
      const jobs = await store.kysely
        .selectFrom('jobs')
        .selectAll()
        .where('name', '=', 'deliver-webhook')
        .execute();
      return jobs.map(({ subject }) => subject);
    }

    function deliver(id: string, addresses: AddressRules = { loopback: 'allowed' }) {
      const { webhooks } = store;
      const run = deliverWebhookJob({
        webhooks,
        clock: harness.clock,
        log: silentLog,
        addresses,
        proxy: {},
        timeoutMillis: 300,
      });
      const signal = new AbortController().signal;
      return run({ id: 'j', name: 'deliver-webhook', version: 1, subject: id, attempt: 1, signal });
    }

    const first = (ids: readonly string[]): string => {
      const [id] = ids;
      if (id === undefined) throw new Error('nothing to deliver');
      return id;
    };

    describe('the outbox', () => {
      it('one delivery and job for each enabled endpoint of the tenant that wants the event, with the change itself', async () => {
        await endpoint();
        await endpoint({ url: `${url}/2`, events: ['application.failed'] });
        await endpoint({ url: `${url}/3`, state: 'disabled' });
        await endpoint({ tenant: 'tenant-b' as TenantId });
        const ids = await tell();
        expect(ids).toHaveLength(1);
        const delivery = await store.webhooks.getDelivery(first(ids));
        expect(Object.keys(JSON.parse(delivery?.payload ?? '{}').data).sort()).toEqual(['id', 'state']);
      });

      it('a change that lost its compare-and-set tells nobody', async () => {
        await endpoint();
        const record = { ...application('lost'), tenant: TENANT };
        await store.applications.insert(record, NOTHING);
        const notice = {
          type: 'application.decided',
          tenant: TENANT,
          at: harness.clock.now(),
          data: { id: record.id, state: 'decided' },
        } as const;
        expect(
          await store.applications.update({ ...record, revision: 9 }, { audit: [], notices: [notice] }),
        ).toBe(false);
        expect(await store.kysely.selectFrom('webhook_deliveries').selectAll().execute()).toEqual([]);
      });

      it('secrets are sealed at rest; the same URL is registered once', async () => {
        const made = await endpoint();
        const rows = await store.kysely.selectFrom('webhook_endpoints').selectAll().execute();
        expect(Buffer.from(rows[0]?.sealed_secrets ?? []).toString('latin1')).not.toContain(
          made.secrets[0]?.value.slice(6),
        );
        const again = { ...made, id: crypto.randomUUID() };
        expect(await store.webhooks.insertEndpoint(again, 100, audit)).toBe('exists');
        expect(await store.webhooks.getEndpoint(made.id, TENANT)).toEqual(made);
        expect(await store.webhooks.getEndpoint(made.id, 'tenant-b' as TenantId)).toBeUndefined();
      });

      it('a tenant’s endpoints are counted where they are written: two at once do not pass the limit', async () => {
        const tenant = `many-${crypto.randomUUID()}` as TenantId;
        const first = await endpoint({ tenant });
        const more = Array.from({ length: 6 }, (_, n) => ({
          ...first,
          ...{ id: crypto.randomUUID(), url: `${first.url}${n}` },
        }));
        const outcomes = await Promise.all(more.map((one) => store.webhooks.insertEndpoint(one, 3, audit)));
        expect(outcomes.filter((outcome) => outcome === 'inserted')).toHaveLength(2);
        expect(outcomes.filter((outcome) => outcome === 'too-many')).toHaveLength(4);
        expect(await store.webhooks.listEndpoints(tenant)).toHaveLength(3);
      });
    });

    describe('one attempt', () => {
      it('arrives signed, is verified by the standardwebhooks package, and is delivered once', async () => {
        harness.clock.millis = Date.now();
        const { secrets } = await endpoint();
        const id = first(await tell());
        expect(await deliver(id)).toEqual({ kind: 'done' });
        const [{ headers, body } = { headers: {}, body: '' }] = received;
        const verified = new Webhook(secrets[0]?.value ?? '').verify(body, headers as Record<string, string>);
        expect(verified).toMatchObject({ type: 'application.decided', data: { state: 'decided' } });
        expect(headers['webhook-id']).toBe(id);
        await deliver(id);
        expect(received).toHaveLength(1);
        expect(await store.webhooks.getDelivery(id)).toMatchObject({ state: 'delivered', attempts: 1 });
        expect(await store.webhooks.attempts(id)).toMatchObject([{ number: 1, status: 204 }]);
      });

      it.each([
        ['500', status(500), { status: 500 }],
        [
          'a redirect, which is not followed',
          status(302, { location: 'http://127.0.0.1:1/' }),
          { status: 302 },
        ],
        [
          'a redirect to itself',
          (response: ServerResponse) => void response.writeHead(307, { location: url }).end(),
          { status: 307 },
        ],
        ['nothing', () => undefined, { code: 'upstream.timeout' }],
        [
          'a cut connection',
          (response: ServerResponse) => void response.destroy(),
          { code: 'upstream.unreachable' },
        ],
      ])('%s: a failed attempt, sent once, tried again by the schedule', async (_name, reaction, outcome) => {
        await endpoint();
        answer = reaction;
        const id = first(await tell());
        const now = harness.clock.now();
        const silent = 'code' in outcome && outcome.code === 'upstream.timeout';
        const rest = silent ? { endpointRestsUntil: now + 30_000 } : {};
        expect(await deliver(id)).toEqual({ kind: 'later', notBefore: now + 5_000, ...rest });
        expect(received).toHaveLength(1);
        expect(await store.webhooks.attempts(id)).toMatchObject([{ number: 1, ...outcome }]);
        expect(await store.webhooks.getDelivery(id)).toMatchObject({ state: 'waiting' });
      });

      it.each([
        ['10 MB', (response: ServerResponse) => void response.writeHead(200).end(Buffer.alloc(10_000_000))],
        ['no end', (response: ServerResponse) => void response.writeHead(200).write('x')],
      ])('a 2xx with a body of %s is delivered: nobody reads the body', async (_name, reaction) => {
        await endpoint();
        answer = reaction;
        const id = first(await tell());
        expect(await deliver(id)).toEqual({ kind: 'done' });
        expect(await store.webhooks.getDelivery(id)).toMatchObject({ state: 'delivered' });
      });

      it.each([
        ['a private address without the flag', undefined],
        ['a name that is private by now', 'http://rebound.example/'],
      ])('%s: nothing is sent', async (_name, target) => {
        await endpoint(target === undefined ? {} : { url: target.replace('http:', 'https:') });
        const id = first(await tell());
        const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
        await deliver(id, { loopback: 'refused', resolve });
        expect(received).toHaveLength(0);
        expect(await store.webhooks.attempts(id)).toMatchObject([{ number: 1, code: 'webhook.address' }]);
      });

      it('410 switches the endpoint off', async () => {
        const { id: endpointId } = await endpoint();
        answer = status(410);
        const id = first(await tell());
        expect(await deliver(id)).toEqual({ kind: 'done' });
        expect(await store.webhooks.getEndpoint(endpointId, TENANT)).toMatchObject({ state: 'gone' });
        expect(await store.webhooks.getDelivery(id)).toMatchObject({ state: 'failed' });
        expect(await tell()).toHaveLength(1);
      });

      it('a disabled endpoint is sent nothing; the delivery is dropped', async () => {
        const made = await endpoint();
        const id = first(await tell());
        await store.webhooks.updateEndpoint({ ...made, state: 'disabled', revision: 2 }, audit);
        expect(await deliver(id)).toEqual({ kind: 'done' });
        expect(received).toHaveLength(0);
        expect(await store.webhooks.getDelivery(id)).toMatchObject({ state: 'dropped', attempts: 0 });
      });
    });

    describe('the schedule', () => {
      it('is fixed and bounded: every wait as printed, then failed; a replay begins it anew', async () => {
        await endpoint();
        answer = status(503);
        const id = first(await tell());
        const waits: number[] = [];
        for (let round = 0; round < 50; round += 1) {
          const before = harness.clock.now();
          const outcome = await deliver(id);
          if (outcome.kind === 'done') break;
          waits.push(outcome.notBefore - before);
          harness.clock.millis = outcome.notBefore;
        }
        expect(waits).toEqual(WEBHOOK_SCHEDULE.slice(1));
        expect(received).toHaveLength(WEBHOOK_SCHEDULE.length);
        const failed = await store.webhooks.getDelivery(id);
        expect(failed).toMatchObject({ state: 'failed', attempts: WEBHOOK_SCHEDULE.length });
        if (failed === undefined) return;
        expect(await store.webhooks.replay(failed, harness.clock.now(), audit)).toBe(true);
        expect(await store.webhooks.replay(failed, harness.clock.now(), audit)).toBe(false);
        expect(await deliver(id)).toMatchObject({ kind: 'later', notBefore: harness.clock.now() + 5_000 });
        answer = status(200);
        await deliver(id);
        expect(await store.webhooks.getDelivery(id)).toMatchObject({ state: 'delivered', attempts: 12 });
        const jobs = await store.kysely.selectFrom('jobs').selectAll().where('subject', '=', id).execute();
        expect(jobs).toHaveLength(2);
      });

      it('two runs at once: one attempt is kept', async () => {
        await endpoint();
        const id = first(await tell());
        await Promise.all([deliver(id), deliver(id)]);
        expect(await store.webhooks.attempts(id)).toHaveLength(1);
        expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
      });

      it('ended deliveries are forgotten by their clock with their attempts; what waits stays', async () => {
        await endpoint();
        const done = first(await tell());
        await deliver(done);
        answer = status(503);
        const [waiting = ''] = (await tell()).filter((id) => id !== done);
        await deliver(waiting);
        const at = harness.clock.now();
        expect(await store.webhooks.purge(at)).toBe(0);
        harness.clock.millis += 1;
        expect(await store.webhooks.purge(harness.clock.now())).toBe(1);
        expect(await store.webhooks.getDelivery(done)).toBeUndefined();
        expect(await store.webhooks.attempts(done)).toEqual([]);
        expect(await store.webhooks.getDelivery(waiting)).toMatchObject({ state: 'waiting' });
        expect(await store.webhooks.attempts(waiting)).toHaveLength(1);
      });
    });
  });
}
