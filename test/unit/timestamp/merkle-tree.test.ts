import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MerkleTree, provesInclusion } from '../../../src/core/digest/merkle-tree.ts';

const leaves = (count: number) =>
  Array.from({ length: count }, (_, index) => Uint8Array.of(index, index >> 8));
const merkleRoot = (all: readonly Uint8Array[]) => new MerkleTree(all).root;
const inclusionPath = (all: readonly Uint8Array[], index: number) => new MerkleTree(all).path(index);
const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

describe('the Merkle tree of RFC 6962', () => {
  it('has the roots of the certificate-transparency reference tree', () => {
    // Inputs and roots of the reference implementations' shared test data (RFC 6962, leaves of the reference tree).
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const octets = inputs.map((input) => new Uint8Array(Buffer.from(input, 'hex')));
    expect(hex(merkleRoot(octets.slice(0, 1)))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(hex(merkleRoot(octets))).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
    expect(hex(merkleRoot([]))).toBe(hex(sha256()));
  });

  it('keeps leaves and nodes apart', () => {
    const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)] as const;
    const node = sha256(Uint8Array.of(1), sha256(Uint8Array.of(0), a), sha256(Uint8Array.of(0), b));
    expect(hex(merkleRoot([a, b]))).toBe(hex(node));
  });

  it('proves every leaf of every size to 33, and no other place, size, leaf or path', () => {
    for (let size = 1; size <= 33; size += 1) {
      const all = leaves(size);
      const root = merkleRoot(all);
      for (const [index, leaf] of all.entries()) {
        const path = inclusionPath(all, index);
        const proof = { leaf, index, size, path, root };
        expect(provesInclusion(proof), `${index} of ${size}`).toBe(true);
        if (size > 1) expect(provesInclusion({ ...proof, index: (index + 1) % size })).toBe(false);
        expect(provesInclusion({ ...proof, path: [...path, root] })).toBe(false);
        expect(provesInclusion({ ...proof, path: path.slice(1) })).toBe(size === 1);
        expect(provesInclusion({ ...proof, leaf: Uint8Array.of(9, 9, 9) })).toBe(false);
        expect(provesInclusion({ ...proof, index: size })).toBe(false);
        expect(provesInclusion({ ...proof, hash: 'sha512' })).toBe(false);
        const other = new MerkleTree(all, 'sha512');
        const otherProof = { leaf, index, size, path: other.path(index), root: other.root };
        expect(provesInclusion({ ...otherProof, hash: 'sha512' })).toBe(true);
      }
    }
  });
});
