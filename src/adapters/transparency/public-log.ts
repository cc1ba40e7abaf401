import { createHash, createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { EpochMillis } from '../../core/brand.ts';
import { MerkleTree } from '../../core/digest/merkle-tree.ts';
import { equalOctets } from '../../core/digest/sha256.ts';
import { toBase64 } from '../../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { type Checkpoint, checkpointText, readCheckpoint } from '../../core/transparency/checkpoint.ts';
import { blindedLeaf, type LogProof, logEntry } from '../../core/transparency/log-proof.ts';
import {
  type NoteSigner,
  type NoteVerifier,
  noteOf,
  readNote,
  readVerifier,
  signatureLine,
  verifiedBy,
  verifierText,
} from '../../core/transparency/signed-note.ts';
import { consistencyPath, inclusionPath, treeRoot } from '../../core/transparency/tree-proofs.ts';
import type { LogItem, LogState, PublicLog } from '../../ports/public-log.ts';
import { appendLines, readIfThere, writeWhole } from './log-files.ts';
import { TileStore } from './tile-store.ts';
import type { Witness } from './witness-client.ts';

interface PublicLogOptions {
  /** `public` in it is for a web server; `private` has what makes proofs. */
  readonly folder: string;
  /** Its name is the origin of the log. */
  readonly signer: NoteSigner;
  /** HMAC key of the nonces that blind the leaves, 32 octets. */
  readonly blindKey: Uint8Array;
  /** A batch looks as large as this at least; a power of two. */
  readonly leastBatch: number;
  readonly witnesses: readonly Witness[];
}

/** The batch of one entry, in the private folder. */
interface Batch {
  readonly leaves: readonly string[];
  readonly state: LogState;
}

/**
 * Opens the log in a folder; none there is an empty one.
 * @throws JitsuinError `tlog.broken`
 */
export async function openPublicLog(options: PublicLogOptions): Promise<PublicLog> {
  const log = new FolderLog(options);
  await log.reload();
  return log;
}

class FolderLog implements PublicLog {
  readonly #options: PublicLogOptions;
  readonly #tiles: TileStore;
  readonly #own: NoteVerifier;
  #head: Checkpoint | undefined;
  #note = '';

  constructor(options: PublicLogOptions) {
    this.#options = options;
    this.#tiles = new TileStore(join(options.folder, 'public'));
    this.#own = readVerifier(verifierText(options.signer));
  }

  async reload(): Promise<LogState | undefined> {
    const note = readIfThere(this.#path('public', 'checkpoint'))?.toString('utf8');
    if (note === undefined) {
      if (this.#head !== undefined) throw broken('The head of the public log is gone.');
      return undefined;
    }
    const head = this.#judged(note);
    if (head.size < (this.#head?.size ?? 0)) throw broken('The public log is smaller than it was.');
    this.#head = head;
    this.#note = note;
    return this.#batch(head.size - 1).state;
  }

  async has(kind: LogItem['kind'], id: string): Promise<boolean> {
    return this.#entriesOf(kind, id).length > 0;
  }

  async append(at: EpochMillis, items: readonly LogItem[], state: LogState): Promise<void> {
    const size = this.#head?.size ?? 0;
    const leaves = this.#padded(items.map((item) => Buffer.from(this.#leaf(item))));
    const entry = logEntry(at, new MerkleTree(leaves).root);
    const batch: Batch = { leaves: leaves.map((leaf) => toBase64(leaf)), state };
    writeWhole(this.#batchPath(size), JSON.stringify(batch), 'owner');
    for (const [shard, lines] of this.#lines(items, size)) appendLines(shard, lines);
    this.#tiles.append(entry, size);
    const root = treeRoot(this.#tiles.subtrees(size + 1), size + 1);
    const text = checkpointText({ origin: this.#options.signer.name, size: size + 1, root });
    // From here on the entry is in the log: no witness has seen the head before it is on the disk.
    this.#publish(text, [signatureLine(this.#options.signer, text)]);
  }

  async witness(): Promise<{ readonly signed: number; readonly of: number }> {
    const { witnesses } = this.#options;
    const head = this.#head;
    if (head === undefined) return { signed: 0, of: 0 };
    const note = readNote(this.#note);
    const missing = witnesses.filter(({ verifier }) => verifiedBy(verifier, note) === undefined);
    const faults: JitsuinError[] = [];
    const lines = await Promise.all(
      missing.map((witness) =>
        witness
          .sign({ size: head.size, note: this.#note, proof: (from) => this.#consistency(from, head.size) })
          .catch((thrown: unknown) => {
            faults.push(asJitsuinError(thrown));
            return undefined;
          }),
      ),
    );
    const fresh = lines.filter((line) => line !== undefined);
    if (fresh.length > 0) this.#publish(note.text, [...note.signatures.map(({ line }) => line), ...fresh]);
    const alarm = faults.find(({ code }) => code === 'tlog.broken');
    if (alarm !== undefined) throw alarm;
    return { signed: witnesses.length - missing.length + fresh.length, of: witnesses.length };
  }

  async proof(item: LogItem): Promise<LogProof | undefined> {
    // the pages of the API read what the worker writes
    await this.reload();
    const size = this.#head?.size ?? 0;
    const leaf = toBase64(this.#leaf(item));
    for (const index of this.#entriesOf(item.kind, item.id)) {
      const { leaves } = this.#batch(index);
      const place = leaves.indexOf(leaf);
      if (place < 0) continue;
      const tree = new MerkleTree(leaves.map((each) => Buffer.from(each, 'base64')));
      const subtrees = this.#tiles.subtrees(size);
      return {
        format: 'jitsuin-log-proof/1',
        kind: item.kind,
        nonce: toBase64(this.#nonce(item)),
        batch: { index: place, size: leaves.length, path: tree.path(place).map((hash) => toBase64(hash)) },
        entry: toBase64(this.#tiles.entry(index, size)),
        index,
        path: inclusionPath(subtrees, index, size).map((hash) => toBase64(hash)),
        checkpoint: this.#note,
      };
    }
    return undefined;
  }

  /** @throws JitsuinError `tlog.broken`: not signed by us, or over another tree than lies here */
  #judged(note: string): Checkpoint {
    try {
      const read = readNote(note);
      const head = readCheckpoint(read.text);
      const signed = verifiedBy(this.#own, read) !== undefined && head.origin === this.#own.name;
      const root = treeRoot(this.#tiles.subtrees(head.size), head.size);
      if (signed && head.size > 0 && equalOctets(root, head.root)) return head;
    } catch (thrown) {
      if (asJitsuinError(thrown).code !== 'tlog.invalid') throw thrown;
    }
    throw broken('The head of the public log is not ours, or not of the tree that lies here.');
  }

  #publish(text: string, lines: readonly string[]): void {
    const note = noteOf(text, lines);
    writeWhole(this.#path('public', 'checkpoint'), note, 'anyone');
    this.#head = readCheckpoint(text);
    this.#note = note;
  }

  #consistency(from: number, to: number): readonly Uint8Array[] {
    return consistencyPath(this.#tiles.subtrees(to), from, to);
  }

  #nonce({ kind, content }: LogItem): Uint8Array {
    const hashed = createHash('sha256').update(content, 'utf8').digest();
    return createHmac('sha256', this.#options.blindKey).update(`${kind}\n`).update(hashed).digest();
  }

  #leaf(item: LogItem): Uint8Array {
    return blindedLeaf(item.kind, this.#nonce(item), item.content);
  }

  /** Nobody can tell the leaves that were added from the others, nor the order that they came in. */
  #padded(leaves: readonly Buffer[]): readonly Buffer[] {
    let size = this.#options.leastBatch;
    while (size < leaves.length) size *= 2;
    const added = Array.from({ length: size - leaves.length }, () => randomBytes(32));
    return [...leaves, ...added].sort((a, b) => a.compare(b));
  }

  #lines(items: readonly LogItem[], index: number): ReadonlyMap<string, readonly string[]> {
    const shards = new Map<string, string[]>();
    for (const { kind, id } of items) {
      const path = this.#shardPath(kind, id);
      shards.set(path, [...(shards.get(path) ?? []), `${kind} ${id} ${index}`]);
    }
    return shards;
  }

  /** Entries that may hold it; those that a head never counted are left out. */
  #entriesOf(kind: LogItem['kind'], id: string): readonly number[] {
    const lines = readIfThere(this.#shardPath(kind, id))?.toString('utf8').split('\n') ?? [];
    const start = `${kind} ${id} `;
    return lines
      .filter((line) => line.startsWith(start))
      .map((line) => Number(line.slice(start.length)))
      .filter((index) => index < (this.#head?.size ?? 0));
  }

  #batch(index: number): Batch {
    const octets = readIfThere(this.#batchPath(index));
    if (octets === undefined) throw broken('A batch of the public log is missing.');
    return JSON.parse(octets.toString('utf8')) as Batch;
  }

  #batchPath(index: number): string {
    const name = String(index).padStart(12, '0');
    return this.#path('private', 'batches', name.slice(0, 9), `${name}.json`);
  }

  #shardPath(kind: LogItem['kind'], id: string): string {
    const shard = createHash('sha256').update(`${kind} ${id}`).digest('hex').slice(0, 3);
    return this.#path('private', 'items', shard);
  }

  #path(...parts: readonly string[]): string {
    return join(this.#options.folder, ...parts);
  }
}

function broken(message: string): JitsuinError {
  return new JitsuinError('tlog.broken', message);
}
