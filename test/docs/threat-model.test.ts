import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/blocks.ts';

const [, section = ''] = readFileSync(join(root, 'samples/guides/threat-model.md'), 'utf8').split(
  '## Who attacks, and what stands in the way\n',
);
const rows = (section.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.slice(2, -2).split(' | '));

describe('the threat model: each row names its test', () => {
  it('has its rows', () => {
    expect(rows.length).toBeGreaterThan(15);
    for (const cells of rows) expect(cells).toHaveLength(4);
  });

  it.each(rows.map(([who = '', , , shown = '']) => [who, shown] as const))('%s', (_who, shown) => {
    const named = [...shown.matchAll(/`(test\/[^`]+)`: ((?:"[^"]+"(?:, )?)+)/g)];
    expect(named.length, shown).toBeGreaterThan(0);
    for (const [, file = '', titles = ''] of named) {
      expect(existsSync(join(root, file)), file).toBe(true);
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) expect(text, file).toContain(title);
    }
  });
});
