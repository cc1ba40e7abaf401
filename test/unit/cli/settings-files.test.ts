import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { main } from '../../../src/cli/main.ts';
import { worldsBeside } from '../../../src/cli/new-data-folder.ts';
import { usageOf } from '../../../src/cli/usage.ts';
import { settingsHelp, settingsInForce } from '../../../src/config/settings-help.ts';
import { VARIABLES } from '../../../src/config/table.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
function file(content: string | Uint8Array): string {
  count += 1;
  const path = join(folder, `${count}.env`);
  writeFileSync(path, content);
  return path;
}

async function run(args: readonly string[], env: CommandIo['env'] = {}) {
  let [out, err] = ['', ''];
  const io: CommandIo = {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    isTty: false,
    env,
    signal: AbortSignal.abort(),
  };
  const status = await main(args, io);
  return { status, out, err };
}

describe('--env-file', () => {
  it.each([
    ['two words', (path: string) => ['--env-file', path]],
    ['one word', (path: string) => [`--env-file=${path}`]],
  ])('%s: read by us; what is wrong is said with its line', async (_name, option) => {
    const path = file('JITSUIN_PORT=80\nJITSUIN_PROT=80\nJITSUIN_HOST="x\nNODE_OPTIONS=--title=obeyed\n');
    const { status, err } = await run(['serve', '--role', 'pf', ...option(path)]);
    expect(status).toBe(2);
    for (const said of [`${path} line 3`, `${path} line 4`, `(${path} line 2)`, 'JITSUIN_TRUST_FILE'])
      expect(err).toContain(said);
    expect(err).toContain('JITSUIN_PORT');
  });

  it.each([
    ['a missing file', join(folder, 'missing.env'), 'does not exist'],
    ['a folder', folder, 'is a folder'],
    ['UTF-16', file(Buffer.from('\uFEFFJITSUIN_PORT=1', 'utf16le')), 'UTF-16'],
    ['Shift_JIS', file(Uint8Array.from([0x41, 0x3d, 0x8e, 0xc0, 0x88, 0xf3])), 'UTF-8'],
  ])('%s is named, with our exit status', async (_name, path, text) => {
    for (const args of [['--env-file', path], [`--env-file=${path}`]]) {
      const { status, err } = await run(['serve', '--role', 'sp', ...args]);
      expect([status, err]).toEqual([2, expect.stringContaining(text)]);
      expect(err).toContain('config.invalid');
    }
  });

  it.each([[['--env-file']], [['--env-file=']], [['--env-file', 'a', '--env-file=b']]])(
    '%j is wrong use',
    async (args) => {
      expect((await run(['serve', '--role', 'sp', ...args])).status).toBe(2);
    },
  );

  it('the environment wins, and a value with # is not cut', async () => {
    const url = 'https://user:p@ss#word@x';
    const path = file(`JITSUIN_CRL_URL=${url}\nJITSUIN_PORT=1\n`);
    const { err } = await run(['serve', '--role', 'pf', `--env-file=${path}`], { JITSUIN_PORT: 'x' });
    expect(err).toContain(`JITSUIN_CRL_URL (${path} line 1) holds`);
    expect(err).toMatch(/\n\s+JITSUIN_PORT is not written as a number/);
    expect(err).not.toContain('ss#word');
    expect(err).not.toContain('JITSUIN_OCSP_URL is missing');
  });
});

describe('the program as it is started', () => {
  const entry = join(import.meta.dirname, '../../../dist/src/cli/main.js');

  it.skipIf(process.platform === 'win32' || !existsSync(entry))(
    'the runtime reads no file of settings: a missing one is our message, NODE_OPTIONS in one is refused',
    () => {
      chmodSync(entry, 0o755);
      const start = (path: string) =>
        spawnSync(entry, ['serve', '--role', 'sp', `--env-file=${path}`], { encoding: 'utf8' });
      const missing = start(join(folder, 'missing.env'));
      expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('does not exist')]);
      const options = start(file('NODE_OPTIONS=--throw-deprecation --no-such-option\n'));
      expect([options.status, options.stderr]).toEqual([
        2,
        expect.stringContaining('line 1 sets NODE_OPTIONS'),
      ]);
    },
  );
});

