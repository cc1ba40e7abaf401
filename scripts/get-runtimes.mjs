// Brings Bun, Deno and workerd to .ci/runtimes from the npm registry, for the test that runs jitsuin/client in them. CI runs this;
// where they cannot be had, the test says that it did not run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.ci/runtimes', import.meta.url));
const PACKAGES = [
  '@oven/bun-linux-x64@1.4.5',
  '@deno/linux-x64-glibc@2.9.6',
  '@cloudflare/workerd-linux-64@1.20261117.1',
];
const binaries = [
  '@oven/bun-linux-x64/bin/bun',
  '@deno/linux-x64-glibc/deno',
  '@cloudflare/workerd-linux-64/bin/workerd',
];

if (binaries.every((file) => existsSync(`${folder}/node_modules/${file}`))) process.exit(0);
const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
const done = spawnSync('npm', ['install', `--prefix=${folder}`, ...quiet, ...PACKAGES], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (done.status !== 0) {
  console.error(`Bun, Deno and workerd could not be had (npm ended with ${done.status ?? 'no npm'})`);
  process.exit(1);
}
