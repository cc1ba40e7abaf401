// `npm run generate`: every file that is made from the contracts and tables of the source. A test fails when one is old.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OUTPUTS } from './generate/outputs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const [path, make] of Object.entries(OUTPUTS)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), await make());
  console.log(path);
}
