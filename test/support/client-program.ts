import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateClientKey } from '../../src/adapters/keys/client-key.ts';
import { newWebhookSecret, signedHeaders } from '../../src/adapters/webhook/signature.ts';
import type { EpochMillis } from '../../src/core/brand.ts';

/** What the program says in every runtime. */
export const CLIENT_SAYS = '["opened",true,"application.decided","JitsuinWebhookRefused",3]';

/** An sp for the client: every other request is 503 first, reading is 404. It lets pages of other origins call it. */
export async function startClientServer() {
  let attempts = 0;
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    attempts += 1;
    const problem = (status: number, code: string) =>
      response
        .writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '0' })
        .end(JSON.stringify({ type: 'urn:x', title: 'x', status, code }));
    if (request.method === 'GET') problem(404, 'http.not-found');
    else if (attempts % 2 === 1) problem(503, 'store.unavailable');
    else response.writeHead(201, { 'content-type': 'application/json' }).end('{"state":"opened"}');
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    restart: () => {
      attempts = 0;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Everything of the client that touches its surroundings: fetch, a repeated attempt, WebCrypto's HMAC and signature.
 * @param client folder or package from which it is imported
 * @returns the body of an async function that returns what it found as text
 */
export async function clientProgram(url: string): Promise<string> {
  const secret = newWebhookSecret();
  const body =
    '{"type":"application.decided","timestamp":"2026-01-01T00:00:00Z","data":{"id":"a","state":"decided"}}';
  const headers = JSON.stringify(
    signedHeaders({ id: 'm-1', payload: body }, [{ value: secret }], Date.now() as EpochMillis),
  );
  const key = JSON.stringify({ ...(await generateClientKey('ES256')) });
  return `
const sp = createSpClient({ baseUrl: '${url}', bearer: 'jk_1' });
const made = await sp.createApplication(
  { body: new TextEncoder().encode('<届出/>'), name: '届出' }, { idempotencyKey: 'k' });
const refused = await sp.readApplication({ id: 'none' }).catch((thrown) => isProblem(thrown, 'http.not-found'));
const event = await verifyWebhook(new Headers(${headers}), ${JSON.stringify(body)}, '${secret}');
const forged = await verifyWebhook(${headers}, 'x', '${secret}').catch((thrown) => thrown.name);
const bearer = await clientAssertions({ clientId: 'me', key: ${key}, audience: 'a' })();
return JSON.stringify([made.state, refused, event.type, forged, bearer.split('.').length]);`;
}

/** The names that the program uses, imported from a folder of the built client. */
export function clientImports(folder: string): string {
  return `import { clientAssertions, createSpClient, isProblem } from '${folder}/index.js';
import { verifyWebhook } from '${folder}/webhooks.js';`;
}
