import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendPrivate, writePrivate } from '../../../src/cli/private-file.ts';

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

  it.each([
    ['in its place', writePrivate, 'new'],
    ['after what it holds', appendPrivate, 'old and longernew'],
  ])('also where a file that others may read was there before: written %s', async (_how, write, content) => {
    const file = join(dir, 'before');
    writeFileSync(file, 'old and longer');
    chmodSync(file, 0o666);
    await write(file, 'new');
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([0o600, content]);
  });

  it('and what is no file is left as it is', async () => {
    const before = statSync('/dev/null').mode;
    await writePrivate('/dev/null', 'nothing');
    expect(statSync('/dev/null').mode).toBe(before);
  });

  it('no command writes a file beside that place', () => {
    const loose = readdirSync(join(root, 'src/cli'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'private-file.ts')
      .flatMap((name) =>
        [
          ...readFileSync(join(root, 'src/cli', name), 'utf8').matchAll(
            /\b(?:write|append)File(?:Sync)?\([^;]*;/g,
          ),
        ]
          .filter(([call]) => !call.includes('mode:'))
          .map(([call]) => `${name}: ${call.slice(0, 60)}`),
      );
    // public: the OpenAPI document, and the trust anchors of the pretended world
    expect(loose.map((one) => one.split(':')[0])).toEqual([
      'openapi.ts',
      ...Array(2).fill('world/create-world.ts'),
    ]);
  });

  it('by the one place through which every program runs its commands', () => {
    for (const program of ['main.ts', 'sp-main.ts'])
      expect(readFileSync(join(root, 'src/cli', program), 'utf8')).toContain('await runProcess(');
    expect(readFileSync(join(root, 'src/cli/process.ts'), 'utf8')).toMatch(/process\.umask\(OWNER_ONLY\)/);
  });
});
