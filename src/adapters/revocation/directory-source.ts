import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JitsuinError } from '../../core/errors.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';

interface CrlFile {
  readonly path: string;
  readonly version: string;
  readonly modified: number;
  readonly octets: Buffer;
}

/**
 * CRLs as `*.crl` files (DER) in a folder, for operators that get them by file drop. The file for a distribution
 * point is the newest one whose octets hold the point's DER Name, as its issuingDistributionPoint does (RFC 5280
 * section 5.2.5), those with the issuing key's identifier before others; `complete.crl` serves every other. That
 * only chooses a candidate: scope, signature and dates are the verifier's to judge. A file is taken up when it was
 * renamed into the folder; half-written ones are refused by the verifier.
 */
export function directoryRevocationSource(folder: string): RevocationSource {
  const known = new Map<string, CrlFile>();
  return {
    crl: async (name, key) => {
      const files = await readFiles(folder, known);
      const complete = files.find((file) => file.path === join(folder, 'complete.crl'));
      const holding = files.filter((file) => file.octets.includes(Buffer.from(name)));
      const ofKey = holding.filter((file) => key !== undefined && file.octets.includes(Buffer.from(key)));
      const newest = (ofKey.length > 0 ? ofKey : holding).sort((a, b) => b.modified - a.modified)[0];
      const chosen = complete !== undefined && holding.includes(complete) ? complete : (newest ?? complete);
      if (chosen === undefined) {
        throw new JitsuinError(
          'revocation.unavailable',
          'The CRL folder has no file for this distribution point.',
        );
      }
      return chosen.octets;
    },
  };
}

/** All CRL files, each read again only when it changed. */
async function readFiles(folder: string, known: Map<string, CrlFile>): Promise<CrlFile[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.crl'));
  } catch (cause) {
    throw new JitsuinError('revocation.unavailable', 'The CRL folder cannot be read.', { cause });
  }
  const files: CrlFile[] = [];
  for (const name of names.sort()) {
    const file = await readOne(join(folder, name), known);
    if (file !== undefined) files.push(file);
  }
  const present = new Set(files.map((file) => file.path));
  for (const path of known.keys()) if (!present.has(path)) known.delete(path);
  return files;
}

/** Undefined when the file went away meanwhile. */
async function readOne(path: string, known: Map<string, CrlFile>): Promise<CrlFile | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    const version = `${ino} ${mtimeMs} ${size}`;
    const before = known.get(path);
    if (before?.version === version) return before;
    const file = { path, version, modified: mtimeMs, octets: await readFile(path) };
    known.set(path, file);
    return file;
  } catch {
    return undefined;
  }
}
