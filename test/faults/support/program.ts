import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Below node_modules, so that the built program finds its dependencies. */
const OWN_BUILD = join(ROOT, 'node_modules/.cache/jitsuin-faults');

/** The built `main.js`: `dist` when it is newer than every source, else a build of its own beside it. */
export function builtProgram(): string {
  const newest = Math.max(newestIn(join(ROOT, 'src')), newestIn(join(ROOT, 'workers')));
  for (const folder of [join(ROOT, 'dist'), OWN_BUILD]) {
    const main = join(folder, 'src/cli/main.js');
    if (existsSync(main) && statSync(main).mtimeMs > newest) return main;
  }
  mkdirSync(OWN_BUILD, { recursive: true });
  writeFileSync(join(OWN_BUILD, 'package.json'), '{"type":"module"}\n');
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const done = spawnSync(
    process.execPath,
    [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', OWN_BUILD, '--noCheck'],
    { encoding: 'utf8' },
  );
  if (done.status !== 0) throw new Error(`The program could not be built: ${done.stdout}${done.stderr}`);
  return join(OWN_BUILD, 'src/cli/main.js');
}

function newestIn(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts'))
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}
