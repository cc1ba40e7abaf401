// Compiles src and workers to dist with the types checked elsewhere (npm run check).
// Kept free of dependencies beyond the compiler: `npm install` runs it as `prepare`.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
if (!existsSync(tsc)) {
  console.log('jitsuin: TypeScript is not installed (production install); dist/ is used as shipped.');
  process.exit(0);
}
rmSync(`${root}dist`, { recursive: true, force: true });
const done = spawnSync(process.execPath, [tsc, '-p', `${root}tsconfig.build.json`], { stdio: 'inherit' });
if (done.status !== 0) process.exit(done.status ?? 1);
const cli = `${root}dist/src/cli/main.js`;
chmodSync(cli, 0o755);
for (const assets of ['src/web/assets']) {
  if (existsSync(`${root}${assets}`))
    cpSync(`${root}${assets}`, `${root}dist/${assets}`, { recursive: true });
}
