// What a built program consists of: every file of ours that it imports, at once or later, or starts as a thread, and the
// packages that it names. One walk, for the build that copies these files and for the check that compares them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { init, parse } from 'es-module-lexer';

/** `new URL('./x.js', import.meta.url)`: how a thread's file is named. */
const BESIDE =
  /new URL\(\s*['"`](\.[^'"`$]+?)(?:\.js|\$\{import\.meta\.url\.slice\(-3\)\})['"`]\s*,\s*import\.meta\.url\s*\)/g;

/**
 * @param {string} entry path of the program's first file
 * @returns {Promise<{ files: string[], threads: string[], packages: string[], builtins: string[] }>} paths as joined from `entry`; names
 */
export async function programFiles(entry) {
  await init;
  const files = new Set();
  const threads = new Set();
  const packages = new Set();
  const builtins = new Set();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(file, 'utf8');
    const [imports] = parse(text);
    for (const { n: name } of imports) {
      if (name === undefined) continue;
      if (name.startsWith('node:')) builtins.add(name);
      else if (name.startsWith('.')) waiting.push(join(dirname(file), name));
      else packages.add(packageOf(name));
    }
    for (const [, path] of text.matchAll(BESIDE)) {
      threads.add(join(dirname(file), `${path}.js`));
      waiting.push(join(dirname(file), `${path}.js`));
    }
  }
  return {
    files: [...files].sort(),
    threads: [...threads].sort(),
    packages: [...packages].sort(),
    builtins: [...builtins].sort(),
  };
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