describe('did you mean', () => {
  const others = COMMANDS.filter(({ name }) => name.length > 4);

  it.each(others)('$name, with two letters swapped', async ({ name }) => {
    let at = name.length - 2;
    while (name[at] === name[at + 1]) at -= 1;
    const wrong = `${name.slice(0, at)}${name[at + 1]}${name[at]}`;
    const { status, err } = await run(wrong.split(' '));
    expect([status, err]).toEqual([2, expect.stringContaining(`Did you mean "${name}"?`)]);
  });

  it('the first word of a group alone lists the group; what is near to nothing is not guessed', async () => {
    expect((await run(['keys'])).err).toContain('keys list, keys rotate');
    expect((await run(['frobnicate'])).err).not.toContain('Did you mean');
  });

  it.each(COMMANDS)('an option of $name with two letters swapped', async ({ name, load }) => {
    const command = await load();
    const { declared } = command;
    const usage = usageOf(command, { program: 'jitsuin', language: 'en' });
    const known = Object.keys(declared.options);
    for (const option of known.filter((one) => one.length > 3 && one[1] !== one[2])) {
      const wrong = `--${option[0]}${option[2]}${option[1]}${option.slice(3)}`;
      const { status, err } = await run([...name.split(' '), wrong]);
      expect([wrong, status]).toEqual([wrong, 2]);
      expect(err).toContain('Did you mean --');
      expect(err).not.toContain('positional');
    }
    for (const option of known) expect(usage).toContain(`--${option}`);
  });
});

describe('what is in force', () => {
  it('each setting with where it stands; a secret without its value', () => {
    const env = {
      JITSUIN_PORT: '80',
      DATABASE_URL: 'postgres://u:secret@db/x',
      REDIS_URL_FILE: '/run/redis',
    };
    const origins = new Map([['JITSUIN_PORT', 'pf.env line 3']]);
    expect(settingsInForce('pf', env, origins)).toEqual([
      { name: 'JITSUIN_PORT', value: '80', from: 'pf.env line 3' },
      { name: 'DATABASE_URL', from: 'environment' },
      { name: 'REDIS_URL_FILE', value: '/run/redis', from: 'environment' },
    ]);
  });

  it('--help of serve lists every setting of its roles', async () => {
    const { out } = await run(['serve', '--help']);
    for (const [name] of VARIABLES) expect(out).toContain(`\n  ${name}`);
    expect(settingsHelp(['sp'], 'en')).not.toContain('JITSUIN_PF_KEYSTORE_FILE');
  });
});

describe('a data folder that is made anew', () => {
  it('beside one that has worked is noticed; beside nothing, or when it is there, not', () => {
    const place = mkdtempSync(join(folder, 'place-'));
    const world = join(place, 'world', 'sp');
    mkdirSync(world, { recursive: true });
    expect(worldsBeside(join(place, 'data'), 'sp')).toEqual([]);
    writeFileSync(join(world, 'sp.sqlite3'), '');
    expect(worldsBeside(join(place, 'data'), 'sp')).toEqual([world]);
    expect(worldsBeside(join(place, 'elsewhere', 'data'), 'sp', join(place, 'world', 'sp.env'))).toEqual([
      world,
    ]);
    mkdirSync(join(place, 'data'));
    expect(worldsBeside(join(place, 'data'), 'sp')).toEqual([]);
  });

  it('is said by serve before it starts', async () => {
    const place = mkdtempSync(join(folder, 'said-'));
    mkdirSync(join(place, 'old'));
    writeFileSync(join(place, 'old', 'pf.seal-key.json'), '{}');
    const env = {
      JITSUIN_DATA_DIR: join(place, 'data'),
      JITSUIN_TRUST_FILE: join(place, 'missing.pem'),
      JITSUIN_PF_TENANTS_FILE: join(place, 'missing.json'),
      JITSUIN_CRL_DIR: place,
      JITSUIN_PORT: '0',
      JITSUIN_PUBLIC_URL: 'https://pf.example',
    };
    const { err } = await run(['serve', '--role', 'pf'], env);
    expect(err).toContain(`"pf" has worked in ${join(place, 'old')}`);
  });
});
