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
// The second run writes the declarations of `jitsuin/client`, checked without Node's types: it runs wherever fetch does.
for (const project of ['tsconfig.build.json', 'src/client/tsconfig.json']) {
  const done = spawnSync(process.execPath, [tsc, '-p', `${root}${project}`], { stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
const cli = `${root}dist/src/cli/main.js`;
chmodSync(cli, 0o755);
for (const assets of ['src/web/assets']) {
  if (existsSync(`${root}${assets}`))
    cpSync(`${root}${assets}`, `${root}dist/${assets}`, { recursive: true });
}
