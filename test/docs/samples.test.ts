import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './support/blocks.ts';

const read = (file: string) => readFileSync(join(root, 'samples/openid', file), 'utf8');

it('the login of the Next.js sample is the very file of the others, as the guide says', () => {
  expect(read('nextjs/openid.mjs')).toBe(read('node/openid.mjs'));
});
