import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'jitsuin-umask-'));
  writeFileSync(join(dir, 'file'), 'a file');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('what a command writes is its owner’s alone', () => {
  it('whatever the umask of the shell', () => {
    const out = join(dir, 'state');
    const main = join(root, 'src/cli/main.ts');
    const words = `prepare "${join(dir, 'file')}" --profile detached --state "${out}"`;
    const command = `umask 000 && exec "${process.execPath}" --import tsx "${main}" ${words}`;
    const done = spawnSync('/bin/sh', ['-c', command], { cwd: root, encoding: 'utf8' });
    expect(done.status, done.stderr).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  it('by the one place through which every program runs its commands', () => {
    for (const program of ['main.ts', 'sp-main.ts'])
      expect(readFileSync(join(root, 'src/cli', program), 'utf8')).toContain('await runProcess(');
    expect(readFileSync(join(root, 'src/cli/process.ts'), 'utf8')).toMatch(/process\.umask\(OWNER_ONLY\)/);
  });
});
