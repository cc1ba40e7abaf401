import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** File planted → its content → the rule that must refuse it. */
const PLANTED = [
  [
    'src/core/planted.ts',
    `import type { Clock } from '../ports/clock.ts';\nexport type P = Clock;`,
    'core-depends-on-nothing-above',
  ],
  [
    'src/core/planted-io.ts',
    `import { readFileSync } from 'node:fs';\nexport const p = readFileSync;`,
    'pure-rooms-no-io',
  ],
  [
    'src/verifier/planted.ts',
    `import type { Clock } from '../ports/clock.ts';\nexport type P = Clock;`,
    'verifier-depends-on-core-only',
  ],
  [
    'src/pf/planted.ts',
    `import type { A } from '../adapters/planted-target.ts';\nexport type Q = A;`,
    'pf-on-ports-only',
  ],
  [
    'src/pf/planted-io.ts',
    `import { readFileSync } from 'node:fs';\nexport const p = readFileSync;`,
    'pf-and-verification-do-no-io',
  ],
  [
    'src/verification/planted.ts',
    `import type { P } from '../pf/planted-target.ts';\nexport type Q = P;`,
    'verification-on-ports-only',
  ],
  [
    'src/config/planted.ts',
    `import type { A } from '../adapters/planted-target.ts';\nexport type Q = A;`,
    'config-reads-settings-only',
  ],
  [
    'src/rp/planted-config.ts',
    `import type { C } from '../config/planted-target.ts';\nexport type Q = C;`,
    'use-cases-get-settings-as-arguments',
  ],
  [
    'src/roles/sp/planted-use-case.ts',
    `import type { P } from '../../pf/planted-target.ts';\nexport type Q = P;`,
    'sp-never-reaches-verifier',
  ],
  [
    'src/roles/sp/planted.ts',
    `import type { P } from '../pf/planted-target.ts';\nexport type Q = P;`,
    'roles-do-not-meet',
  ],
  [
    'src/roles/relying-party/planted-sp.ts',
    `import type { T } from '../sp/planted-target.ts';\nexport type Q = T;`,
    'roles-do-not-meet',
  ],
  [
    'src/roles/sp/planted-verifier.ts',
    `import type { V } from '../../verifier/planted-target.ts';\nexport type Q = V;`,
    'sp-never-reaches-verifier',
  ],
  [
    'src/roles/sp/planted-upkeep.ts',
    `import type { U } from '../signature-verifier/planted-target.ts';\nexport type Q = U;`,
    'sp-never-reaches-verifier',
  ],
  [
    'src/roles/signature-verifier/planted-pf.ts',
    `import type { P } from '../pf/planted-target.ts';\nexport type Q = P;`,
    'roles-do-not-meet',
  ],
  [
    'workers/sp/planted-third.ts',
    `export const load = () => import('../../src/http/planted-bridge.ts');`,
    'sp-never-reaches-verifier',
  ],
  [
    'src/http/planted.ts',
    `import type { A } from '../adapters/planted-target.ts';\nexport type Q = A;`,
    'http-and-web-below-roles',
  ],
  [
    'src/rp/planted.ts',
    `import type { A } from '../adapters/planted-target.ts';\nexport type Q = A;`,
    'rp-on-ports-only',
  ],
  [
    'src/staff/planted.ts',
    `import type { A } from '../adapters/planted-target.ts';\nexport type Q = A;`,
    'staff-on-ports-only',
  ],
  [
    'src/web/planted-passkey.ts',
    `import { generateRegistrationOptions } from '@simplewebauthn/server';\nexport const p = generateRegistrationOptions;`,
    'passkey-library-in-one-adapter',
  ],
  [
    'src/roles/pf/planted-sim.ts',
    `import type { S } from '../../simulator/planted-target.ts';\nexport type Q = S;`,
    'simulator-only-for-cli-and-tests',
  ],
  [
    'src/core/planted-pki.ts',
    `import { Certificate } from 'pkijs';\nexport const p = Certificate;`,
    'pkijs-encodes-only',
  ],
  [
    'src/http/planted-jose.ts',
    `import { compactDecrypt } from 'jose/jwe/compact/decrypt';\nexport const p = compactDecrypt;`,
    'jose-decrypts-only-in-verifier-jwe',
  ],
  [
    'src/http/planted-queue.ts',
    `import { Queue } from 'bullmq';\nexport const p = Queue;`,
    'queue-library-in-one-adapter',
  ],
  [
    'src/http/planted-test.ts',
    `import type { T } from '../../test/planted-target.ts';\nexport type Q = T;`,
    'production-not-to-test',
  ],
  [
    'src/client/planted.ts',
    `import type { C } from '../core/planted-target.ts';\nexport type Q = C;`,
    'client-stands-alone',
  ],
  [
    'src/client/planted-node.ts',
    `import { readFileSync } from 'node:fs';\nexport const p = readFileSync;`,
    'client-on-fetch-only',
  ],
  [
    'src/http/planted-client.ts',
    `import type { C } from '../client/planted-target.ts';\nexport type Q = C;`,
    'client-is-for-others',
  ],
] as const;

