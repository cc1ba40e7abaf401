import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allBlocks, root } from './support/blocks.ts';

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-docs-ts-'));
const blocks = allBlocks('ts');

function compile(files: readonly string[]): string {
  const options = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    '--types',
    'node',
  ];
  const shape = ['--module', 'nodenext', '--target', 'es2023', '--moduleDetection', 'force'];
  return spawnSync(process.execPath, [tsc, ...options, ...shape, ...files], { cwd: folder, encoding: 'utf8' })
    .stdout;
}

describe('the TypeScript in the documents', { timeout: 60_000 }, () => {
  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules')).filter((each) => !each.startsWith('.')))
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    symlinkSync(root, join(folder, 'node_modules/jitsuin'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('compiles under the strictest settings', () => {
    expect(blocks.length).toBeGreaterThan(3);
    const files = blocks.map(({ file, line, text }) => {
      const name = `${file.replaceAll(/[^a-z]+/gi, '-')}-${line}.ts`;
      writeFileSync(join(folder, name), text);
      return name;
    });
    expect(compile(files)).toBe('');
  });

  it('is really compiled', () => {
    writeFileSync(
      join(folder, 'wrong.ts'),
      `import { createSpClient } from 'jitsuin/client';\ncreateSpClient({});`,
    );
    expect(compile(['wrong.ts'])).toContain('TS2739');
  });
});
