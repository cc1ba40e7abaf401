import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClientKey } from '../../../src/adapters/keys/client-key.ts';
import { newWebhookSecret, signedHeaders } from '../../../src/adapters/webhook/signature.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { notRunUnless } from '../../support/not-run.ts';

const root = resolve(import.meta.dirname, '../../..');
const client = join(root, 'dist/src/client');
const runtimes = join(root, '.ci/runtimes/node_modules');
const RUNTIMES: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['Node', process.execPath, '--input-type=module', '-e'],
  ['Bun', join(runtimes, '@oven/bun-linux-x64/bin/bun'), '-e'],
  ['Deno', join(runtimes, '@deno/linux-x64-glibc/deno'), 'eval', '--no-config'],
];

/** Everything of the client that touches its surroundings: fetch, a repeated attempt, WebCrypto's HMAC and signature. */
const program = (url: string, secret: string, headers: object, key: object, body: string) => `
const { createSpClient, clientAssertions, isProblem } = await import('file://${client}/index.js');
const { verifyWebhook } = await import('file://${client}/webhooks.js');
const sp = createSpClient({ baseUrl: '${url}', bearer: 'jk_1' });
const made = await sp.createApplication({ body: new TextEncoder().encode('<届出/>'), name: '届出' }, { idempotencyKey: 'k' });
const refused = await sp.readApplication({ id: 'none' }).catch((thrown) => isProblem(thrown, 'http.not-found'));
const event = await verifyWebhook(new Headers(${JSON.stringify(headers)}), ${JSON.stringify(body)}, '${secret}');
const forged = await verifyWebhook(${JSON.stringify(headers)}, 'x', '${secret}').catch((thrown) => thrown.name);
const bearer = await clientAssertions({ clientId: 'me', key: ${JSON.stringify(key)}, audience: 'a' })();
console.log(JSON.stringify([made.state, refused, event.type, forged, bearer.split('.').length]));
`;

describe('jitsuin/client in the runtimes of its users', { timeout: 60_000 }, () => {
  let server: Server;
  let url: string;
  let attempts = 0;
  beforeAll(async () => {
    server = createServer((request, response) => {
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
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server?.close());

  const there = RUNTIMES.filter(([name, command]) => {
    if (existsSync(command)) return true;
    notRunUnless('JITSUIN_REQUIRE_RUNTIMES', `jitsuin/client in ${name}`, 'node scripts/get-runtimes.mjs');
    return false;
  });
  it.each(there)(
    '%s: calls, is refused, judges webhooks, signs assertions',
    async (_name, command, ...args) => {
      const secret = newWebhookSecret();
      const body =
        '{"type":"application.decided","timestamp":"2026-01-01T00:00:00Z","data":{"id":"a","state":"decided"}}';
      const headers = signedHeaders(
        { id: 'm-1', payload: body },
        [{ value: secret }],
        Date.now() as EpochMillis,
      );
      attempts = 0;
      const key = await generateClientKey('ES256');
      const child = spawn(command, [...args, program(url, secret, headers, { ...key }, body)], {
        env: { PATH: '/usr/bin' },
      });
      const said: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (piece: Buffer) => said.push(piece.toString()));
      await new Promise((closed) => child.once('close', closed));
      expect(said.join('').trim()).toBe('["opened",true,"application.decided","JitsuinWebhookRefused",3]');
    },
  );
});
