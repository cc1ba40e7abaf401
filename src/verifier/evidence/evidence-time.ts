import { createHash } from 'node:crypto';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { MerkleTree } from '../../core/digest/merkle-tree.ts';
import { fromBase64, toBase64, toHex } from '../../core/encoding.ts';
import { canonicalJson } from '../../core/evidence/canonical-json.ts';
import { type Fitting, integer, list, object, oneOf, text } from '../../core/json/shape.ts';
import type { TimeStampHash } from '../timestamp/oids.ts';
import type { TsaRevocationData } from '../timestamp/tsa-revocation.ts';

const sha256 = text(/^[0-9a-f]{64}$/);
const longHash = text(/^(?:[0-9a-f]{96}|[0-9a-f]{128})$/);
const base64 = text(/^[A-Za-z0-9+/]+={0,2}$/);

/** Revocation data about the certificate behind token number `token` (from 1), as fetched at `at`. */
const tokenRevocation = object({
  token: integer(1),
  at: integer(0),
  crls: list(base64, 16),
  ocsp: list(base64, 16),
});

/** A tree with another hash over the same records and all that stood before (RFC 4998 section 5.3). */
const renewedTree = object({
  hash: oneOf('sha384', 'sha512'),
  root: longHash,
  path: list(longHash, 64),
  /** Number of the first token over this tree. */
  firstToken: integer(2),
});

/**
 * That a record was there at some time: its place in the Merkle tree of its period and the time-stamp tokens over
 * the tree. `head` is the hash chain's newest link then, so a token also proves all records before. Token n+1
 * renews the ones before it (RFC 4998 section 5.2 in spirit), together with what was known of their certificates; a
 * renewed tree takes the place of one whose hash ages.
 */
export const EVIDENCE_TIME = object(
  {
    period: integer(1),
    size: integer(1),
    root: sha256,
    head: sha256,
    hash: oneOf('sha256'),
    index: integer(0),
    path: list(sha256, 64),
    tokens: list(base64, 64),
  },
  { revocation: list(tokenRevocation, 256), trees: list(renewedTree, 16) },
);
export type EvidenceTime = Fitting<typeof EVIDENCE_TIME>;

/** One period of evidence, as a time-stamp covers it. Hashes are lower-case hexadecimal. */
export interface EvidencePeriod {
  readonly period: number;
  readonly size: number;
  readonly root: string;
  readonly head: string;
}

/** What is known of the certificate behind token number `token`. DER. */
export interface TokenRevocation extends TsaRevocationData {
  readonly token: number;
}

/** A period with everything that was added to it since; all of it but the leaves is the same for each record. */
export interface StampedEvidence extends EvidencePeriod {
  readonly tokens: readonly Uint8Array[];
  readonly revocation: readonly TokenRevocation[];
  readonly trees: readonly RenewedTree[];
}

export interface RenewedTree {
  readonly hash: Exclude<TimeStampHash, 'sha256'>;
  readonly root: string;
  readonly firstToken: number;
}

/** The period over these records, given by the SHA-256 of their octets, in the order of the chain. */
export function evidencePeriod(period: number, leaves: readonly string[], head: string): EvidencePeriod {
  const { root } = new MerkleTree(leaves.map(fromHex));
  return { period, size: leaves.length, root: toHex(root), head };
}

/**
 * What token number `token` is over: the newest tree then, the tokens over this tree before it, and what was known
 * then of the certificates behind all tokens before; in a domain of its own.
 */
export function stampedOctets(evidence: StampedEvidence, token: number): Uint8Array {
  const { period, size, root, head, tokens } = evidence;
  const tree = evidence.trees.findLast(({ firstToken }) => firstToken <= token);
  const renews = tokens.slice((tree?.firstToken ?? 1) - 1, token - 1).map(toBase64);
  const hash = tree?.hash ?? 'sha256';
  const revocation = evidence.revocation.filter((data) => data.token < token).map(revocationLine(hash));
  return canonicalJson(
    defined({
      format: 'jitsuin-evidence-period',
      version: 1,
      period,
      size,
      head,
      renews,
      root: tree?.root ?? root,
      hash: tree === undefined ? undefined : hash,
      revocation: revocation.length === 0 ? undefined : revocation,
    }),
  );
}

