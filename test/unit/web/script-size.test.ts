import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const assets = resolve(import.meta.dirname, '../../../src/web/assets');
const scripts = readdirSync(assets, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.m?js$/.test(name),
);

describe('JavaScript that a browser is sent', () => {
  it('is under 100 KB, all of it together', () => {
    expect(scripts.length).toBeGreaterThan(0);
    const octets = scripts.reduce((sum, name) => sum + statSync(join(assets, name)).size, 0);
    expect(octets).toBeLessThan(100 * 1024);
  });

  it('loads nothing more: no import from elsewhere, no script made at run time', () => {
    for (const name of scripts) {
      const text = readFileSync(join(assets, name), 'utf8');
      expect(text, name).not.toMatch(
        /\bimport\(|from\s+['"]https?:|\beval\(|new Function|createElement\(['"]script/,
      );
    }
  });
});
