import { equalOctets } from '../digest/sha256.ts';
import { fromBase64 } from '../encoding.ts';
import { asJitsuinError } from '../errors.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { type NoteVerifier, readNote, verifiedBy } from './signed-note.ts';
import { provesConsistency } from './tree-proofs.ts';

/** What a witness knows of one log: the last head that it signed. */
export interface Witnessed {
  readonly size: number;
  readonly root: Uint8Array;
}

export type WitnessAnswer =
  | { readonly kind: 'sign'; readonly checkpoint: Checkpoint; readonly text: string }
  | {
      readonly kind: 'refused';
      /** HTTP status of C2SP tlog-witness. */
      readonly status: 400 | 403 | 404 | 409 | 422;
      readonly why: string;
      /** With 409: the size that the witness has, which the log asks from. */
      readonly size?: number;
      /** The log's own key signed two histories: `split-view`, or one that does not go on from the other. */
      readonly alarm?: 'split-view' | 'inconsistent' | 'shrunken';
    };

interface AddCheckpoint {
  readonly old: number;
  readonly path: readonly Uint8Array[];
  readonly note: string;
}

/** The body of add-checkpoint. Undefined for anything else. */
export function readAddCheckpoint(body: string): AddCheckpoint | undefined {
  const end = body.indexOf('\n\n');
  if (end < 0) return undefined;
  const [first = '', ...hashes] = body.slice(0, end).split('\n');
  const [, old = ''] = /^old (0|[1-9][0-9]{0,15})$/.exec(first) ?? [];
  if (old === '' || hashes.length > 63 || !hashes.every((hash) => /^[A-Za-z0-9+/]{43}=$/.test(hash)))
    return undefined;
  return { old: Number(old), path: hashes.map((hash) => fromBase64(hash)), note: body.slice(end + 2) };
}

/**
 * Judges a head as C2SP tlog-witness has it: known log, right signature, from where this witness stands, and the old
 * tree inside the new one.
 * @param logOf the pinned key of an origin
 */
export function judgeAddCheckpoint(
  { old, path, note }: AddCheckpoint,
  logOf: (origin: string) => NoteVerifier | undefined,
  known: (origin: string) => Witnessed | undefined,
): WitnessAnswer {
  const read = readHead(note);
  if (read === undefined) return refused(400, 'no checkpoint');
  const { checkpoint, signed } = read;
  const log = logOf(checkpoint.origin);
  if (log === undefined) return refused(404, 'unknown log');
  if (verifiedBy(log, signed) === undefined) return refused(403, 'no signature of the log');
  const before = known(checkpoint.origin) ?? { size: 0, root: new Uint8Array() };
  if (checkpoint.size < before.size && old <= checkpoint.size)
    return { ...refused(409, 'smaller than seen before'), size: before.size, alarm: 'shrunken' };
  if (old > checkpoint.size) return refused(400, 'old size above the size');
  if (checkpoint.size === before.size && before.size > 0 && !equalOctets(checkpoint.root, before.root))
    return { ...refused(409, 'another tree of the same size'), size: before.size, alarm: 'split-view' };
  if (old !== before.size)
    return { ...refused(409, 'not from where this witness stands'), size: before.size };
  const proof = { from: old, to: checkpoint.size, fromRoot: before.root, toRoot: checkpoint.root, path };
  if (old > 0 && !provesConsistency(proof))
    return { ...refused(422, 'the old tree is not shown to be in the new one'), alarm: 'inconsistent' };
  if (old === 0 && path.length > 0) return refused(422, 'a proof from nothing');
  return { kind: 'sign', checkpoint, text: signed.text };
}

function readHead(note: string) {
  try {
    const signed = readNote(note);
    return { signed, checkpoint: readCheckpoint(signed.text) };
  } catch (thrown) {
    if (asJitsuinError(thrown).code === 'tlog.invalid') return undefined;
    throw thrown;
  }
}

function refused(status: 400 | 403 | 404 | 409 | 422, why: string) {
  return { kind: 'refused', status, why } as const;
}
