import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { createGovClient } from '../../../src/client/index.ts';
import { verifyWebhook } from '../../../src/client/webhooks.ts';
import { freePorts } from '../../support/ports.ts';
import { sign } from '../rp/world.ts';

const JITSUIN = resolve(import.meta.dirname, '../../../dist/src/cli/main.js');
if (!existsSync(JITSUIN)) throw new Error('run "npm run build" first');
const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<申込><氏名>模擬 太郎</氏名></申込>\n';
const WAIT = { timeout: 60_000, interval: 50 };

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-new-developer-'));
const children: ChildProcess[] = [];
let receiver: Server | undefined;
afterAll(async () => {
  const ends = children.map((child) => new Promise((ended) => child.once('exit', ended)));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ends);
  receiver?.closeAllConnections();
  receiver?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program in the developer's folder with nothing of ours in its environment; waits for what it says. */
async function started(args: readonly string[], says?: RegExp): Promise<string> {
  const child = spawn(process.execPath, [JITSUIN, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  if (says === undefined) {
    const status = await ended;
    if (status !== 0) throw new Error(`jitsuin ${args.join(' ')} ended with ${status}: ${said}`);
    return said;
  }
  children.push(child);
  await expect.poll(() => says.test(said) || child.exitCode !== null, WAIT).toBe(true);
  if (child.exitCode !== null) throw new Error(`jitsuin ${args.join(' ')} ended: ${said}`);
  return said;
}

describe('a new developer, from an empty folder', { timeout: 180_000 }, () => {
  const begun = performance.now();
  const times: string[] = [];
  const passed = (what: string) =>
    times.push(`${((performance.now() - begun) / 1000).toFixed(1)} s  ${what}`);

  it('makes a world, hands an application in, signs it as its citizen, and is told by webhook that it is decided', async () => {
    const [simulator = 0, gov = 0, ...consoles] = await freePorts(5);
    const url = `http://localhost:${gov}`;
    const ports = consoles.join(',');
    const urls = [`--simulator-url=http://localhost:${simulator}`, `--gov-url=${url}`];
    await started(['init', '--dir', 'world', ...urls, `--console-ports=${ports}`]);
    passed('jitsuin init: a world with keys');

    await started(['serve', '--role', 'simulator', '--env-file', 'world/simulator.env'], /runs/);
    await started(['serve', '--role', 'gov', '--with-worker', '--env-file', 'world/gov.env'], /runs/);
    passed('jitsuin serve: the simulator and an agency with its worker run');

    const got: { readonly headers: Record<string, string>; readonly body: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += String(piece);
      got.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    receiver = server;
    await new Promise((listening) => server.once('listening', listening));
    const apiKey = readFileSync(join(folder, 'world/gov-api-key.txt'), 'utf8').trim();
    const client = createGovClient({ baseUrl: url, bearer: apiKey });
    const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const { secret } = await client.createWebhookEndpoint({ body: { url: hook } });
    passed('a webhook endpoint is registered');

    const application = await client.createApplication({ body: Buffer.from(DOCUMENT) });
    passed('an application is handed in');
    await sign(new Browser(), String(application.sign_url));
    passed('the citizen has signed');

    await expect.poll(() => got.length, WAIT).toBe(1);
    const [{ headers, body } = { headers: {}, body: '' }] = got;
    const event = await verifyWebhook(headers, body, secret);
    expect(event).toMatchObject({ type: 'application.decided', data: { id: application.id } });
    passed('the webhook came, and its signature is right');
    const { verdict } = await client.readApplication({ id: application.id });
    expect(verdict?.indication).toBe('TOTAL-PASSED');
    passed('TOTAL-PASSED');
    process.stdout.write(
      `a new developer, from an empty folder:\n${times.map((one) => `  ${one}\n`).join('')}`,
    );
  });
});
