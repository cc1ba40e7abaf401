import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { main } from '../../../src/cli/main.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import { startGov } from '../../../src/roles/gov/main.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import { startSp } from '../../../src/roles/sp/main.ts';
import { startGovWorker } from '../../../workers/gov/main.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { startSpWorker } from '../../../workers/sp/main.ts';
import { applicationOf, ended, goToService, type RpWorld, startRpWorld, submitted } from './world.ts';

const SAMPLE = fileURLToPath(new URL('../../../samples/seal-keys/kms.mjs', import.meta.url));
const FAKE = fileURLToPath(new URL('../../support/fake-seal-kms.mjs', import.meta.url));
const VARIABLES = ['JITSUIN_KMS_URL', 'JITSUIN_KMS_TOKEN_FILE', 'JITSUIN_KMS_SEAL_KEY_ID'];
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-seal-kms-'));
const token = 'simulated token of the tests';
/** Every key that the KMS wrapped, as it saw it. */
const seen: Buffer[] = [];

let kms: ChildProcess;
let world: RpWorld;
let env: Record<string, string>;
beforeAll(async () => {
  kms = spawn(process.execPath, [FAKE], {
    env: { ...process.env, FAKE_KMS_TOKEN: token },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { port, key_id } = await listening(kms);
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  process.env['JITSUIN_KMS_URL'] = `http://127.0.0.1:${port}/`;
  process.env['JITSUIN_KMS_TOKEN_FILE'] = tokenFile;
  process.env['JITSUIN_KMS_SEAL_KEY_ID'] = key_id;
  world = await startRpWorld('sp', {
    env: {
      JITSUIN_SEAL_KMS_MODULE: SAMPLE,
      // not the one in clear that the simulated world brings: the sp makes this one at its first start
      JITSUIN_SEAL_KEY_FILE: join(folder, 'wrapped.json'),
    },
  });
  env = world.env('sp');
}, 60_000);
afterAll(async () => {
  await world?.close();
  await stopKms();
  for (const name of VARIABLES) delete process.env[name];
  rmSync(folder, { recursive: true, force: true });
});

async function stopKms(): Promise<void> {
  if (kms.exitCode !== null) return;
  const gone = once(kms, 'exit');
  kms.stdin?.end();
  await gone;
}

function listening(child: ChildProcess): Promise<{ readonly port: number; readonly key_id: string }> {
  const { stdout } = child;
  if (stdout === null) throw new Error('no output');
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { seen?: string; port: number; key_id: string };
      if (said.seen === undefined) resolve(said);
      else seen.push(Buffer.from(said.seen, 'base64'));
    });
  });
}

async function jitsuin(line: string, changed: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const io = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text) };
  const signal = new AbortController().signal;
  const status = await main(line.split(' '), { ...io, isTty: false, env: { ...env, ...changed }, signal });
  return { status, out: out.join(''), err: err.join('') };
}

async function listed() {
  const { out } = await jitsuin('keys list --role sp --json');
  return (JSON.parse(out) as { keys: { id: string; wrapped: boolean; values: number; active: boolean }[] })
    .keys;
}

/** Files of the world and of this test that hold one of the keys: raw, hex, base64 or base64url. */
function filesWithKeys(): readonly string[] {
  const forms = seen.flatMap((key) => [
    key,
    ...(['hex', 'base64', 'base64url'] as const).map((form) =>
      Buffer.from(key.toString(form).replace(/=+$/, '')),
    ),
  ]);
  return [folder, join(world.dir, 'world')].flatMap((place) =>
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => forms.some((form) => readFileSync(file).includes(form))),
  );
}

