import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCsv } from '../../src/cli/applications/csv.ts';
import { Browser } from '../../src/cli/demo/browser.ts';
import { createSpClient, each } from '../../src/client/index.ts';
import { type CitizenWorld, startCitizenWorld } from '../browser/support/citizen-world.ts';
import { sign } from '../integration/rp/world.ts';

const root = resolve(import.meta.dirname, '../..');
const DOCUMENTS = 24;
/** Where a kill hits: before the server has the request, when it has answered and nobody heard, after the answer went on. */
const POINTS = ['before', 'unheard', 'after'] as const;

describe('jitsuin applications: a batch that is killed', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-batch-'));
  const table = join(folder, 'links.csv');
  let world: CitizenWorld;
  let proxy: Server;
  let url: string;
  let child: ChildProcess | undefined;
  let kill: { readonly at: number; readonly point: (typeof POINTS)[number] } | undefined;
  let posts = 0;

  beforeAll(async () => {
    world = await startCitizenWorld({ JITSUIN_TENANT_RATE: '5' });
    proxy = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        if (request.method === 'POST') posts += 1;
        const hit = request.method === 'POST' && kill?.at === posts ? kill.point : undefined;
        if (hit === 'before') return void child?.kill('SIGKILL');
        const headers = { ...request.headers } as Record<string, string>;
        for (const name of ['host', 'connection', 'content-length', 'transfer-encoding'])
          delete headers[name];
        const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
        const method = request.method ?? 'GET';
        const answer = await fetch(`${world.url}${request.url}`, { method, headers, ...body });
        const octets = Buffer.from(await answer.arrayBuffer());
        if (hit === 'unheard') return void child?.kill('SIGKILL');
        response.writeHead(
          answer.status,
          Object.fromEntries(
            [...answer.headers].filter(
              ([name]) => !/^(content-length|connection|transfer-encoding|content-encoding)$/.test(name),
            ),
          ),
        );
        response.end(octets, () => hit === 'after' && child?.kill('SIGKILL'));
      })().catch(() => response.destroy());
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => proxy.once('listening', listening));
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    mkdirSync(join(folder, 'in'));
    for (let number = 1; number <= DOCUMENTS; number += 1)
      writeFileSync(join(folder, 'in', `order-${number}.xml`), `<届出><番号>${number}</番号></届出>`);
  });
  afterAll(async () => {
    proxy?.close();
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(...args: readonly string[]): Promise<{ status: number | null; said: string }> {
    const program = join(root, 'dist/src/cli/main.js');
    const { PATH = '' } = process.env;
    child = spawn(process.execPath, [program, 'applications', ...args], {
      env: { PATH, JITSUIN_URL: url, JITSUIN_API_KEY: world.apiKey },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (piece: Buffer) => (said += piece.toString()));
    const status = await new Promise<number | null>((closed) => child?.once('close', closed));
    return { status, said };
  }
  const rows = () => parseCsv(readFileSync(table, 'utf8')).slice(1);

  it('killed at any point, every document is submitted once, and the table has a line for each', async () => {
    const submit = () => run('submit', join(folder, 'in'), '--out', table, '--concurrency', '3');
    for (const [index, at] of [1, 2, 5, 9, 3, 6].entries()) {
      kill = { at, point: POINTS[index % 3] ?? 'before' };
      posts = 0;
      expect((await submit()).status).toBe(null);
    }
    kill = undefined;
    const { status, said } = await submit();
    expect(said).toMatch(new RegExp(`refused, of ${DOCUMENTS}\\n$`));
    expect(status).toBe(0);
    const client = createSpClient({ baseUrl: world.url, bearer: world.apiKey });
    const there: string[] = [];
    for await (const { external_id } of each(client.listApplications, { limit: 100 }))
      there.push(external_id ?? '');
    expect(there).toHaveLength(DOCUMENTS);
    expect(new Set(there).size).toBe(DOCUMENTS);
    expect(new Set(rows().map(([name]) => name))).toEqual(new Set(there));
    expect(rows()).toHaveLength(DOCUMENTS);
    expect(rows().every((row) => (row[5] ?? '').startsWith(`${world.url}/applications/`))).toBe(true);
    expect(statSync(table).mode & 0o077).toBe(0);
  });

  it('sent again nothing is sent; a document that changed under its name stops it', async () => {
    posts = 0;
    expect(await run('submit', join(folder, 'in'), '--out', table)).toMatchObject({ status: 0 });
    expect(posts).toBe(0);
    const file = join(folder, 'in/order-1.xml');
    const before = readFileSync(file);
    writeFileSync(file, '<another/>');
    const { status, said } = await run('submit', join(folder, 'in'), '--out', table);
    expect([status, posts]).toEqual([2, 0]);
    expect(said).toContain('order-1');
    writeFileSync(file, before);
  });

  it('waits for all, and fetches the receipts of what was decided', async () => {
    const [first, second, ...others] = rows();
    for (const row of [first, second]) await sign(new Browser(), row?.[5] ?? '');
    const client = createSpClient({
      baseUrl: world.url,
      bearer: world.apiKey,
      attempts: 100,
      totalMillis: 120_000,
    });
    for (const row of others) await client.cancelApplication({ id: row[4] ?? '' });
    const waited = await run('wait', table, '--every-seconds', '0.2');
    expect(waited).toMatchObject({ status: 1 });
    expect(waited.said).toContain(`${DOCUMENTS} of ${DOCUMENTS} have ended, 2 with TOTAL-PASSED`);
    const out = join(folder, 'receipts');
    expect(await run('fetch', table, '--out', out)).toMatchObject({ status: 0 });
    expect(new Set(readdirSync(out))).toEqual(
      new Set([first, second].map((row) => `${row?.[0]}.receipt.jws`)),
    );
    expect(readFileSync(join(out, `${first?.[0]}.receipt.jws`), 'utf8')).toMatch(/^eyJ/);
  });
});
