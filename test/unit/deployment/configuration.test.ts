import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const VARIABLE = /\b(?:JITSUIN_[A-Z][A-Z_]*[A-Z]|DATABASE_URL|REDIS_URL)\b/g;

function variablesIn(text: string): readonly string[] {
  return [...new Set(text.match(VARIABLE) ?? [])];
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
}

const documented = variablesIn(readFileSync(join(root, 'samples/CONFIGURATION.md'), 'utf8'));
const used = variablesIn([...sources('src'), ...sources('workers')].join('\n'));

describe('samples/CONFIGURATION.md', () => {
  it('explains every variable that the source reads', () => {
    expect(used.length).toBeGreaterThan(40);
    expect(used.filter((name) => !documented.includes(name))).toEqual([]);
  });

  it('explains none that nobody reads', () => {
    const ofTests = [
      'JITSUIN_REQUIRE_SERVERS',
      'JITSUIN_TEST_DATABASE_URL',
      'JITSUIN_TEST_REDIS_URL',
      'JITSUIN_REQUIRE_BROWSER',
      'JITSUIN_CHROMIUM',
    ];
    expect(documented.filter((name) => !used.includes(name) && !ofTests.includes(name))).toEqual([]);
  });
});
