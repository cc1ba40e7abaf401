import { join } from 'node:path';
import { nodeHash } from '../../core/digest/merkle-tree.ts';
import { JitsuinError } from '../../core/errors.ts';
import { TILE_WIDTH, tilePath } from '../../core/transparency/tile-paths.ts';
import { entryHash, type SubtreeHash } from '../../core/transparency/tree-proofs.ts';
import { readIfThere, writeWhole } from './log-files.ts';

const HASH = 32;

/** The tiles of a log in a folder, as C2SP tlog-tiles lays them out. */
export class TileStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Hashes of complete subtrees of a tree of this size. @throws JitsuinError `tlog.broken` where a tile is missing */
  subtrees(size: number): SubtreeHash {
    return (level, index) => {
      const tileLevel = Math.floor(level / 8);
      const count = 2 ** (level % 8);
      const start = index * count;
      const tile = this.#hashes(tileLevel, Math.floor(start / TILE_WIDTH), size);
      const first = start % TILE_WIDTH;
      return combined(tile.slice(first, first + count));
    };
  }

  /** @throws JitsuinError `tlog.broken` */
  entry(index: number, size: number): Uint8Array {
    const tile = Math.floor(index / TILE_WIDTH);
    const bundle = this.#read('entries', tile, widthOf('entries', tile, size));
    let at = 0;
    for (let left = index % TILE_WIDTH; left > 0; left -= 1) at += 2 + bundle.readUInt16BE(at);
    return new Uint8Array(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
  }

  /** Writes what a log of `size` entries needs to have one more. What a head does not count is not there. */
  append(entry: Uint8Array, size: number): void {
    const tile = Math.floor(size / TILE_WIDTH);
    const width = (size % TILE_WIDTH) + 1;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    const before = width === 1 ? Buffer.alloc(0) : this.#read('entries', tile, width - 1);
    this.#write('entries', tile, width, Buffer.concat([before, length, entry]));
    this.#add(0, size, entryHash(entry), size);
  }

  #add(level: number, index: number, hash: Uint8Array, size: number): void {
    const tile = Math.floor(index / TILE_WIDTH);
    const width = (index % TILE_WIDTH) + 1;
    const before = width === 1 ? Buffer.alloc(0) : this.#read(level, tile, width - 1);
    const hashes = Buffer.concat([before, hash]);
    this.#write(level, tile, width, hashes);
    if (width === TILE_WIDTH) this.#add(level + 1, tile, combined(split(hashes)), size);
  }

  #hashes(level: number, tile: number, size: number): Uint8Array[] {
    return split(this.#read(level, tile, widthOf(level, tile, size)));
  }

  #read(level: number | 'entries', tile: number, width: number): Buffer {
    const octets = readIfThere(join(this.#folder, tilePath(level, tile, width)));
    const whole = octets !== undefined && (level === 'entries' || octets.length === width * HASH);
    if (whole) return octets;
    throw new JitsuinError('tlog.broken', 'A tile of the public log is missing or cut.', {
      at: tilePath(level, tile, width),
    });
  }

  #write(level: number | 'entries', tile: number, width: number, octets: Uint8Array): void {
    writeWhole(join(this.#folder, tilePath(level, tile, width)), octets, 'anyone');
  }
}

function widthOf(level: number | 'entries', tile: number, size: number): number {
  const hashes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
  return Math.min(TILE_WIDTH, hashes - tile * TILE_WIDTH);
}

function split(octets: Buffer): Uint8Array[] {
  return Array.from({ length: octets.length / HASH }, (_, n) => octets.subarray(n * HASH, (n + 1) * HASH));
}

/** The root over a power of two of hashes. */
function combined(hashes: readonly Uint8Array[]): Uint8Array {
  const [first, second] = hashes;
  if (first === undefined) throw new JitsuinError('tlog.broken', 'A tile of the public log is too short.');
  if (second === undefined) return first;
  const above = [];
  for (let n = 0; n + 1 < hashes.length; n += 2) {
    const [left, right] = [hashes[n], hashes[n + 1]];
    if (left !== undefined && right !== undefined) above.push(nodeHash('sha256', left, right));
  }
  return combined(above);
}
