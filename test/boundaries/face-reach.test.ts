import { existsSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FACES, strays } from '../../scripts/faces.mjs';
import { programFiles } from '../../scripts/program-files.mjs';

const built = resolve(import.meta.dirname, '../../dist/src');

async function reached(entry: string) {
  const found = await programFiles(resolve(built, entry));
  return { ...found, files: found.files.map((file) => relative(built, file)) };
}

describe.each(FACES)('jitsuin/$name', (face) => {
  it('reaches what its table allows and nothing else', async () => {
    const found = await reached(face.entry);
    expect(found.files.length).toBeGreaterThan(10);
    expect(strays(face, found)).toEqual([]);
  });

  it.each([
    ['the store', { files: ['adapters/store/open-store.js'] }],
    ['a role', { files: ['roles/pf/main.js'] }],
    ['the command line', { files: ['cli/main.js'] }],
    ['settings', { files: ['config/read.js'] }],
    ['a package that it does not name', { packages: ['bullmq'] }],
  ])('is refused where it reaches %s', async (_what, more) => {
    const found = { files: [], packages: [], builtins: [], ...more };
    expect(strays(face, found)).toHaveLength(1);
  });
});

it.each(['xml', 'x509', 'verify', 'xml-crypto', 'client'])(
  '%s is refused where it could ask the network',
  (name) => {
    const face = FACES.find((one) => one.name === name);
    if (face === undefined) throw new Error(`There is no face ${name}.`);
    expect(strays(face, { files: [], packages: [], builtins: ['node:net'] })).toHaveLength(1);
  },
);

it('a verifier cannot be had from the face that parses, nor decryption from the one that verifies', () => {
  const [xml, verify] = ['xml', 'verify'].map((name) => FACES.find((one) => one.name === name));
  if (xml === undefined || verify === undefined) throw new Error('A face is missing.');
  expect(strays(xml, { files: ['verifier/validate.js'], packages: [], builtins: [] })).toHaveLength(1);
  expect(strays(verify, { files: ['verifier/jwe/open-result.js'], packages: [], builtins: [] })).toHaveLength(
    1,
  );
});

it('the whole package exports each face with its types', () => {
  const root = resolve(import.meta.dirname, '../..');
  const { exports } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
  expect(Object.keys(exports)).toEqual([
    ...[...FACES.map(({ name }) => `./${name}`), './client/log', './client/webhooks'].sort(),
    './package.json',
  ]);
  for (const face of FACES) {
    const { types, default: code } = exports[`./${face.name}`];
    expect(code).toBe(`./dist/src/${face.entry}`);
    expect(existsSync(resolve(root, types)), types).toBe(true);
  }
});
