import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PARTS } from '../parts.ts';

const root = resolve(import.meta.dirname, '../..');
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path}`)
  .filter((path) => path.endsWith('.test.ts'));

/** The two signs that the globs of the table use: `**` followed by a slash, and `*`. */
function expressionOf(glob: string): RegExp {
  const signs: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '*': '[^/]*' };
  const pattern = glob.replaceAll(/\*\*\/|[*.+?^${}()|[\]\\]/g, (sign) => signs[sign] ?? `\\${sign}`);
  return new RegExp(`^${pattern}$`);
}

const matches = (path: string, globs: readonly string[]) =>
  globs.some((glob) => expressionOf(glob).test(path));
const partsOf = (path: string) =>
  PARTS.filter(({ include, exclude = [] }) => matches(path, include) && !matches(path, exclude)).map(
    ({ name }) => name,
  );

describe('the parts of the tests', () => {
  it('hold each test file exactly once: none is left out, none runs twice', () => {
    expect(files.length).toBeGreaterThan(200);
    const wrong = files
      .map((path) => ({ path, parts: partsOf(path) }))
      .filter(({ parts }) => parts.length !== 1);
    expect(wrong).toEqual([]);
  });

  it('have no pattern that matches nothing', () => {
    const patterns = PARTS.flatMap(({ include, exclude = [] }) => [...include, ...exclude]);
    expect(patterns.filter((glob) => !files.some((path) => matches(path, [glob])))).toEqual([]);
  });

  it('have no file that is named as a test but would never be run', () => {
    const stray = ['src', 'workers', 'samples', 'scripts'].flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(test|spec)\.[cm]?[jt]s$/.test(path) && !path.includes('node_modules'))
        .map((path) => `${room}/${path}`),
    );
    expect(stray).toEqual([]);
    expect(existsSync(join(root, 'vitest.workspace.ts'))).toBe(false);
  });
});
