// Makes the packages that strangers install: `npm run packages [-- FOLDER]` writes one folder and one tarball each (default:
// dist/packages). Run `npm run build` first.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { FACES, strays } from './faces.mjs';
import { programFiles } from './program-files.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const from = join(root, 'dist/src');
const out = resolve(process.argv[2] ?? join(root, 'dist/packages'));
const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(out, { recursive: true, force: true });
let wrong = 0;
for (const face of FACES) {
  const folder = join(out, face.name);
  mkdirSync(folder, { recursive: true });
  const reached = await reachedFrom([face.entry, ...Object.values(face.also ?? {})]);
  const files = reached.files.map((file) => relative(from, file));
  const bundle = face.tree ? copyTree(reached.files, folder) : await bundled(face, folder);
  const found = strays(face, { ...reached, files, packages: [...reached.packages, ...bundle.packages] });
  const types = copyTypes(face, folder);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(face, types), undefined, 2)}\n`);
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  cpSync(join(root, 'samples/guides/faces', `${face.name}.md`), join(folder, 'README.md'));
  const code = sizeOf(folder, (name) => name.endsWith('.js'));
  if (code > face.most)
    found.push(`jitsuin/${face.name} has ${code} octets of JavaScript; at most ${face.most}`);
  const tarball = packed(folder);
  const { size } = statSync(tarball);
  if (size > face.most) found.push(`jitsuin/${face.name} has ${size} octets packed; at most ${face.most}`);
  console.log(`${manifestName(face)}: ${code} octets of JavaScript, ${size} packed`);
  for (const line of found) console.log(line);
  wrong += found.length;
}
process.exit(wrong === 0 ? 0 : 1);

function manifestName({ name }) {
  return `@jitsuin/${name}`;
}

/** One file, with what it needs of others in it. Names of classes and functions stay, so that messages can be read. */
async function bundled(face, folder) {
  const made = await build({
    // from the source, so that the map leads there
    entryPoints: Object.entries({ index: face.entry, ...face.also }).map(([name, entry]) => ({
      in: join(root, 'src', entry.replace(/\.js$/, '.ts')),
      out: name,
    })),
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    external: ['node:*'],
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: face.name === 'client',
    sourcemap: 'linked',
    sourcesContent: face.sourcesInMap,
    metafile: true,
    legalComments: 'inline',
    logLevel: 'error',
  });
  const packages = Object.keys(made.metafile.inputs).flatMap((path) => {
    const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    return name === undefined ? [] : [name];
  });
  return { packages: [...new Set(packages)] };
}

/** What a program that imports these can load. */
async function reachedFrom(entries) {
  const all = [];
  for (const entry of entries) all.push(await programFiles(join(from, entry)));
  const merged = (kind) => [...new Set(all.flatMap((reached) => [...reached[kind]]))];
  return { files: merged('files'), packages: merged('packages'), builtins: merged('builtins') };
}

/** The files as they are built, for what reads others from beside itself. */
function copyTree(files, folder) {
  for (const file of files) copyTo(file, folder);
  cpSync(join(from, 'web/assets'), join(folder, 'dist/web/assets'), { recursive: true });
  return { packages: [] };
}

function copyTo(file, folder, text) {
  const place = join(folder, 'dist', relative(from, file));
  mkdirSync(dirname(place), { recursive: true });
  if (text === undefined) cpSync(file, place);
  else writeFileSync(place, text);
}

/** The declarations that the entry's own lead to. */
function copyTypes(face, folder) {
  const [entry, ...others] = [face.entry, ...Object.values(face.also ?? {})].map((file) =>
    join(from, file.replace(/\.js$/, '.d.ts')),
  );
  const seen = new Set();
  const packages = new Set();
  const waiting = [entry, ...others];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    copyTo(file, folder, text);
    for (const [, name] of text.matchAll(/(?:from|import\() ?['"]([^'"]+)['"]/g)) {
      if (name.startsWith('.')) waiting.push(join(dirname(file), name.replace(/\.js$/, '.d.ts')));
      else
        packages.add(
          name.startsWith('node:')
            ? '@types/node'
            : name
                .split('/')
                .slice(0, name[0] === '@' ? 2 : 1)
                .join('/'),
        );
    }
    if (/\bBuffer\b|\bNodeJS\b/.test(text)) packages.add('@types/node');
  }
  // who resolves without `exports` finds the types of an entry beside its code
  for (const [name, also] of Object.entries(face.also ?? {}))
    writeFileSync(join(folder, `${name}.d.ts`), `export * from './dist/${also}';\n`);
  return { entry: `./dist/${relative(from, entry)}`, packages: [...packages] };
}

function manifest(face, types) {
  const { version, license, engines, dependencies } = ours;
  const code = face.tree ? `./dist/${face.entry}` : './index.js';
  const uses = Object.fromEntries(face.uses.map((name) => [name, dependencies[name]]));
  const unnamed = types.packages.filter((name) => name !== '@types/node' && !(name in uses));
  const peers = [
    ...new Set([
      ...(face.peers ?? []),
      ...unnamed,
      ...types.packages.filter((name) => name === '@types/node'),
    ]),
  ];
  return {
    name: manifestName(face),
    version,
    description: face.about,
    license,
    repository: ours.repository,
    type: 'module',
    ...(face.name === 'client' ? {} : { engines }),
    sideEffects: false,
    exports: {
      '.': { types: types.entry, default: code },
      ...Object.fromEntries(
        Object.entries(face.also ?? {}).map(([name, entry]) => [
          `./${name}`,
          { types: `./dist/${entry.replace(/\.js$/, '.d.ts')}`, default: `./${name}.js` },
        ]),
      ),
      './package.json': './package.json',
    },
    types: types.entry,
    files: ['dist', ...['index', ...Object.keys(face.also ?? {})].map((name) => `${name}.*`)],
    ...(face.uses.length === 0 ? {} : { dependencies: uses }),
    ...(peers.length === 0
      ? {}
      : {
          peerDependencies: Object.fromEntries(peers.map((name) => [name, peerRange(name)])),
          peerDependenciesMeta: Object.fromEntries(peers.map((name) => [name, { optional: true }])),
        }),
  };
}

function peerRange(name) {
  const exact = ours.dependencies[name] ?? ours.devDependencies[name];
  return name === '@types/node' ? '>=20' : `>=${exact.split('.')[0]}`;
}

function packed(folder) {
  const done = spawnSync('npm', ['pack', '--json', '--pack-destination', out], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(done.stderr);
  const answer = JSON.parse(done.stdout);
  const [{ filename }] = Array.isArray(answer) ? answer : Object.values(answer);
  return join(out, filename.replace('@', '').replace('/', '-'));
}

function sizeOf(folder, counted) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => counted(name) && existsSync(join(folder, name)))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
