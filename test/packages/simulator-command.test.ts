import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
let tarball = '';
const jwk = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid: '1',
};
const client = {
  clientId: 'app-1',
  variant: 'private',
  redirectUris: ['http://localhost:3000/cb'],
  jwks: jwk,
};

beforeAll(() => {
  const packed = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  const answer = JSON.parse(packed.stdout);
  const [{ filename }] = Array.isArray(answer) ? answer : Object.values<{ filename: string }>(answer);
  tarball = join(folder, filename);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('the composite action, as a runner of GitHub starts it', { timeout: 300_000 }, () => {
  const action = parse(readFileSync(join(root, 'samples/simulator/action.yml'), 'utf8'));

  it('has the members that a composite action has, and names no input that it does not declare', () => {
    expect(action.runs.using).toBe('composite');
    for (const step of action.runs.steps) expect(step.shell).toBe('bash');
    const text = JSON.stringify(action.runs);
    const used = [...text.matchAll(/\$\{\{ *inputs\.([a-z-]+) *\}\}/g)].map(([, name]) => name);
    expect(used.sort()).toEqual(Object.keys(action.inputs).sort());
    // no input stands in the script itself, where it could be more than a value
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
  });

  it('installs the package, answers, refuses in words, and keeps what was registered', async () => {
    const [{ run }] = action.runs.steps;
    const port = String(await freePort());
    const output = join(folder, 'output');
    const clients = join(folder, 'clients.json');
    writeFileSync(output, '');
    const env = { ...process.env, PACKAGE: tarball, PORT: port, CLIENTS: clients, SEED: 'ci' };
    const runner = { RUNNER_TEMP: folder, GITHUB_OUTPUT: output };
    const done = spawnSync('bash', ['-e', '-c', run], {
      env: { ...env, ...runner },
      encoding: 'utf8',
      cwd: folder,
    });
    try {
      expect(done.status, done.stdout + done.stderr).toBe(0);
      const { url, log } = Object.fromEntries(
        readFileSync(output, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(/=(.*)/s)),
      );
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(client);
      expect((await fetch(`${url}/simulator/clients`, { method: 'POST', headers, body })).status).toBe(201);
      expect(JSON.parse(readFileSync(clients, 'utf8'))[0].clientId).toBe('app-1');
      const page = await (await fetch(`${url}/`)).text();
      expect(page).toContain('app-1');
      await fetch(`${url}/api/realms/main/protocol/openid-connect/auth?client_id=nobody`);
      expect(readFileSync(log, 'utf8')).toContain('client_id: it is "nobody"');
    } finally {
      const pid = join(folder, 'jitsuin-simulator.pid');
      if (existsSync(pid)) process.kill(Number(readFileSync(pid, 'utf8')));
    }
  });
});

describe('jitsuin simulator', { timeout: 60_000 }, () => {
  const main = join(root, 'dist/src/cli/main.js');
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const child of started) child.kill();
  });

  async function start(file: string) {
    const child = spawn(process.execPath, [main, 'simulator', '--port', '0', '--json', '--clients', file], {
      cwd: folder,
    });
    started.push(child);
    for await (const chunk of child.stdout) {
      const { url } = JSON.parse(String(chunk).split('\n')[0] ?? '{}');
      return { url: String(url), child };
    }
    throw new Error('It ended.');
  }

  it('keeps registered clients over a restart', async () => {
    const file = join(folder, 'kept.json');
    writeFileSync(file, JSON.stringify(client));
    const first = await start(file);
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ ...client, clientId: 'app-2' });
    await fetch(`${first.url}/simulator/clients`, { method: 'POST', headers, body });
    first.child.kill();
    const second = await start(file);
    const listed = (await (await fetch(`${second.url}/simulator/clients`)).json()) as { clientId: string }[];
    expect(listed.map(({ clientId }) => clientId)).toEqual(['app-1', 'app-2']);
  });

  it('answers after less than 2 s: of a processor, whatever else this machine does meanwhile', async () => {
    const { url, child } = await start(join(folder, 'none.json'));
    expect((await fetch(`${url}/api/realms/main/.well-known/openid-configuration`)).status).toBe(200);
    const [, times = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ');
    const [user, system] = times.split(' ').slice(11, 13).map(Number);
    const seconds = ((user ?? Number.NaN) + (system ?? Number.NaN)) / 100;
    process.stdout.write(`jitsuin simulator answers after ${seconds} s of a processor\n`);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(2);
  });

  it('does not start with a client that could never work', () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, JSON.stringify({ ...client, redirectUris: ['https://a.example/#x'] }));
    const done = spawnSync(process.execPath, [main, 'simulator', '--port', '0', '--clients', file], {
      encoding: 'utf8',
    });
    expect([done.status, done.stderr]).toEqual([
      2,
      expect.stringContaining('redirectUris.0: it has a fragment'),
    ]);
  });
});
