// Makes the verifier that a browser runs by itself: `dist/offline/verify.html`, one file that asks no network. The same code gives the
// same octets. `npm run build` runs it; alone: `node scripts/offline.mjs [FILE]`.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifySync } from '@swc/core';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const room = join(root, 'src/offline');
const crypto = join(room, 'primitives/node-crypto.ts');
const buffer = join(room, 'primitives/node-buffer.ts');

/**
 * What stands in src/offline as one script for a browser: `node:crypto` and `node:buffer` are those of src/offline/primitives.
 * @param {'page' | 'judge'} entry the page, or what it judges with as a module
 * @returns {Promise<{ code: string, packages: string[] }>}
 */
export async function offlineScript(entry) {
  const made = await build({
    entryPoints: [join(room, `${entry}.ts`)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    inject: [buffer],
    alias: { 'node:crypto': crypto, 'node:buffer': buffer },
    logLevel: 'error',
  });
  const { code } = minifySync(made.outputFiles[0].text, {
    module: true,
    compress: { ecma: 2022, passes: 3, module: true, toplevel: true, keep_fargs: false, unsafe_arrows: true },
    mangle: { toplevel: true },
    format: { comments: false, ecma: 2022 },
  });
  if (code.includes('$$')) throw new Error('The name $$ is taken.');
  // undefined stands in it 900 times, and is spelled out each time: one name for it makes room for 3.6 KB
  const shorter = `const $$=void 0;${code.replaceAll('void 0', () => '$$')}`;
  const packages = Object.keys(made.metafile.inputs).flatMap((path) => {
    const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    return name === undefined ? [] : [name];
  });
  return { code: shorter, packages: [...new Set(packages)].sort() };
}

/** The page: its policy names its one script and its one style by their hashes, and nothing else. */
export async function offlinePage() {
  const { code } = await offlineScript('page');
  const script = code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const style = readFileSync(join(room, 'page.css'), 'utf8').replaceAll(/\s*\n\s*/g, '');
  const policy = [
    "default-src 'none'",
    `script-src ${hashed(script)}`,
    `style-src ${hashed(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts = { policy, style, script, licenses: licenses() };
  return readFileSync(join(room, 'page.html'), 'utf8').replaceAll(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

function hashed(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** What their licences ask to be said. */
function licenses() {
  return ['@noble/curves', '@noble/hashes', 'micro-rsa-dsa-dh']
    .map((name) => {
      const { version, license } = JSON.parse(
        readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'),
      );
      return `${name} ${version} (${license}, © Paul Miller, paulmillr.com)`;
    })
    .join(', ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const to = process.argv[2] ?? join(root, 'dist/offline/verify.html');
  const page = await offlinePage();
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, page);
  console.log(`${to}: ${Buffer.byteLength(page)} octets`);
}
