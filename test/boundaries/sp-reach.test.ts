import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folders: string[] = [];
const HERE = `import '../here.js';`;

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const ENTRY = 'dist/sp/src/cli/sp-main.js';

/** Builds a tree that stands for this repository, and asks `scripts/sp-reach.mjs` about it. */
function reach(files: Readonly<Record<string, string>>): Promise<{ status: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-reach-'));
  folders.push(folder);
  const programs = {
    [ENTRY]: HERE,
    'dist/sp/src/here.js': '',
    'package.json': `{"type":"module","bin":{"jitsuin-sp":"${ENTRY}"}}`,
    ...files,
  };
  for (const [path, content] of Object.entries(programs)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts/sp-reach.mjs'), folder], (error, stdout) =>
      resolve({ status: error === null ? 0 : 1, output: stdout }),
    );
  });
}

describe('what the program of an sp reaches', { timeout: 60_000 }, () => {
  it('is content with a program that reaches nothing of the kind', async () => {
    expect(await reach({})).toMatchObject({ status: 0 });
  });

  it.each([
    ['certificate code of ours', `import '../verifier/x509/path.js';`, 'dist/sp/src/verifier/x509/path.js'],
    [
      'another role',
      `export const pf = () => import('../roles/pf/main.js');`,
      'dist/sp/src/roles/pf/main.js',
    ],
    ['a certificate package', `import 'pkijs';`, 'pkijs'],
    ['its ASN.1 parser', `import 'asn1js';`, 'asn1js'],
    [
      'decryption, asked for later',
      `export const open = () => import('jose/jwe/compact/decrypt');`,
      'decrypt',
    ],
    [
      'certificate code in a thread',
      `export const file = new URL('../verifier/x509/path.js', import.meta.url);`,
      'dist/sp/src/verifier/x509/path.js',
    ],
  ])('refuses %s, through another module', async (_name, line, named) => {
    const found = await reach({
      'dist/sp/src/here.js': `import './adapters/there.js';`,
      'dist/sp/src/adapters/there.js': line,
      'dist/sp/src/verifier/x509/path.js': '',
      'dist/sp/src/roles/pf/main.js': '',
    });
    expect(found.status).toBe(1);
    expect(found.output).toContain(`reaches ${named.startsWith('dist') ? named : ''}`);
    expect(found.output).toContain(named);
  });

  it('lets the passkey library have its own parser for the certificates of authenticators', async () => {
    const found = await reach({
      'dist/sp/src/here.js': `export const passkeys = () => import('@simplewebauthn/server');`,
    });
    expect(found).toMatchObject({ status: 0 });
  });

  it('refuses a file in the build output that the program does not reach', async () => {
    const found = await reach({ 'dist/sp/src/verifier/left-over.js': '' });
    expect(found.status).toBe(1);
    expect(found.output).toContain('dist/sp holds dist/sp/src/verifier/left-over.js');
  });
});

describe('what is started as an sp', { timeout: 60_000 }, () => {
  const OTHERS = [
    'npx jitsuin serve --role sp --env-file sp.env',
    'npx jitsuin worker  --env-file sp.env --role=sp',
    'command: [serve, --role, sp]',
  ];

  it.each(OTHERS)('is refused in a README where it is another program: %s', async (line) => {
    const found = await reach({ 'README.md': `npx jitsuin-sp serve\n${line}\n` });
    expect(found.status).toBe(1);
    expect(found.output).toContain('README.md:2 starts an sp with another program');
  });

  it('is refused where a document that starts one names it no more', async () => {
    expect(await reach({ 'README.md': 'npm start\n' })).toMatchObject({ status: 1 });
    expect(await reach({ 'README.md': 'npx jitsuin-sp serve\n' })).toMatchObject({ status: 0 });
  });

  it('is refused where package.json names another file', async () => {
    const bin = { 'jitsuin-sp': 'dist/src/cli/main.js' };
    const found = await reach({ 'package.json': JSON.stringify({ type: 'module', bin }) });
    expect(found).toMatchObject({ status: 1 });
  });
});
