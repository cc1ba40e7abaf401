import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const statements = (count: number): string =>
  Array.from({ length: count }, (_, index) => `  use(${index});`).join('\n');

let house: string;
beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'jitsuin-house-'));
  for (const room of ['src', 'workers', 'test', 'scripts', 'samples']) mkdirSync(join(house, room));
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

function judge(script: string): { readonly status: number | null; readonly found: string } {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts', script), house], {
    encoding: 'utf8',
  });
  return { status, found: stdout };
}

describe('functions are counted in statements and parameters', () => {
  it('takes forty statements and five parameters, however the lines are packed', () => {
    plant('src/rp/good.ts', `function good(a, b, c, d, e) {\n${statements(40)}\n}\n`);
    expect(judge('function-rules.mjs')).toEqual({ status: 0, found: '' });
  });

  it.each([
    [
      'a long function',
      `// why\nfunction long() {\n${statements(41)}\n}\n`,
      2,
      'statements-per-function: 41',
    ],
    [
      'one packed on one line',
      `const p = () => { ${'use(1);'.repeat(41)} };\n`,
      1,
      'statements-per-function: 41',
    ],
    [
      'a long method after 署名',
      `// 署名\nclass C {\n  run() {\n${statements(41)}\n  }\n}\n`,
      3,
      'statements-per-function',
    ],
    ['six parameters', 'const f = (a, b, c, d, e, f) => a;\n', 1, 'parameters: 6'],
  ])('refuses %s', (_what, text, line, finding) => {
    plant('src/rp/planted.ts', text);
    const { status, found } = judge('function-rules.mjs');
    expect(found).toContain(`src/rp/planted.ts:${line} ${finding}`);
    expect(status).toBe(1);
    rmSync(join(house, 'src/rp/planted.ts'));
  });

  it('counts what lies in a function within for itself', () => {
    plant(
      'src/rp/nested.ts',
      `function outer() {\n${statements(30)}\n  const inner = () => {\n${statements(30)}\n  };\n}\n`,
    );
    expect(judge('function-rules.mjs').found).toBe('');
  });
});

describe('an export has a user', () => {
  it('refuses one that only its own file and its own comments name, and takes one that a test uses', () => {
    plant(
      'src/rp/exports.ts',
      '/** Like forgotten. */\nexport const forgotten = 1;\nexport const wanted = forgotten;\n',
    );
    plant('src/rp/told.ts', '/* forgotten */\n');
    plant('test/wanted.test.ts', 'wanted;\n');
    expect(judge('unused-exports.mjs')).toEqual({
      status: 1,
      found: 'src/rp/exports.ts unused-exports: nobody imports forgotten\n',
    });
  });
});
