import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Builds a tree of programs that stands for `dist`, and asks `scripts/sp-reach.mjs` about it. */
function reach(files: Readonly<Record<string, string>>): Promise<{ status: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-reach-'));
  folders.push(folder);
  const programs = {
    'dist/src/roles/sp/main.js': '',
    'dist/workers/sp/main.js': '',
    'dist/src/here.js': '',
    ...files,
  };
  for (const [path, content] of Object.entries(programs)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts/sp-reach.mjs'), folder], (error, stdout) =>
      resolve({ status: error === null ? 0 : 1, output: stdout }),
    );
  });
}

const HERE = `import '../../here.js';`;

describe('what the built sp reaches', { timeout: 60_000 }, () => {
  it('is content with programs that reach nothing of the kind', async () => {
    expect(await reach({ 'dist/src/roles/sp/main.js': HERE })).toMatchObject({ status: 0 });
  });

  it.each([
    ['certificate code of ours', `import '../verifier/x509/path.js';`, 'dist/src/verifier/x509/path.js'],
    ['a certificate package', `import 'pkijs';`, 'pkijs'],
    ['its ASN.1 parser', `import 'asn1js';`, 'asn1js'],
    [
      'decryption, asked for later',
      `export const open = () => import('jose/jwe/compact/decrypt');`,
      'decrypt',
    ],
  ])('refuses %s, through another module', async (_name, line, named) => {
    const found = await reach({
      'dist/src/roles/sp/main.js': HERE,
      'dist/src/here.js': `import './adapters/there.js';`,
      'dist/src/adapters/there.js': line,
      'dist/src/verifier/x509/path.js': '',
    });
    expect(found.status).toBe(1);
    expect(found.output).toContain(named);
  });

  it('lets the passkey library have its own parser for the certificates of authenticators', async () => {
    const found = await reach({
      'dist/src/roles/sp/main.js': HERE,
      'dist/src/here.js': `export const passkeys = () => import('@simplewebauthn/server');`,
    });
    expect(found).toMatchObject({ status: 0 });
  });
});
