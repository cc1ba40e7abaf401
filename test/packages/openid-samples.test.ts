import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateClientKey, publicClientKey } from '../../src/adapters/keys/client-key.ts';
import { Browser, type Page } from '../../src/cli/demo/browser.ts';
import { type CitizenChoice, driveCitizen } from '../../src/simulator/citizen.ts';
import type { Simulator } from '../../src/simulator/options.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { blocksOf } from '../docs/support/blocks.ts';
import { root, type SampleProcess, startSample } from '../integration/samples/sample-process.ts';
import { notRunUnless } from '../support/not-run.ts';
import { freePorts } from '../support/ports.ts';

/** Apps of a stranger: libraries from the registry in a folder of their own, nothing of ours in them. */
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-openid-'));
const online = spawnSync('npm', ['ping'], { timeout: 30_000 }).status === 0;
if (!online)
  notRunUnless('JITSUIN_REQUIRE_REGISTRY', 'samples/openid', 'npm ping fails; a registry is needed');
const running: SampleProcess[] = [];
let simulator: Simulator;
const observed: string[] = [];

beforeAll(async () => {
  simulator = await startSimulator({
    seed: 'samples',
    now: () => Date.now() as never,
    heard: ({ explanation }) => explanation !== undefined && observed.push(explanation.parameter),
  });
});
afterAll(async () => {
  for (const app of running) await app.stop();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
}, 600_000);
beforeEach(() => void observed.splice(0));

interface App {
  readonly url: string;
  readonly clientId: string;
}

function installed(sample: string): string {
  const cwd = join(folder, sample);
  cpSync(join(root, 'samples/openid', sample), cwd, { recursive: true });
  const done = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(done.stderr);
  return cwd;
}

async function started(sample: string, command: readonly string[], back = '/callback'): Promise<App> {
  const [port = 0] = await freePorts(1);
  const [url, clientId] = [`http://localhost:${port}`, `app-${port}`];
  const cwd = join(folder, sample);
  const key = await generateClientKey('ES256');
  const keyFile = join(cwd, `${clientId}.json`);
  writeFileSync(keyFile, JSON.stringify({ environment: 'test', active: key.kid, keys: [key] }), {
    mode: 0o600,
  });
  simulator.registerClient({
    ...{ clientId, variant: 'private' as const, redirectUris: [`${url}${back}`] },
    ...{
      jwks: { keys: [publicClientKey(key)] },
      backchannelLogoutUri: `http://127.0.0.1:${port}/backchannel-logout`,
    },
  });
  const env = { ISSUER: simulator.issuer, CLIENT_ID: clientId, APP_URL: url, PORT: String(port) };
  const [program = '', ...args] = command.map((word) => word.replace('PORT', String(port)));
  const app = startSample(
    program,
    args,
    { ...env, CLIENT_KEY_FILE: keyFile, NEXT_TELEMETRY_DISABLED: '1' },
    cwd,
  );
  running.push(app);
  await app.says(/listening on|Ready in/);
  return { url, clientId };
}

const me = async (browser: Browser, { url }: App) => {
  const { status, html } = await browser.open(`${url}/me`);
  return { status, ...(JSON.parse(html) as { sub?: string; name?: string; birthdate?: string }) };
};

async function callbackOf(browser: Browser, { url }: App, choice: CitizenChoice): Promise<string> {
  return driveCitizen((await browser.open(`${url}/login`)).location ?? '', choice);
}

/** What every one of them does with openid-client. */
async function walk(app: App): Promise<void> {
  const browser = new Browser();
  expect((await me(browser, app)).status).toBe(401);
  const callback = await callbackOf(browser, app, { person: 'hanako' });
  const stranger = await new Browser().open(callback);
  expect([stranger.status, stranger.html]).toEqual([403, expect.stringContaining('no login is under way')]);
  const back = await browser.open(callback);
  expect(new URL(back.location ?? '').pathname).toBe('/');
  expect(await me(browser, app)).toMatchObject({ status: 200, name: '模擬 花子', birthdate: '19980720' });
  expect((await browser.open(app.url)).html).toContain('模擬 花子');
  // the code works once, in this browser too
  expect((await browser.open(callback)).status).toBe(403);
  const refused = new Browser();
  const no = await refused.open(await callbackOf(refused, app, { outcome: 'refuse' }));
  expect([no.status, (await me(refused, app)).status]).toEqual([403, 401]);
  simulator.faults.next('token', 'wrong-signature');
  const forged = new Browser();
  expect((await forged.open(await callbackOf(forged, app, { person: 'elder' }))).status).toBe(403);
  expect(await simulator.logout({ person: 'hanako', clientId: app.clientId })).toEqual([
    { clientId: app.clientId, status: 200 },
  ]);
  expect((await me(browser, app)).status).toBe(401);
  const wrong = { person: 'taro', clientId: app.clientId, fault: 'wrong-signature' } as const;
  const again = new Browser();
  await again.open(await callbackOf(again, app, { person: 'taro' }));
  expect(await simulator.logout(wrong)).toEqual([{ clientId: app.clientId, status: 400 }]);
  const page: Page = await again.open(app.url);
  expect((await again.submit(page, '/logout')).status).toBe(303);
  expect((await me(again, app)).status).toBe(401);
  expect(observed.splice(0).filter((name) => name !== 'backchannelLogoutUri')).toEqual([]);
}

