import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, toBase64 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { type NoteSigner, type NoteVerifier, signatureLine } from '../../core/transparency/signed-note.ts';
import {
  judgeAddCheckpoint,
  readAddCheckpoint,
  type WitnessAnswer,
  type Witnessed,
} from '../../core/transparency/witness-judge.ts';
import { appendLines, readIfThere, writeWhole } from './log-files.ts';

interface WitnessOptions {
  readonly folder: string;
  readonly signer: NoteSigner;
  /** Pinned keys of the logs that it watches; the name is the origin. */
  readonly logs: readonly NoteVerifier[];
  readonly now: () => number;
  /** A log's own key signed what cannot both be true; the two notes are kept in `alarms`. */
  readonly alarm: (origin: string, what: string) => void;
}

export interface WitnessReply {
  readonly status: number;
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size';
  readonly body: string;
}

export interface OpenWitness {
  /** The body of add-checkpoint → what goes back. */
  addCheckpoint(body: string): WitnessReply;
  close(): void;
}

/**
 * A witness that keeps its memory in a folder: what it signed is on the disk before anybody gets the signature.
 * @throws JitsuinError `store.conflict`: another witness has the folder
 */
export function openWitness(options: WitnessOptions): OpenWitness {
  const lock = join(options.folder, 'lock');
  writeWhole(
    join(options.folder, 'README'),
    'The memory of a jitsuin witness. Do not put it back from a backup.\n',
    'owner',
  );
  try {
    closeSync(openSync(lock, 'wx', 0o600));
  } catch {
    const message = `Another witness has this folder. If none runs, remove ${lock}.`;
    throw new JitsuinError('store.conflict', message, { at: options.folder });
  }
  return {
    addCheckpoint: (body) => {
      const request = readAddCheckpoint(body);
      if (request === undefined) return plain(400, 'no add-checkpoint request\n');
      const logOf = (origin: string) => options.logs.find(({ name }) => name === origin);
      const answer = judgeAddCheckpoint(request, logOf, (origin) => memory(options, origin));
      return answer.kind === 'sign'
        ? signed(options, answer, request.note)
        : refused(options, answer, request.note);
    },
    close: () => rmSync(lock, { force: true }),
  };
}

interface Remembered {
  readonly size: number;
  readonly root: string;
  readonly note: string;
}

function memory({ folder }: WitnessOptions, origin: string): Witnessed | undefined {
  const kept = readIfThere(pathOf(folder, origin, 'json'));
  if (kept === undefined) {
    // A history without its end: somebody took the memory away. To begin anew would sign anything.
    if (readIfThere(pathOf(folder, origin, 'history')) === undefined) return undefined;
    throw new JitsuinError(
      'tlog.broken',
      'The last head of this log is missing in the memory of the witness.',
    );
  }
  const { size, root } = JSON.parse(kept.toString('utf8')) as Remembered;
  return { size, root: fromBase64(root) };
}

function signed(
  options: WitnessOptions,
  { checkpoint, text }: Extract<WitnessAnswer, { readonly kind: 'sign' }>,
  note: string,
): WitnessReply {
  const { folder, signer, now } = options;
  const seconds = Math.floor(now() / 1000);
  const root = toBase64(checkpoint.root);
  const kept: Remembered = { size: checkpoint.size, root, note };
  appendLines(pathOf(folder, checkpoint.origin, 'history'), [`${seconds} ${checkpoint.size} ${root}`]);
  writeWhole(pathOf(folder, checkpoint.origin, 'json'), JSON.stringify(kept), 'owner');
  return plain(200, `${signatureLine(signer, text, seconds)}\n`);
}

function refused(
  { folder, alarm }: WitnessOptions,
  { status, why, size, alarm: what }: Extract<WitnessAnswer, { readonly kind: 'refused' }>,
  note: string,
): WitnessReply {
  const [origin = ''] = note.split('\n');
  if (what !== undefined) {
    const before = readIfThere(pathOf(folder, origin, 'json'))?.toString('utf8') ?? '{}';
    const { note: seen = '' } = JSON.parse(before) as Partial<Remembered>;
    const name = createHash('sha256').update(note).digest('hex').slice(0, 32);
    const content = `${JSON.stringify({ origin, what, seen, given: note }, undefined, 1)}\n`;
    const kept = join(folder, 'alarms', `${name}.json`);
    if (readIfThere(kept) === undefined) {
      writeWhole(kept, content, 'owner');
      alarm(origin, what);
    }
  }
  if (status === 409 && size !== undefined) return { status, type: 'text/x.tlog.size', body: `${size}\n` };
  return plain(status, `${why}\n`);
}

function pathOf(folder: string, origin: string, end: 'json' | 'history'): string {
  return join(folder, 'logs', `${createHash('sha256').update(origin).digest('hex').slice(0, 32)}.${end}`);
}

function plain(status: number, body: string): WitnessReply {
  return { status, type: 'text/plain; charset=utf-8', body };
}
