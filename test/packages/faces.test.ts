import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FACES } from '../../scripts/faces.mjs';
import { blocksOf } from '../docs/support/blocks.ts';
import { signedDocument } from './signed-document.ts';

const root = resolve(import.meta.dirname, '../..');
const packages = mkdtempSync(join(tmpdir(), 'jitsuin-packages-'));
const consumer = mkdtempSync(join(tmpdir(), 'jitsuin-stranger-'));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const NAMES = FACES.map(({ name }) => name);
const tarball = (name: string) => join(packages, `jitsuin-${name}-${version}.tgz`);
const { version, devDependencies, dependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

function run(command: string, args: readonly string[], cwd: string) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

/** Packs all, and installs the tarballs with npm into a folder that knows nothing of this repository. */
beforeAll(() => {
  const made = run(process.execPath, [join(root, 'scripts/packages.mjs'), packages], root);
  if (made.status !== 0) throw new Error(made.stdout + made.stderr);
  writeFileSync(join(consumer, 'package.json'), '{"type":"module","private":true}');
  const peers = [`@types/node@${devDependencies['@types/node']}`, `xml-crypto@${dependencies['xml-crypto']}`];
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  const installed = run('npm', [...args, ...NAMES.map(tarball), ...peers], consumer);
  if (installed.status !== 0) throw new Error(installed.stderr);
  for (const [file, octets] of Object.entries(signedDocument())) writeFileSync(join(consumer, file), octets);
}, 300_000);
afterAll(() => {
  for (const folder of [packages, consumer]) rmSync(folder, { recursive: true, force: true });
});

describe.each(FACES)('@jitsuin/$name', { timeout: 120_000 }, ({ name, most, uses }) => {
  const installed = join(consumer, 'node_modules/@jitsuin', name);

  it('has nothing that publint finds', async () => {
    const { messages } = await publint({
      pkgDir: join(packages, name),
      level: 'suggestion',
      strict: true,
      pack: false,
    });
    expect(messages.map(({ code }) => code)).toEqual([]);
  });

  it('has types that are found and right wherever ESM is', async () => {
    const found = await checkPackage(
      createPackageFromTarballData(new Uint8Array(readFileSync(tarball(name)))),
    );
    if (found.types === false) throw new Error('The package has no types.');
    // required by CommonJS it is Node's own ESM; that is all that is said
    const problems = found.problems.filter(
      ({ kind }) => kind !== 'CJSResolvesToESM' && kind !== 'NoResolution',
    );
    expect(problems).toEqual([]);
    const node10 = found.problems
      .filter((one) => one.kind === 'NoResolution')
      .map((one) => one.resolutionKind);
    expect(node10.filter((kind) => kind !== 'node10')).toEqual([]);
  });

  it('stays below its size, and depends on nothing but what its table says', () => {
    const scripts = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    );
    const code = scripts.reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
    expect(code).toBeLessThanOrEqual(most);
    expect(statSync(tarball(name)).size).toBeLessThanOrEqual(most);
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(Object.keys(manifest.dependencies ?? {})).toEqual(uses);
  });

  it('does what its page shows, under the strictest types', () => {
    const page = `samples/guides/faces/${name}.md`;
    const blocks = blocksOf(page);
    const example = blocks.find(({ language, mark }) => language === 'js' && mark === 'run')?.text ?? '';
    const shown = blocks.find(({ language }) => language === 'text')?.text ?? '';
    expect(example).toContain(`'@jitsuin/${name}'`);
    writeFileSync(join(consumer, `${name}.ts`), `${example}\nexport {};\n`);
    writeFileSync(join(consumer, `${name}.mjs`), example);
    // the client's own types need neither Node's nor more; xml-crypto's need a browser's
    const dom = name === 'client' || name === 'xml-crypto' ? 'es2023,dom' : 'es2023,esnext.disposable';
    const libraries = ['--lib', dom, '--types', name === 'client' ? '' : 'node'];
    const strict = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    expect(run(process.execPath, [tsc, ...strict, ...libraries, `${name}.ts`], consumer).stdout).toBe('');
    const ran = run(process.execPath, [`${name}.mjs`], consumer);
    expect(ran).toEqual({ status: 0, stdout: shown, stderr: '' });
  });
});

it('installs no package beside those that the table names', () => {
  const alone = mkdtempSync(join(tmpdir(), 'jitsuin-alone-'));
  try {
    writeFileSync(join(alone, 'package.json'), '{"private":true}');
    const lean = NAMES.filter((name) => name !== 'simulator');
    const args = ['install', '--no-audit', '--no-fund', '--omit=optional', '--offline', ...lean.map(tarball)];
    expect(run('npm', args, alone).status).toBe(0);
    const there = readdirSync(join(alone, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(there).toEqual(['@jitsuin']);
  } finally {
    rmSync(alone, { recursive: true, force: true });
  }
}, 60_000);
