import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { keptEvidence } from '../../verification/evidence/kept-evidence.ts';
import { exportedEvidence } from '../../verifier/evidence/evidence-export.ts';
import { sha256Hex } from '../../verifier/evidence/evidence-record.ts';
import { type ArchiveJudge, judgesHere, threadJudges } from '../archive/archive-judges.ts';
import type { ArchiveColumns, ArchiveFormat, ArchiveRow } from '../archive/archive-lines.ts';
import { runArchive } from '../archive/run-archive.ts';
import { type CommandIo, type ExitStatus, UsageError } from '../command.ts';
import { withOpenedStore } from '../storage-arguments.ts';
import { ownLog } from './own-log.ts';

const COLUMNS: ArchiveColumns = ['id', 'outcome', 'file', 'octets', 'sha256', 'code'];

interface ExportAllOptions {
  readonly folder: string | undefined;
  readonly format: ArchiveFormat | undefined;
}

/** Every record of a store as a file of its own; each export is noted in the audit chain before its file is written. */
export async function exportAll(
  { folder, format = 'ndjson' }: ExportAllOptions,
  role: 'pf' | 'gov',
  io: CommandIo,
): Promise<ExitStatus> {
  if (folder === undefined || folder === '-')
    throw new UsageError('--out is missing: with --all it names the folder that the files go to.');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const publicLog = await ownLog(io);
  return withOpenedStore(io, role, async (store) => {
    const inputs = async function* () {
      for await (const { id, take } of keptEvidence({ ...store, publicLog })) {
        const noted = async () => {
          const record = await take();
          const at = systemClock.now();
          await store.audit.append({ event: 'evidence.exported', subject: id, tenant: '', at });
          return record;
        };
        yield { name: id, take: noted };
      }
    };
    const data = { command: 'evidence export', values: { folder } } as const;
    return runArchive(
      {
        inputs: inputs(),
        total: () => store.archive.countKept(),
        columns: COLUMNS,
        format,
        out: join(folder, `.exported.${format}`),
        worst: [
          ['unreadable', 2],
          ['written', 0],
        ],
        done: 'written',
        again: 'unreadable',
        unjudged: unwritten,
        judges: (few) => (few ? judgesHere(recordWriter({ folder })) : threadJudges(data, unwritten)),
      },
      io,
    );
  });
}

function unwritten(id: string, code: string): ArchiveRow {
  return { id, outcome: 'unreadable', code };
}

/**
 * Writes a record's file whole or not at all: under a name of its own first, on the disk before it has its name.
 * @throws where the folder cannot be written to
 */
export function recordWriter({ folder }: { readonly folder: string }): ArchiveJudge {
  return async ({ name, record }) => {
    if (record === undefined) return unwritten(name, 'internal.unexpected');
    let octets: Uint8Array;
    try {
      octets = exportedEvidence(record.octets, record.proofs);
    } catch (thrown) {
      return unwritten(name, asJitsuinError(thrown).code);
    }
    const file = `${encodeURIComponent(name)}.json`;
    const part = join(folder, `.${file}.part`);
    writeWhole(part, octets);
    renameSync(part, join(folder, file));
    return { id: name, outcome: 'written', file, octets: String(octets.length), sha256: sha256Hex(octets) };
  };
}

function writeWhole(path: string, octets: Uint8Array): void {
  const file = openSync(path, 'w', 0o600);
  try {
    for (let from = 0; from < octets.length; ) from += writeSync(file, octets, from);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