it('an sp with wrapped keys: what it sealed opens after a restart, after a rotation, and no key lies in clear', async () => {
  const application = await submitted(world, '<届出>模擬</届出>');
  const browser = new Browser();
  const callback = await goToService(browser, application.sign_url ?? '');
  await world.restart();
  expect((await applicationOf(world, application.id)).state).toBe('authorizing');
  expect((await browser.open(callback)).status).toBeLessThan(400);
  expect((await ended(world, application.id, 'fetched')).state).toBe('fetched');

  const [first] = await listed();
  expect(first).toMatchObject({ active: true, wrapped: true });
  expect(first?.values).toBeGreaterThan(0);
  expect((await jitsuin('keys rotate --role sp')).status).toBe(0);
  const resealed = await jitsuin('keys reseal --role sp --json');
  expect(JSON.parse(resealed.out)).toMatchObject({ failed: [] });
  expect((await jitsuin(`keys retire --role sp ${first?.id}`)).status).toBe(0);
  expect(await listed()).toMatchObject([{ active: true, wrapped: true }]);
  const { findings } = JSON.parse((await jitsuin('doctor --role sp --json')).out) as {
    findings: { check: string; state: string }[];
  };
  expect(findings).toContainEqual(expect.objectContaining({ check: 'sealed-values', state: 'passed' }));
  await world.restart();
  await submitted(world, '<届出>模擬</届出>');

  await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(2);
  expect(seen.map((key) => key.length)).toEqual([32, 32]);
  expect(filesWithKeys()).toEqual([]);
}, 120_000);

it.each(['pf', 'gov'] as const)(
  '%s makes its key wrapped, and opens it at its next start',
  async (role) => {
    const before = seen.length;
    const file = join(folder, `${role}.json`);
    const variables = {
      ...world.env(role),
      ...{ JITSUIN_SEAL_KMS_MODULE: SAMPLE, JITSUIN_SEAL_KEY_FILE: file, JITSUIN_PORT: '0' },
      JITSUIN_CONSOLE_PORT: '',
    };
    const starts = {
      pf: [
        () => startPf(readPfConfig(variables), { log: silentLog }),
        () => startPfWorker(readPfConfig(variables), { log: silentLog }),
      ],
      gov: [
        () => startGov(readGovConfig(variables), { log: silentLog }),
        () => startGovWorker(readGovConfig(variables), { log: silentLog }),
      ],
    };
    for (const start of starts[role]) await (await start()).close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ keys: [{ wrapped: expect.any(String) }] });
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(before + 1);
    expect(filesWithKeys()).toEqual([]);
    const without = { ...variables, JITSUIN_SEAL_KMS_MODULE: '' };
    const refused =
      role === 'pf' ? () => startPf(readPfConfig(without)) : () => startGov(readGovConfig(without));
    await expect(refused()).rejects.toThrow(/JITSUIN_SEAL_KMS_MODULE/);
  },
  120_000,
);

it('a file in clear is wrapped by one command; without KMS or module nothing starts, with words that say why', async () => {
  // another store: that of the world knows only the key that it was made under
  const clear = {
    JITSUIN_SEAL_KEY_FILE: join(world.dir, 'world', 'sp', 'seal-key.json'),
    JITSUIN_DATA_DIR: join(folder, 'in-clear'),
  };
  const refused = (changed: Record<string, string>) =>
    startSp(readSpConfig({ ...env, ...changed, JITSUIN_PORT: '0' }), { log: silentLog });
  const before = seen.length;
  await expect(refused(clear)).rejects.toMatchObject({ code: 'config.invalid' });
  const inClear = readFileSync(clear.JITSUIN_SEAL_KEY_FILE);
  expect((await jitsuin('keys wrap --role sp', clear)).out).toMatch(/^wrapped seal-/);
  await (await refused(clear)).close();
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(before + 1);
  expect(filesWithKeys()).toEqual([]);
  const copy = join(folder, 'copy-from-before.json');
  writeFileSync(copy, inClear);
  expect(filesWithKeys()).toEqual([copy]);
  rmSync(copy);

  const without = { JITSUIN_SEAL_KMS_MODULE: '' };
  await expect(refused(without)).rejects.toThrow(/JITSUIN_SEAL_KMS_MODULE/);
  await stopKms();
  await expect(refused({})).rejects.toMatchObject({ code: 'key.unavailable' });
  await expect(startSpWorker(readSpConfig(env), { log: silentLog })).rejects.toMatchObject({
    code: 'key.unavailable',
  });
  expect((await jitsuin('keys reseal --role sp')).err).toContain('key.unavailable');
  expect((await jitsuin('doctor --role sp')).out).toContain('JITSUIN_SEAL_KMS_MODULE');
  expect((await listed()).map(({ wrapped }) => wrapped)).toEqual([true]);
}, 120_000);
