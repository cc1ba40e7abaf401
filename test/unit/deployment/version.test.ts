import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VERSION } from '../../../src/core/version.ts';

it('the version in evidence and API descriptions is that of the package', () => {
  const file = new URL('../../../package.json', import.meta.url);
  expect(VERSION).toBe((JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version);
});
