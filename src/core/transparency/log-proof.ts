import { createHash } from 'node:crypto';
import { provesInclusion } from '../digest/merkle-tree.ts';
import { fromBase64, toBase64, toUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { type Fitting, integer, list, object, oneOf, text } from '../json/shape.ts';
import { readCheckpoint } from './checkpoint.ts';
import { type NoteVerifier, readNote, verifiedBy } from './signed-note.ts';

const HASH = /^[A-Za-z0-9+/]{43}=$/;

/** Shows that something was in a log's entry: blinded in a batch, whose root is the entry. */
export const LOG_PROOF = object({
  format: text(/^jitsuin-log-proof\/1$/),
  /** `evidence`: of one record, by the hexadecimal SHA-256 of its octets. */
  kind: oneOf('receipt', 'audit-seal', 'evidence-head', 'evidence'),
  /** base64, 32 octets: without it the leaf says nothing of what it commits to. */
  nonce: text(HASH),
  batch: object({ index: integer(0), size: integer(1), path: list(text(HASH), 64) }),
  /** The log's entry, base64. */
  entry: text(/^[A-Za-z0-9+/=]{4,1400}$/),
  index: integer(0),
  path: list(text(HASH), 64),
  /** Signed note, with the cosignatures of witnesses. */
  checkpoint: text(/^[\s\S]{1,65536}$/),
});
export type LogProof = Fitting<typeof LOG_PROOF>;

interface Pinned {
  readonly log: NoteVerifier;
  readonly witnesses: readonly NoteVerifier[];
  /** How many witnesses must have signed. */
  readonly quorum: number;
}

interface LogProved {
  readonly size: number;
  /** Unix seconds: each trusted witness saw the log so long ago at the latest. */
  readonly witnessed: readonly { readonly name: string; readonly seconds: number }[];
  /** Unix milliseconds that the log's operator wrote into the entry; no proof of a time by itself. */
  readonly at: number;
}

/** The leaf of a batch: SHA-256 over kind, nonce and the hash of the content, in lines of their own. */
export function blindedLeaf(kind: LogProof['kind'], nonce: Uint8Array, content: string): Uint8Array {
  const hashed = createHash('sha256').update(toUtf8(content)).digest();
  return new Uint8Array(
    createHash('sha256').update(`jitsuin log leaf 1\n${kind}\n`).update(nonce).update(hashed).digest(),
  );
}

/** The octets of an entry: format, time and the root of its batch. */
export function logEntry(at: number, root: Uint8Array): Uint8Array {
  return toUtf8(`jitsuin log entry 1\n${at}\n${toBase64(root)}\n`);
}

/**
 * Judges a proof offline: the content is in the batch, the batch in the log, the log's head signed by its pinned key
 * and by enough of the pinned witnesses.
 * @throws JitsuinError `tlog.invalid` saying what does not hold
 */
export function verifyLogProof(content: string, proof: LogProof, pinned: Pinned): LogProved {
  const entry = fromBase64(proof.entry);
  const [head, at = '', root = ''] = Buffer.from(entry).toString('utf8').split('\n');
  if (head !== 'jitsuin log entry 1' || !/^[0-9]{1,16}$/.test(at) || !HASH.test(root)) throw invalid('entry');
  const leaf = blindedLeaf(proof.kind, fromBase64(proof.nonce), content);
  const { index, size, path } = proof.batch;
  const inBatch = { leaf, index, size, path: path.map((hash) => fromBase64(hash)), root: fromBase64(root) };
  if (!provesInclusion(inBatch)) throw invalid('batch');
  const note = readNote(proof.checkpoint);
  if (verifiedBy(pinned.log, note) === undefined) throw invalid('signature of the log');
  const checkpoint = readCheckpoint(note.text);
  if (checkpoint.origin !== pinned.log.name) throw invalid('origin of the log');
  const inLog = { leaf: entry, index: proof.index, size: checkpoint.size, root: checkpoint.root };
  if (!provesInclusion({ ...inLog, path: proof.path.map((hash) => fromBase64(hash)) })) throw invalid('path');
  const witnessed = witnessesOf(pinned.witnesses).flatMap((witness) => {
    const seconds = verifiedBy(witness, note);
    return seconds === undefined ? [] : [{ name: witness.name, seconds }];
  });
  if (witnessed.length < pinned.quorum) {
    const message = `${witnessed.length} of the pinned witnesses signed the log's head, ${pinned.quorum} are needed.`;
    throw new JitsuinError('tlog.invalid', message, { at: 'witnesses' });
  }
  return { size: checkpoint.size, witnessed, at: Number(at) };
}

/** One key counts once, however often it is named. */
function witnessesOf(witnesses: readonly NoteVerifier[]): readonly NoteVerifier[] {
  return witnesses.filter(
    (one, place) => witnesses.findIndex(({ key }) => one.key.equals(key)) === place && one.type === 'witness',
  );
}

function invalid(at: string): JitsuinError {
  return new JitsuinError('tlog.invalid', `The proof does not hold: ${at}.`, { at });
}