const TARGETS = [
  ['src/roles/pf/planted-target.ts', 'export type P = 1;'],
  ['src/roles/sp/planted-target.ts', 'export type T = 1;'],
  ['src/pf/planted-target.ts', 'export type P = 1;'],
  ['src/config/planted-target.ts', 'export type C = 1;'],
  [
    'src/roles/signature-verifier/planted-target.ts',
    `export type { V as U } from '../../verifier/planted-target.ts';`,
  ],
  ['src/verifier/planted-target.ts', 'export type V = 1;'],
  ['src/http/planted-bridge.ts', `export type { V } from '../verifier/planted-target.ts';`],
  ['src/adapters/planted-target.ts', 'export type A = 1;'],
  ['src/simulator/planted-target.ts', 'export type S = 1;'],
  ['test/planted-target.ts', 'export type T = 1;'],
  ['src/core/planted-target.ts', 'export type C = 1;'],
  ['src/client/planted-target.ts', 'export type C = 1;'],
] as const;

let copy = '';
let violations = '';

describe('the arrows between the rooms', () => {
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'jitsuin-arrows-'));
    for (const entry of ['src', 'workers', 'package.json', '.dependency-cruiser.cjs', 'tsconfig.json']) {
      cpSync(join(root, entry), join(copy, entry), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [file, content] of [...PLANTED, ...TARGETS]) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), `${content}\n`);
    }
    violations = depcruise(copy);
  }, 120_000);

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it.each(PLANTED)('refuses what was planted in %s', (file, _content, rule) => {
    const lines = violations.split('\n').filter((line) => line.includes(rule) && line.includes(file));
    expect(lines).not.toEqual([]);
  });

  it('finds nothing wrong in the house as it stands', () => {
    const others = violations
      .split('\n')
      .filter((line) => /^\s*error /.test(line) && !line.includes('planted'));
    expect(others).toEqual([]);
  });

  it('refuses a computed import and an inline type import, which the dependency checker cannot see', () => {
    writeFileSync(
      join(copy, 'src/rp/planted-computed.ts'),
      `export const load = (room: string) => import(room);\n`,
    );
    writeFileSync(join(copy, 'src/rp/planted-inline.ts'), `export type V = import('../verifier/x.ts').V;\n`);
    const found = spawnSync(process.execPath, [join(root, 'scripts/source-rules.mjs'), copy], {
      encoding: 'utf8',
    });
    expect(found.status).toBe(1);
    expect(found.stdout).toContain('src/rp/planted-computed.ts:1 no-computed-import');
    expect(found.stdout).toContain('src/rp/planted-inline.ts:1 no-inline-type-import');
  });

  it('refuses text that is normalized past the helper that bounds it', () => {
    writeFileSync(
      join(copy, 'src/rp/planted-normal.ts'),
      `export const n = (t: string) => t.normalize('NFC');\n`,
    );
    const found = spawnSync(process.execPath, [join(root, 'scripts/source-rules.mjs'), copy], {
      encoding: 'utf8',
    });
    expect(found.stdout).toContain('src/rp/planted-normal.ts:1 normalized-in-one-place');
  });

  it.each([
    'await operator.verifications.update(next, { audit: [] });',
    'await webhooks.settle(delivery, state, now);',
    'await tryStep(ports, application, event);',
    // read from the ports themselves
    'await passkeys.rename(owner, key, name);',
    'await ports.memory.takeOver(signature, from, to);',
    'await operator.verifications.insert(verification, effects);',
  ])('refuses a compare-and-set whose answer nobody reads: %s', (line) => {
    writeFileSync(join(copy, 'src/rp/planted-deaf.ts'), `${line}\n`);
    const found = spawnSync(process.execPath, [join(root, 'scripts/source-rules.mjs'), copy], {
      encoding: 'utf8',
    });
    expect(found.stdout).toContain('src/rp/planted-deaf.ts:1 compare-and-set-is-heard');
  });

  it.each([
    'export const same = timingSafeEqual(left, right);',
    "export const hash = createHash('sha256').update(toUtf8(text)).digest('hex');",
    'export const ID = /^[0-9a-f]{8}-[0-9a-f]{4}$/;',
  ])('refuses what is shared ground already, made once more: %s', (line) => {
    writeFileSync(join(copy, 'src/rp/planted-again.ts'), `${line}\n`);
    const found = spawnSync(process.execPath, [join(root, 'scripts/source-rules.mjs'), copy], {
      encoding: 'utf8',
    });
    expect(found.stdout).toContain('src/rp/planted-again.ts:1 shared-ground');
  });

  it.each([
    ['codes-of-the-edge', "throw new JitsuinError('http.not-found', 'No.');"],
    ['codes-of-the-service', "throw new JitsuinError('upstream.restart', 'Nobody is logged in.');"],
  ])('refuses a code in a room where it says something else: %s', (rule, line) => {
    writeFileSync(join(copy, 'src/rp/planted-code.ts'), `${line}\n`);
    const found = spawnSync(process.execPath, [join(root, 'scripts/source-rules.mjs'), copy], {
      encoding: 'utf8',
    });
    expect(found.stdout).toContain(`src/rp/planted-code.ts:1 ${rule}`);
  });

  it.each([
    ['spans-once', 'a minute of its own', 'export const life = 15 * 60_000;'],
    ['spans-once', 'an hour spelt out', 'export const life = 60 * 60 * 1000;'],
    ['spans-once', 'a day', 'export const kept = 30 * 86_400_000;'],
    ['lines-within-120', 'a long comment', `// ${'x'.repeat(118)}`],
    ['lines-within-120', 'a long line of markup', `export const page = '${'署'.repeat(120)}';`],
  ])('%s refuses %s', (rule, _what, line) => {
    writeFileSync(join(copy, 'src/rp/planted-line.ts'), `${line}\n`);
    const found = spawnSync(process.execPath, [join(root, 'scripts/source-rules.mjs'), copy], {
      encoding: 'utf8',
    });
    expect(found.stdout).toContain(`src/rp/planted-line.ts:1 ${rule}`);
  });

  it.each([
    ['a packed literal', 'export const record = { ...{ a, b } };'],
    ['a member left out by an empty literal', 'export const record = { ...(a === undefined ? {} : { a }) };'],
    ['the same the other way round', "export const record = { ...(typeof a === 'string' ? { a } : {}) };"],
  ])('refuses %s', (_what, line) => {
    writeFileSync(join(copy, 'src/rp/planted-spread.ts'), `${line}\n`);
    const found = spawnSync(process.execPath, [join(root, 'scripts/source-rules.mjs'), copy], {
      encoding: 'utf8',
    });
    expect(found.stdout).toContain('src/rp/planted-spread.ts:1 plain-members');
  });
});

function depcruise(folder: string): string {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [bin, '--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'src', 'workers'];
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return `${done.stdout}${done.stderr}`;
}
