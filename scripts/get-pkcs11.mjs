// Brings pkcs11js beside jitsuin, as an operator with a hardware token installs it; it is compiled here. CI runs this; where it cannot
// be had, the suite of the PKCS#11 adapter says that it did not run. A later `npm install` of this repository takes it away again.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}.ci/pkcs11`;
// in a folder of its own: npm installs no optional peer of the package that it stands in
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/package.json`, '{ "private": true }\n');
const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
const done = spawnSync('npm', ['install', `--prefix=${folder}`, ...quiet, 'pkcs11js@2.1.7'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (done.status !== 0) {
  console.error(`pkcs11js could not be had (npm ended with ${done.status ?? 'no npm'})`);
  process.exit(1);
}
cpSync(`${folder}/node_modules/pkcs11js`, `${root}node_modules/pkcs11js`, { recursive: true });
