import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../../src/cli/applications/listen.ts';
import { verifyWebhook } from '../../../src/client/webhooks.ts';
import { type RpWorld, startRpWorld, submitted } from '../rp/world.ts';

describe('jitsuin listen', { timeout: 30_000 }, () => {
  const received: { headers: Record<string, string>; body: string }[] = [];
  let world: RpWorld;
  let server: Server;
  beforeAll(async () => {
    world = await startRpWorld('sp');
    server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += String(piece);
      received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(received.length === 1 ? 503 : 204).end();
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
  });
  afterAll(async () => {
    server?.close();
    await world?.close();
  });

  it('tells of what ends while it listens, signed by the secret that it printed; what ended before is history', async () => {
    const cancel = async (id: string) =>
      fetch(`${world.url}/v1/applications/${id}/cancel`, {
        method: 'POST',
        headers: { authorization: `bearer ${world.apiKey}` },
      });
    const [before, open] = [await submitted(world, '<a/>'), await submitted(world, '<b/>')];
    await cancel(before.id);
    const stop = new AbortController();
    let said = '';
    const io = {
      stdout: (text: string) => {
        said += text;
      },
      stderr: () => undefined,
      isTty: false,
      env: { JITSUIN_URL: world.url, JITSUIN_API_KEY: world.apiKey },
      signal: stop.signal,
    };
    const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
    const running = listen.run(['--to', to], io);
    await expect.poll(() => said).toContain('secret: whsec_');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const fresh = await submitted(world, '<c/>');
    await cancel(open.id);
    await cancel(fresh.id);
    await expect.poll(() => said, { timeout: 10_000 }).toContain(`application.cancelled  ${fresh.id}  → 204`);
    stop.abort();
    expect(await running).toBe(0);
    const secret = /secret: (\S+)/.exec(said)?.[1] ?? '';
    const events = await Promise.all(
      received.map(({ headers, body }) => verifyWebhook(headers, body, secret)),
    );
    expect(events.map(({ data }) => data.id)).toEqual([open.id, open.id, fresh.id]);
    expect(events[0]?.id).toBe(events[1]?.id);
    expect(said).not.toContain(before.id);
  });
});
