// Compiles src and workers to dist with the types checked elsewhere (npm run check).
// Kept free of dependencies beyond the compiler: `npm install` runs it as `prepare`.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
if (!existsSync(tsc)) {
  console.log('jitsuin: TypeScript is not installed (production install); dist/ is used as shipped.');
  process.exit(0);
}
rmSync(`${root}dist`, { recursive: true, force: true });
// The second run writes the declarations of `jitsuin/client`, checked without Node's types: it runs wherever fetch does. The third
// writes those of the other library faces.
for (const project of ['tsconfig.build.json', 'src/client/tsconfig.json', 'src/faces/tsconfig.json']) {
  const done = spawnSync(process.execPath, [tsc, '-p', `${root}${project}`], { stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
// Declarations name files by what is installed.
for (const file of readdirSync(`${root}dist`, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.d.ts')) continue;
  const text = readFileSync(`${root}dist/${file}`, 'utf8');
  writeFileSync(
    `${root}dist/${file}`,
    text.replaceAll(/((?:from |import\()(['"])\.[^'"]*)\.ts\2/g, '$1.js$2'),
  );
}
for (const assets of ['src/web/assets']) {
  if (existsSync(`${root}${assets}`))
    cpSync(`${root}${assets}`, `${root}dist/${assets}`, { recursive: true });
}
chmodSync(`${root}dist/src/cli/main.js`, 0o755);
await buildOfflineVerifier();
for (const role of ['sp', 'gov', 'pf']) await buildProgram(role);

/** The verifier that a browser runs by itself; an sp holds no verifier. */
async function buildOfflineVerifier() {
  const { offlinePage } = await import('./offline.mjs');
  const page = await offlinePage();
  for (const place of ['', 'gov/', 'pf/']) {
    mkdirSync(`${root}dist/${place}offline`, { recursive: true });
    writeFileSync(`${root}dist/${place}offline/verify.html`, page);
  }
}

/**
 * The program of one role: `dist/<role>` holds the files that it reaches, what its pages are served from, and a manifest with the
 * packages that it names. Nothing else is there to be loaded.
 */
async function buildProgram(role) {
  const { programFiles } = await import('./program-files.mjs');
  const from = `${root}dist/`;
  const to = `${from}${role}/`;
  const { files, packages } = await programFiles(`${from}src/cli/${role}-main.js`);
  for (const file of files) {
    const place = file.replace(from, to);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(file, place);
  }
  cpSync(`${from}src/web/assets`, `${to}src/web/assets`, { recursive: true });
  chmodSync(`${to}src/cli/${role}-main.js`, 0o755);
  const { version, license, engines, dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(`${root}package.json`, 'utf8'),
  );
  // read by its path, not imported: the pages' design tokens
  const named = [...packages, '@digital-go-jp/design-tokens'].sort();
  const manifest = {
    name: `jitsuin-${role}`,
    version,
    license,
    private: true,
    type: 'module',
    engines,
    dependencies: Object.fromEntries(named.map((name) => [name, dependencies[name]])),
    // the binding of an HSM, loaded by name where one is configured
    ...(role === 'pf' ? { peerDependencies, peerDependenciesMeta } : {}),
  };
  writeFileSync(`${to}package.json`, `${JSON.stringify(manifest, undefined, 2)}\n`);
}