const revocationLine =
  (hash: TimeStampHash) =>
  ({ token, at, crls, ocsp }: TokenRevocation) => ({
    token,
    at,
    crls: crls.map((der) => hexHash(hash, der)),
    ocsp: ocsp.map((der) => hexHash(hash, der)),
  });

/** The leaves of one record's neighbours: by its own hash first, then those of each renewed tree. */
interface EvidenceLeaves {
  /** Hex SHA-256 of the records' octets. */
  readonly records: readonly string[];
  /** Hex leaves of the renewed trees, in the order of `trees`. */
  readonly renewed: readonly (readonly string[])[];
}

/** Makes the proofs of the records of a period; each tree is built once. */
export function evidenceTimes(
  evidence: StampedEvidence,
  leaves: EvidenceLeaves,
): (index: number) => EvidenceTime {
  const first = new MerkleTree(leaves.records.map(fromHex));
  const renewed = evidence.trees.map((tree, place) => ({
    tree,
    merkle: new MerkleTree((leaves.renewed[place] ?? []).map(fromHex), tree.hash),
  }));
  const { period, size, root, head, tokens } = evidence;
  const revocation = evidence.revocation.map(({ token, at, crls, ocsp }) => ({
    token,
    at,
    crls: crls.map(toBase64),
    ocsp: ocsp.map(toBase64),
  }));
  return (index) => {
    const trees = renewed.map(({ tree, merkle }) => ({ ...tree, path: merkle.path(index).map(toHex) }));
    return defined({
      period,
      size,
      root,
      head,
      hash: 'sha256',
      index,
      path: first.path(index).map(toHex),
      tokens: tokens.map(toBase64),
      revocation: revocation.length === 0 ? undefined : revocation,
      trees: trees.length === 0 ? undefined : trees,
    });
  };
}

/** The proof of one record. */
export function evidenceTime(evidence: StampedEvidence, leaves: EvidenceLeaves, index: number): EvidenceTime {
  return evidenceTimes(evidence, leaves)(index);
}

/**
 * The leaf of a record in a renewed tree: the new hash of its octets, then that of its whole proof up to there
 * (RFC 4998 section 5.3, steps 3 and 4).
 * @param before the proof without the new tree and its tokens
 */
export function renewedLeaf(hash: RenewedTree['hash'], record: Uint8Array, before: EvidenceTime): Uint8Array {
  const digest = (octets: Uint8Array) => createHash(hash).update(octets).digest();
  return Buffer.concat([digest(record), digest(canonicalJson(before))]);
}

/** In the place of a record that was deleted: nothing can be proven by it, and no other leaf is like it. */
export function deletedLeaf(hash: RenewedTree['hash'], recordSha256: string): Uint8Array {
  return createHash(hash).update(`deleted ${recordSha256}`).digest();
}

/** The proof as it was before renewed tree number `place`. */
export function beforeTree(time: EvidenceTime, place: number): EvidenceTime {
  const { trees = [], revocation = [], tokens, ...rest } = time;
  const firstToken = trees[place]?.firstToken ?? tokens.length + 1;
  const known = revocation.filter(({ token }) => token < firstToken);
  return defined({
    ...rest,
    tokens: tokens.slice(0, firstToken - 1),
    revocation: known.length === 0 ? undefined : known,
    trees: place === 0 ? undefined : trees.slice(0, place),
  });
}

/** The period as the proof of one record tells it. */
export function stampedEvidence(time: EvidenceTime): StampedEvidence {
  const { period, size, root, head, tokens, revocation = [], trees = [] } = time;
  const octets = (texts: readonly string[]) => texts.map((one) => fromBase64(one));
  return {
    period,
    size,
    root,
    head,
    trees,
    tokens: octets(tokens),
    revocation: revocation.map(({ token, at, crls, ocsp }) => ({
      token,
      at: at as EpochMillis,
      crls: octets(crls),
      ocsp: octets(ocsp),
    })),
  };
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function hexHash(hash: TimeStampHash, octets: Uint8Array): string {
  return createHash(hash).update(octets).digest('hex');
}
