// `npm run check`: types, lint and format, the arrows of the house, and what the built sp can reach.
// Each step prints one line; a failing step prints its output. Exit status 1 when any failed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (path) => `${root}/node_modules/${path}`;
const steps = [
  ['types', bin('typescript/bin/tsc'), ['-p', root]],
  ['types of the offline page', bin('typescript/bin/tsc'), ['-p', `${root}/src/offline`]],
  ['lint and format', bin('@biomejs/biome/bin/biome'), ['ci', '--colors=off', '.']],
  [
    'arrows between rooms',
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    [
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
      'src',
      'workers',
      'samples',
      'test',
      'scripts',
    ],
  ],
  ['source rules', `${root}/scripts/source-rules.mjs`, []],
  ['functions', `${root}/scripts/function-rules.mjs`, []],
  ['unused exports', `${root}/scripts/unused-exports.mjs`, []],
  ['what the built sp reaches', `${root}/scripts/sp-reach.mjs`, []],
];

let failed = 0;
for (const [name, script, args] of steps) {
  const started = Date.now();
  const done = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' });
  const ok = done.status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) {
    failed += 1;
    console.log(`${done.stdout}${done.stderr}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
