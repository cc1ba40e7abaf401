import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'node_modules/.cache/jitsuin-bench');
let compiled = false;

/**
 * A module of `src` as the build compiles it. What tsx makes of the sources is slower (it names every inner function), and nobody
 * runs that. Only this process's first call compiles.
 * @param path below `src`, without ending: `verifier/xmldsig/verify`
 */
export async function compiledModule(path: string): Promise<unknown> {
  return import(pathToFileURL(compiledFile(path)).href);
}

/** The file of such a module, for a process of its own. */
export function compiledFile(path: string): string {
  return join(compiledFolder(), `${path}.js`);
}

/** A program of this folder as plain JavaScript: under tsx's hooks a child runs slower than anybody's process. */
export function compiledProgram(name: string): string {
  compiledFolder();
  return join(folder, 'test/bench/support', `${name}.js`);
}

/** The folder that stands for `src`. */
export function compiledFolder(): string {
  if (!compiled) {
    mkdirSync(folder, { recursive: true });
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['-p', join(root, 'test/bench/tsconfig.json'), '--outDir', folder, '--noCheck'];
    execFileSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
    compiled = true;
  }
  return join(folder, 'src');
}
