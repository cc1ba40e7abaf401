import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld } from '../../src/cli/world/create-world.ts';
import type { World } from '../../src/cli/world/world-options.ts';
import { visitConsole } from '../support/console-visit.ts';
import { freePorts } from '../support/ports.ts';

const root = resolve(import.meta.dirname, '../..');
const SP = join(root, 'dist/sp/src/cli/sp-main.js');
const JITSUIN = join(root, 'dist/src/cli/main.js');
if (!existsSync(SP)) throw new Error('run "npm run build" first');

const NOT_AT_AN_SP =
  /(^|\/)src\/(verifier|verification|pf|simulator)\/|\/adapters\/revocation\/|\/keys\/pf-|\/(roles|workers)\/(gov|pf)\/|node_modules\/(pkijs|asn1js|xml-crypto|@peculiar)\/|jose\/.*decrypt/;

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-loaded-'));
let world: World;
let spUrl = '';
let consoleOrigin = '';
/** In one case alone: a console brings the passkey library with it. */
let consoleSettings: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  const [simulator = 0, sp = 0, gov = 0, pf = 0, console = 0] = await freePorts(5);
  const url = (port: number) => `http://localhost:${port}`;
  spUrl = url(sp);
  world = await createWorld({
    dir: join(folder, 'world'),
    seed: 'loaded',
    host: '127.0.0.1',
    simulatorUrl: url(simulator),
    spUrl,
    govUrl: url(gov),
    pfUrl: url(pf),
  });
  consoleOrigin = url(console);
  consoleSettings = { JITSUIN_CONSOLE_PORT: String(console) };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a process, lets `act` use it, ends it, and gives every file that it loaded: V8 writes them down at the end. */
async function loadedBy(
  args: readonly string[],
  ready: RegExp,
  act: (exited: Promise<void>) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const coverage = mkdtempSync(join(folder, 'coverage-'));
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', NODE_V8_COVERAGE: coverage, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  try {
    await said(child, ready);
    await act(exited);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
  const urls = readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url);
  });
  return [...new Set(urls)]
    .filter((url) => url.startsWith('file:'))
    .map((url) => relative(root, fileURLToPath(url)).replaceAll('\\', '/'));
}

function said(child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((done, failed) => {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (ready.test(text)) done();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('exit', (status) => failed(new Error(`ended with ${status}: ${text}`)));
  });
}

const PATHS = ['/', '/livez', '/readyz', '/openapi.json', '/docs', '/assets/tokens.css', '/verify'];

