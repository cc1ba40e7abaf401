import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the openssl program is here; the checks with it are skipped, and say so, where it is not. */
export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

/** Runs openssl in a fresh directory that holds `files`. */
export function openssl(args: readonly string[], files: Readonly<Record<string, string | Uint8Array>>): Ran {
  const directory = mkdtempSync(join(tmpdir(), 'jitsuin-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: directory, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The octets that openssl writes to its file `out`. */
export function opensslOctets(
  args: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>>,
): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'jitsuin-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
    return readFileSync(join(directory, 'out'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
