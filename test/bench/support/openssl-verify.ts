import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** OpenSSL's own d2i + verify in C, without Node around it. */
export interface OpensslVerify {
  /** Milliseconds for one verification, over `count` of them. */
  measure(count: number): Promise<number>;
  stop(): void;
}

/** Compiles the C program; undefined, with one line said, where there is no compiler or no OpenSSL headers. */
export function startOpensslVerify(leaf: Uint8Array, ca: Uint8Array, at: number): OpensslVerify | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  const source = fileURLToPath(new URL('./openssl-verify.c', import.meta.url));
  const program = join(directory, 'openssl-verify');
  try {
    execFileSync('cc', ['-O2', '-o', program, source, '-lcrypto'], { stdio: 'pipe' });
  } catch {
    console.log('OpenSSL in C was NOT measured: no compiler or no OpenSSL headers here.');
    rmSync(directory, { recursive: true });
    return undefined;
  }
  const files = [join(directory, 'leaf.der'), join(directory, 'ca.der')] as const;
  writeFileSync(files[0], leaf);
  writeFileSync(files[1], ca);
  return {
    async measure(count) {
      const { stdout } = await run(program, [...files, String(Math.floor(at / 1000)), String(count)]);
      return (Number(stdout) * 1000) / count;
    },
    stop: () => rmSync(directory, { recursive: true }),
  };
}
