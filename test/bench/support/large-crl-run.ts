import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestIdentity } from '../../support/pki/test-pki.ts';
import { compiledFile } from './compiled.ts';
import { largeCrl, serialOf } from './large-crl.ts';

export interface CrlResult {
  readonly openMilliseconds: number;
  /** Processor time of the same: what counts on a busy machine. */
  readonly cpuMilliseconds: number;
  readonly lookupsPerSecond: number;
  readonly rssMegabytes: number;
  readonly rssBefore: number;
}

/** Opens a large CRL and looks serial numbers up, in a process of its own. */
export async function benchCrl(ca: TestIdentity, count: number): Promise<CrlResult> {
  const directory = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  try {
    const files = [join(directory, 'large.crl'), join(directory, 'ca.der')] as const;
    const der = largeCrl(ca, count);
    writeFileSync(files[0], der);
    writeFileSync(files[1], ca.der);
    const program = fileURLToPath(new URL('./open-crl.mjs', import.meta.url));
    const own = [compiledFile('verifier/revocation/crl'), compiledFile('verifier/x509/certificate')];
    const args = [program, ...own, ...files, count, serialOf(1) - serialOf(0), serialOf(0)].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const result = JSON.parse(stdout) as CrlResult;
    const { openMilliseconds, cpuMilliseconds, lookupsPerSecond, rssMegabytes, rssBefore } = result;
    console.log(`CRL of ${count} entries (${(der.length / 1e6).toFixed(1)} MB)`);
    console.log(
      `  verify + index ${openMilliseconds.toFixed(0)} ms (processor ${cpuMilliseconds.toFixed(0)} ms), ${(lookupsPerSecond / 1e6).toFixed(2)} M lookups/s`,
    );
    console.log(
      `  peak RSS of the process ${rssMegabytes.toFixed(0)} MB, of which ${rssBefore.toFixed(0)} MB before`,
    );
    return result;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
