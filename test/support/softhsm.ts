import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { notRunUnless } from './not-run.ts';

export const PIN = '271828';
const LIBRARIES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'];

/** Whether SoftHSM2 and the binding are here; says loudly when not. */
export function softhsmIsHere(): boolean {
  const library = LIBRARIES.some((path) => existsSync(path));
  const util = spawnSync('softhsm2-util', ['--version']).status === 0;
  if (library && util && bindingFolder() !== undefined) return true;
  notRunUnless(
    'JITSUIN_REQUIRE_PKCS11',
    'the PKCS#11 adapter against SoftHSM2',
    'apt-get install softhsm2; node scripts/get-pkcs11.mjs',
  );
  return false;
}

function bindingFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('pkcs11js/package.json'));
  } catch {
    return undefined;
  }
}

/** Tokens in a folder of their own; the environment of this process names it, for the processes that open them. */
export class SoftHsm {
  readonly folder = mkdtempSync(join(tmpdir(), 'jitsuin-softhsm-'));
  readonly module = LIBRARIES.find((path) => existsSync(path)) ?? '';
  readonly pinFile = this.file('pin', `${PIN}\n`);
  readonly #tokens = join(this.folder, 'tokens');

  constructor() {
    mkdirSync(this.#tokens);
    const conf = `directories.tokendir = ${this.#tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`;
    process.env['SOFTHSM2_CONF'] = this.file('softhsm2.conf', conf);
  }

  file(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** A new token. */
  initialize(label: string): void {
    execFileSync('softhsm2-util', [
      '--init-token',
      '--free',
      '--label',
      label,
      '--pin',
      PIN,
      '--so-pin',
      '314159',
    ]);
  }

  /** A key of another curve under this CKA_ID. */
  importP384(id: string, label: string): void {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const pem = this.file('p384.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const to = ['--token', label, '--label', 'p384', '--id', id, '--pin', PIN];
    execFileSync('softhsm2-util', ['--import', pem, ...to]);
  }

  /** As somebody pulls the device out, and puts it back. */
  pull(): void {
    renameSync(this.#tokens, `${this.#tokens}.away`);
    mkdirSync(this.#tokens);
  }

  putBack(): void {
    rmSync(this.#tokens, { recursive: true, force: true });
    renameSync(`${this.#tokens}.away`, this.#tokens);
  }

  /** SoftHSM2 behind a library that sleeps in C_DeriveKey while the file `slow` is there, and counts logins. */
  slowModule(): { readonly module: string; readonly slow: string; readonly logins: string } {
    const source = fileURLToPath(new URL('./pkcs11-slow.c', import.meta.url));
    const module = join(this.folder, 'slow.so');
    const slow = join(this.folder, 'slow');
    const logins = join(this.folder, 'logins');
    const includes = join(bindingFolder() ?? '', 'includes', 'pkcs11');
    const defines = [`-DBEHIND="${this.module}"`, `-DSLOW="${slow}"`, `-DLOGINS="${logins}"`];
    execFileSync('cc', ['-shared', '-fPIC', `-I${includes}`, ...defines, '-o', module, source, '-ldl']);
    return { module, slow, logins };
  }

  close(): void {
    delete process.env['SOFTHSM2_CONF'];
    rmSync(this.folder, { recursive: true, force: true });
  }
}
