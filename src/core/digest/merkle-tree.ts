import { createHash } from 'node:crypto';
import { equalOctets } from './sha256.ts';

/** What the leaves and nodes of a tree are hashed with. */
type TreeHash = 'sha256' | 'sha384' | 'sha512';

/**
 * A Merkle tree as RFC 6962 section 2.1 builds it: leaves and nodes in domains of their own (00 and 01 in front),
 * split at the greatest power of two below the number of leaves. Built once, level by level, so that every path is
 * cheap.
 */
export class MerkleTree {
  readonly root: Uint8Array;
  /** Lowest first: hashes of the leaves, then of the nodes above; a last one without a sibling goes up as it is. */
  private readonly levels: readonly (readonly Uint8Array[])[];

  constructor(leaves: readonly Uint8Array[], hash: TreeHash = 'sha256') {
    const levels = [leaves.map((leaf) => leafHash(hash, leaf))];
    for (let level = levels[0] ?? []; level.length > 1; levels.push(level)) level = parents(level, hash);
    this.levels = levels;
    this.root = levels.at(-1)?.[0] ?? digest(hash);
  }

  /** The audit path of the leaf at `index` (RFC 6962 section 2.1.1): what `provesInclusion` needs beside the leaf. */
  path(index: number): readonly Uint8Array[] {
    const siblings: Uint8Array[] = [];
    let place = index;
    for (const level of this.levels) {
      const sibling = level[place ^ 1];
      if (sibling !== undefined) siblings.push(sibling);
      place >>= 1;
    }
    return siblings;
  }
}

function parents(level: readonly Uint8Array[], hash: TreeHash): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = [level[index], level[index + 1]];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(hash, left, right));
  }
  return above;
}

interface Inclusion {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
  /** `sha256` when absent. */
  readonly hash?: TreeHash;
}

/** Whether the path leads from the leaf at its place to the root of a tree of that size (RFC 9162 section 2.1.3.2). */
export function provesInclusion({ leaf, index, size, path, root, hash = 'sha256' }: Inclusion): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let place = index;
  let last = size - 1;
  let node = leafHash(hash, leaf);
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      node = nodeHash(hash, sibling, node);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else node = nodeHash(hash, node, sibling);
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalOctets(node, root);
}

export function leafHash(hash: TreeHash, leaf: Uint8Array): Uint8Array {
  return digest(hash, Uint8Array.of(0), leaf);
}

export function nodeHash(hash: TreeHash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return digest(hash, Uint8Array.of(1), left, right);
}

function digest(hash: TreeHash, ...parts: readonly Uint8Array[]): Uint8Array {
  const made = createHash(hash);
  for (const part of parts) made.update(part);
  return new Uint8Array(made.digest());
}
