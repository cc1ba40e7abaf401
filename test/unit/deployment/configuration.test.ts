import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameFaults } from '../../../src/config/names.ts';

const root = resolve(import.meta.dirname, '../../..');
const VARIABLE = /\bJITSUIN_[A-Z][A-Z_]*[A-Z]\b/g;

function namesIn(...folders: readonly string[]): readonly string[] {
  const texts = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /\.(?:ts|mjs|md|env|ya?ml|tpl|json|sh|service|conf)$/.test(entry.name),
      )
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
  const files = ['docker-compose.yml', 'Dockerfile', 'README.md', 'README.ja.md'];
  const own = files.map((file) => readFileSync(join(root, file), 'utf8'));
  return [...new Set([...texts, ...own].join('\n').match(VARIABLE) ?? [])];
}

describe('names of settings', () => {
  it('whoever writes one in source, samples, documents or deployment writes one that some role reads', () => {
    const names = namesIn('src', 'workers', 'samples', 'scripts');
    expect(names.length).toBeGreaterThan(80);
    const unknown = nameFaults(Object.fromEntries(names.map((name) => [name, 'x']))).map(({ name }) => name);
    expect(unknown).toEqual([]);
  });
});
