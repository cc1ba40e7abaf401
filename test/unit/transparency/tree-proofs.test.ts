import { describe, expect, it } from 'vitest';
import { MerkleTree, nodeHash, provesInclusion } from '../../../src/core/digest/merkle-tree.ts';
import {
  consistencyPath,
  entryHash,
  inclusionPath,
  provesConsistency,
  type SubtreeHash,
  treeRoot,
} from '../../../src/core/transparency/tree-proofs.ts';

const MOST = 22;
const leaves = Array.from({ length: MOST }, (_, n) => Buffer.from(`entry ${n}`));
const known = new Map<string, Uint8Array>();
const subtree: SubtreeHash = (level, index) => {
  const name = `${level} ${index}`;
  const hash =
    known.get(name) ??
    (level === 0
      ? entryHash(leaves[index] ?? Buffer.alloc(0))
      : nodeHash('sha256', subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1)));
  known.set(name, hash);
  return hash;
};
const sizes = Array.from({ length: MOST }, (_, n) => n + 1);
const roots = [0, ...sizes].map((size) => new MerkleTree(leaves.slice(0, size)).root);
const rootOf = (size: number) => roots[size] ?? Buffer.alloc(0);

describe('proofs over subtrees', () => {
  it('have the root of RFC 6962 at every size', () => {
    for (const size of [0, ...sizes]) expect(treeRoot(subtree, size)).toEqual(rootOf(size));
  });

  it('prove every entry in every size, and no other entry', () => {
    const wrong: unknown[] = [];
    for (const size of sizes) {
      for (let index = 0; index < size; index += 1) {
        const proof = { index, size, path: inclusionPath(subtree, index, size), root: rootOf(size) };
        if (!provesInclusion({ ...proof, leaf: leaves[index] ?? Buffer.alloc(0) })) wrong.push([index, size]);
        if (provesInclusion({ ...proof, leaf: Buffer.from('another') })) wrong.push([index, size, 'another']);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('prove every smaller tree in every greater one, and nothing else', () => {
    const wrong: unknown[] = [];
    for (const to of sizes) {
      for (let from = 0; from <= to; from += 1) {
        const path = consistencyPath(subtree, from, to);
        const proof = { from, to, fromRoot: rootOf(from), toRoot: rootOf(to), path };
        if (!provesConsistency(proof)) wrong.push([from, to]);
        if (from === 0) continue;
        const forged = [
          { ...proof, fromRoot: rootOf(from === 1 ? 2 : from - 1) },
          { ...proof, toRoot: Buffer.alloc(32) },
          { ...proof, path: [...path, Buffer.alloc(32)] },
        ];
        if (path.length > 0) forged.push({ ...proof, path: path.slice(1) });
        forged.forEach((one, n) => {
          if (provesConsistency(one)) wrong.push([from, to, n]);
        });
      }
    }
    expect(wrong).toEqual([]);
  });

  it('prove no tree that is smaller than before', () => {
    const proof = { from: 5, to: 4, fromRoot: rootOf(5), toRoot: rootOf(4), path: [] };
    expect(provesConsistency(proof)).toBe(false);
    expect(provesConsistency({ ...proof, from: 4.5 })).toBe(false);
  });
});