/** What people and programs ask of an sp; each path with what it answers without a right to it. */
async function askEverything(): Promise<void> {
  const statuses: string[] = [];
  for (const path of PATHS) {
    const answer = await fetch(`${spUrl}${path}`, { redirect: 'manual' });
    statuses.push(`${path} ${answer.status}`);
  }
  expect(statuses).toEqual(expect.arrayContaining(['/livez 200', '/assets/tokens.css 200']));
  // whether it can do the work hangs on the worker, which runs beside it in none of these tests and before it in some
  expect(statuses.find((line) => line.startsWith('/readyz '))).toMatch(/ (?:200|503)$/);
  const submitted: Response = await fetch(`${spUrl}/v1/applications`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${world.spApiKey}`,
      'Content-Type': 'application/xml',
      'Idempotency-Key': randomUUID(),
    },
    body: readFileSync(join(root, 'samples/applications/xx-city-zz-application.xml')),
  });
  expect(submitted.status).toBe(201);
}

/** Every page of the console, as an administrator has them, and what its forms do. */
async function askConsole(): Promise<void> {
  await askEverything();
  const env = Object.fromEntries(
    readFileSync(world.envFiles.sp, 'utf8')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const visit = await visitConsole('sp', consoleOrigin, { ...env, ...consoleSettings }, 'administrator');
  const menu = [...(await visit.page('/console/records')).matchAll(/href="(\/console\/[\w-]+)"/g)];
  const pages = [...new Set(menu.map(([, path = '']) => path))];
  expect(pages.length).toBeGreaterThan(9);
  for (const path of [...pages, '/console/openapi.json'])
    expect([path, (await visit.ask(path)).status]).toEqual([path, 200]);
  const made = await visit.ask('/console/api-keys', {
    tenant: 'partner',
    'scope-read': '1',
  });
  expect([200, 303]).toContain(made.status);
  expect((await visit.ask('/console/audit/verify', {})).status).toBeLessThan(400);
}

const askNothing = (): Promise<void> => Promise.resolve();
/** Of what ends by itself: a signal before its end would keep V8 from writing. */
const itsEnd = (exited: Promise<void>): Promise<void> => exited;
const PARTS: readonly (readonly [string, RegExp, () => Promise<void>])[] = [
  ['serve', /sp serve runs/, askEverything],
  ['worker', /sp worker runs/, askNothing],
];
const ours = (files: readonly string[]) => files.filter((file) => !file.startsWith('node_modules/'));

describe('what a started process of an sp has loaded', { timeout: 90_000 }, () => {
  it.each(PARTS)(
    'jitsuin-sp %s: files of its build output alone, none of a verifier',
    async (verb, ready, act) => {
      const files = await loadedBy([SP, verb, '--env-file', world.envFiles.sp], ready, act);
      expect(ours(files).length).toBeGreaterThan(100);
      expect(
        ours(files).filter((file) => !existsSync(join(root, file)) || !file.startsWith('dist/sp/')),
      ).toEqual([]);
      expect(files.filter((file) => NOT_AT_AN_SP.test(file))).toEqual([]);
    },
  );

  it('with somebody at its console: the passkey library with its own parsers, and still nothing of a verifier', async () => {
    const args = [SP, 'serve', '--env-file', world.envFiles.sp];
    const files = await loadedBy(args, /sp serve runs/, askConsole, consoleSettings);
    const passkeys = /node_modules\/(@simplewebauthn|@peculiar|asn1js)\//;
    expect(files.filter((file) => /@simplewebauthn/.test(file)).length).toBeGreaterThan(5);
    expect(files.filter((file) => NOT_AT_AN_SP.test(file) && !passkeys.test(file))).toEqual([]);
    expect(ours(files).filter((file) => !file.startsWith('dist/sp/'))).toEqual([]);
  });

  it('jitsuin serve --role sp: none of a verifier either, since commands are loaded when asked for', async () => {
    const args = [JITSUIN, 'serve', '--role', 'sp', '--env-file', world.envFiles.sp];
    const files = await loadedBy(args, /sp serve runs/, askEverything);
    expect(ours(files).length).toBeGreaterThan(100);
    expect(files.filter((file) => NOT_AT_AN_SP.test(file))).toEqual([]);
  });

  it('is really looked at: a pf has what an sp may not have', async () => {
    const args = [JITSUIN, 'serve', '--role', 'pf', '--env-file', world.envFiles.pf];
    const files = await loadedBy(args, /pf serve runs/, askNothing);
    expect(files.filter((file) => NOT_AT_AN_SP.test(file)).length).toBeGreaterThan(50);
  });

  it('jitsuin --version loads a handful', async () => {
    const files = await loadedBy([JITSUIN, '--version'], /\d/, itsEnd);
    expect(ours(files).length).toBeLessThan(20);
  });

  it('asks after its health with next to nothing: containers do so every few seconds', async () => {
    const args = [SP, 'health', '--url', 'http://127.0.0.1:1/readyz'];
    const loaded = await loadedBy(args, /does not answer/, itsEnd);
    expect(loaded).toContain('dist/sp/src/cli/health.js');
    expect(loaded.filter((file) => /node_modules|\/config\/variables\//.test(file))).toEqual([]);
    expect(loaded.length).toBeLessThan(25);
  });
});
