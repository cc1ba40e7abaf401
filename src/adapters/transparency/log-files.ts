import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Undefined where there is none. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Whole and on the disk, or not at all. @param who `anyone`: a web server of another user may read it */
export function writeWhole(path: string, content: Uint8Array | string, who: 'anyone' | 'owner'): void {
  const octets = Buffer.from(content);
  makeFolder(dirname(path), who);
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    for (let at = 0; at < octets.length; ) at += writeSync(descriptor, octets, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (who === 'anyone') chmodSync(beside, 0o644);
  renameSync(beside, path);
  syncFolder(dirname(path));
}

/** Adds lines at the end, on the disk before it returns. */
export function appendLines(path: string, lines: readonly string[]): void {
  makeFolder(dirname(path), 'owner');
  const descriptor = openSync(path, 'a', 0o600);
  try {
    writeSync(descriptor, lines.map((line) => `${line}\n`).join(''));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function makeFolder(path: string, who: 'anyone' | 'owner'): void {
  const made = mkdirSync(path, { recursive: true, mode: who === 'anyone' ? 0o755 : 0o700 });
  if (made !== undefined && who === 'anyone') chmodSync(path, 0o755);
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
