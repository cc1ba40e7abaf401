import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../../../dist/src/cli/main.js');
if (!existsSync(MAIN)) throw new Error('run "npm run build" first');

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-folder-'));
afterAll(() => {
  chmodSync(join(folder, 'data'), 0o700);
  rmSync(folder, { recursive: true, force: true });
});

it.each(['data', 'data/new'])(
  'a data folder of somebody else is told by name and remedy: %s',
  (name) => {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'data'), { recursive: true });
    chmodSync(join(folder, 'data'), 0o555);
    // root may write everywhere: then it is another user who tries
    const user = process.getuid?.() === 0 ? { uid: 12_345, gid: 12_345 } : {};
    const env = { JITSUIN_DATA_DIR: join(folder, name), PATH: process.env['PATH'] ?? '' };
    const ended = spawnSync(process.execPath, [MAIN, 'migrate', '--role', 'sp'], {
      ...user,
      ...{ env, encoding: 'utf8', timeout: 60_000 },
    });
    expect([ended.status, ended.stderr]).toEqual([
      2,
      expect.stringMatching(/config\.invalid: The folder \S*data.*chown/),
    ]);
    expect(ended.stderr).toContain('JITSUIN_DATA_DIR');
  },
  90_000,
);
