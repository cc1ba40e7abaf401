import { leafHash, MerkleTree, nodeHash } from '../digest/merkle-tree.ts';
import { equalOctets } from '../digest/sha256.ts';

/** Hash of the complete subtree over 2^level leaves from leaf index × 2^level on (RFC 6962 section 2.1). */
export type SubtreeHash = (level: number, index: number) => Uint8Array;

/** The root over the first `size` leaves; of none, the hash of the empty string. */
export function treeRoot(subtree: SubtreeHash, size: number): Uint8Array {
  return size === 0 ? new MerkleTree([]).root : rangeHash(subtree, 0, size);
}

/** PATH(index, D[size]) (RFC 6962 section 2.1.1), the leaf's own sibling first. */
export function inclusionPath(subtree: SubtreeHash, index: number, size: number): readonly Uint8Array[] {
  return pathIn(subtree, index, 0, size);
}

/** PROOF(from, D[to]) (RFC 6962 section 2.1.2); nothing where either proves itself. */
export function consistencyPath(subtree: SubtreeHash, from: number, to: number): readonly Uint8Array[] {
  return from === 0 || from === to ? [] : subproof(subtree, from, { start: 0, end: to, whole: true });
}

interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** Whether the greater tree begins with the smaller one (RFC 9162 section 2.1.4.2). */
export function provesConsistency({ from, to, fromRoot, toRoot, path }: Consistency): boolean {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) return false;
  if (from === to) return path.length === 0 && equalOctets(fromRoot, toRoot);
  if (from === 0) return path.length === 0;
  const [first, ...rest] = isPowerOfTwo(from) ? [fromRoot, ...path] : path;
  if (first === undefined) return false;
  let [small, great] = [first, first];
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      small = nodeHash('sha256', sibling, small);
      great = nodeHash('sha256', sibling, great);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else great = nodeHash('sha256', great, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalOctets(small, fromRoot) && equalOctets(great, toRoot);
}

/** Hash of one entry of a log. */
export function entryHash(entry: Uint8Array): Uint8Array {
  return leafHash('sha256', entry);
}

function rangeHash(subtree: SubtreeHash, start: number, end: number): Uint8Array {
  const size = end - start;
  if (isPowerOfTwo(size)) return subtree(Math.log2(size), start / size);
  const middle = start + split(size);
  return nodeHash('sha256', rangeHash(subtree, start, middle), rangeHash(subtree, middle, end));
}

function pathIn(subtree: SubtreeHash, index: number, start: number, end: number): Uint8Array[] {
  if (end - start <= 1) return [];
  const middle = start + split(end - start);
  return index < middle
    ? [...pathIn(subtree, index, start, middle), rangeHash(subtree, middle, end)]
    : [...pathIn(subtree, index, middle, end), rangeHash(subtree, start, middle)];
}

interface Range {
  readonly start: number;
  readonly end: number;
  /** The smaller tree is a whole subtree of the greater one, so that its root is known. */
  readonly whole: boolean;
}

function subproof(subtree: SubtreeHash, from: number, { start, end, whole }: Range): Uint8Array[] {
  if (from === end) return whole ? [] : [rangeHash(subtree, start, end)];
  const middle = start + split(end - start);
  if (from <= middle)
    return [...subproof(subtree, from, { start, end: middle, whole }), rangeHash(subtree, middle, end)];
  return [
    ...subproof(subtree, from, { start: middle, end, whole: false }),
    rangeHash(subtree, start, middle),
  ];
}

/** The greatest power of two below a size of two and more. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function isPowerOfTwo(size: number): boolean {
  return size > 0 && Number.isInteger(Math.log2(size));
}

function half(value: number): number {
  return Math.floor(value / 2);
}