describe.skipIf(!online)('samples/openid, from the registry', { timeout: 600_000 }, () => {
  it('openid-client on Express and on Hono', async () => {
    installed('node');
    for (const file of ['express.mjs', 'hono.mjs'])
      await walk(await started('node', [process.execPath, file]));
  });

  it('the same file under route handlers of Next.js, built for production', async () => {
    const cwd = installed('nextjs');
    const file = (sample: string) => readFileSync(join(root, 'samples/openid', sample, 'openid.mjs'), 'utf8');
    expect(file('nextjs')).toBe(file('node'));
    const next = [process.execPath, 'node_modules/next/dist/bin/next'];
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' as const };
    const built = spawnSync(next[0] ?? '', [...next.slice(1), 'build'], { cwd, env, encoding: 'utf8' });
    expect(built.status, built.stdout + built.stderr).toBe(0);
    await walk(await started('nextjs', [...next, 'start', '-p', 'PORT']));
  });

  it('Auth.js: its own state and assertion are refused by their names; with the settings here it logs in', async () => {
    const cwd = installed('authjs');
    const signIn = async (app: App) => {
      const browser = new Browser();
      const { csrfToken } = JSON.parse((await browser.open(`${app.url}/auth/csrf`)).html) as {
        csrfToken: string;
      };
      const form = `<form method="post" action="/auth/signin/jpki"><input type="hidden" name="csrfToken" value="${csrfToken}"></form>`;
      const sent = await browser.submit({ url: app.url, status: 200, html: form }, '/auth/signin/jpki');
      return { browser, where: new URL(sent.location ?? '') };
    };
    const good = await started('authjs', [process.execPath, 'app.mjs'], '/auth/callback/jpki');
    const { browser, where } = await signIn(good);
    const callback = await driveCitizen(where.href, { person: 'hanako' });
    expect((await new Browser().open(callback)).location).toContain('error');
    await browser.open(callback);
    expect(await me(browser, good)).toMatchObject({ status: 200, name: '模擬 花子' });
    expect(observed.splice(0)).toEqual([]);

    const source = readFileSync(join(cwd, 'app.mjs'), 'utf8');
    writeFileSync(
      join(cwd, 'long-state.mjs'),
      source.replace("checks: ['pkce', 'nonce']", "checks: ['pkce', 'nonce', 'state']"),
    );
    const long = await started('authjs', [process.execPath, 'long-state.mjs'], '/auth/callback/jpki');
    const sent = (await signIn(long)).where;
    expect(sent.searchParams.get('state')?.length).toBeGreaterThan(400);
    await fetch(sent, { redirect: 'manual' });
    expect(observed.splice(0)).toEqual(['state']);

    const own = source
      .replace("token_endpoint_auth_method: 'none'", "token_endpoint_auth_method: 'private_key_jwt'")
      .replace('[customFetch]: signed', 'token: { clientPrivateKey: { key, kid: jwk.kid } }');
    writeFileSync(join(cwd, 'own-assertion.mjs'), own);
    const two = await started('authjs', [process.execPath, 'own-assertion.mjs'], '/auth/callback/jpki');
    const third = await signIn(two);
    await third.browser.open(await driveCitizen(third.where.href));
    expect(observed.splice(0)).toEqual(['client_assertion aud']);
  });
});

describe.skipIf(!online)('the guide, from an empty folder', { timeout: 600_000 }, () => {
  it('its blocks as they stand lead to a login, in well under 15 minutes', async () => {
    const packed = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      ...{ cwd: root, encoding: 'utf8' as const },
    });
    const answer = JSON.parse(packed.stdout) as { filename: string }[] | Record<string, { filename: string }>;
    const [{ filename } = { filename: '' }] = Array.isArray(answer) ? answer : Object.values(answer);
    const [simulatorPort = 0, appPort = 0] = await freePorts(2);
    const script = blocksOf('samples/guides/login-with-openid.md')
      .filter(({ language }) => language === 'sh')
      .map(({ text }) => text)
      .join('\n')
      .replace('npm install jitsuin', `npm install --no-audit --no-fund ${join(folder, filename)}`)
      .replaceAll('8090', String(simulatorPort))
      .replaceAll('3000', String(appPort))
      .replace('CLIENT_ID=', `ISSUER=http://127.0.0.1:${simulatorPort}/api/realms/main CLIENT_ID=`);
    const cwd = join(folder, 'fresh');
    mkdirSync(cwd);
    const begun = performance.now();
    const { PATH = '', HOME = '/tmp' } = process.env;
    const shell = spawn('bash', ['-e', '-c', `${script}\nwait`], {
      ...{ cwd, env: { PATH, HOME }, detached: true, stdio: 'ignore' as const },
    });
    try {
      const url = `http://localhost:${appPort}`;
      const answers = () =>
        fetch(url).then(
          ({ status }) => status,
          () => 0,
        );
      await expect.poll(answers, { timeout: 300_000, interval: 250 }).toBe(200);
      const browser = new Browser();
      const app = { url, clientId: 'app-1' };
      await browser.open(await callbackOf(browser, app, { person: 'taro' }));
      expect(await me(browser, app)).toMatchObject({ status: 200, name: '模擬 太郎' });
      const seconds = (performance.now() - begun) / 1000;
      process.stdout.write(`from an empty folder to a login: ${seconds.toFixed(1)} s\n`);
      expect(seconds).toBeLessThan(15 * 60);
    } finally {
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGTERM');
    }
  });
});
