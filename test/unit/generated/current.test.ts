import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OUTPUTS } from '../../../scripts/generate/outputs.ts';

const root = resolve(import.meta.dirname, '../../..');

describe('generated files are as the source has it now (otherwise: npm run generate)', {
  timeout: 60_000,
}, () => {
  it.each(Object.entries(OUTPUTS))('%s', async (path, make) => {
    const text = await make();
    expect(text.length).toBeGreaterThan(200);
    expect(readFileSync(join(root, path), 'utf8') === text, `${path} is old: run "npm run generate"`).toBe(
      true,
    );
  });
});
