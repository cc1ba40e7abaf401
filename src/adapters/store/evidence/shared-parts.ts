import { sha256Hex } from './evidence-chain.ts';

/**
 * Parts that many records share, in the canonical JSON of `verifier/evidence`: CRLs, often megabytes and the same all day.
 * A string of JSON cannot hold these characters without escapes, so only a part can match.
 */
const SHARED =
  /(\{"name":"crl:[0-9]+:[0-9]+","octets":")([A-Za-z0-9+/]+={0,2})(","sha256":"([0-9a-f]{64})"\})/g;
const TAKEN_OUT = /(\{"name":"crl:[0-9]+:[0-9]+","octets":")(","sha256":"([0-9a-f]{64})"\})/g;

export interface TakenOut {
  readonly octets: Uint8Array;
  /** Hex SHA-256 → octets. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The record without its shared parts, and these; a part that is not what its hash says stays where it is. */
export function takeOutShared(record: Uint8Array): TakenOut {
  const files = new Map<string, Uint8Array>();
  const text = Buffer.from(record)
    .toString('utf8')
    .replace(SHARED, (whole, before: string, base64: string, after: string, sha256: string) => {
      const octets = Buffer.from(base64, 'base64');
      if (octets.toString('base64') !== base64 || sha256Hex(octets) !== sha256) return whole;
      files.set(sha256, new Uint8Array(octets));
      return `${before}${after}`;
    });
  return files.size === 0
    ? { octets: record, files }
    : { octets: new Uint8Array(Buffer.from(text, 'utf8')), files };
}

/** Hashes of the parts that a kept record lacks. */
export function missingShared(kept: Uint8Array): readonly string[] {
  const text = Buffer.from(kept).toString('utf8');
  return [...new Set([...text.matchAll(TAKEN_OUT)].map(([, , , sha256 = '']) => sha256))];
}

/** The record as it was; a part that is not there stays empty, and the record's own digests then say so. */
export function putBackShared(kept: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const text = Buffer.from(kept)
    .toString('utf8')
    .replace(TAKEN_OUT, (whole, before: string, after: string, sha256: string) => {
      const octets = files.get(sha256);
      return octets === undefined ? whole : `${before}${Buffer.from(octets).toString('base64')}${after}`;
    });
  return new Uint8Array(Buffer.from(text, 'utf8'));
}
