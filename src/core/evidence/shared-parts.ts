import { hexSha256 } from '../digest/sha256.ts';
import { fromBase64, fromUtf8, toBase64 } from '../encoding.ts';
import { type Fitting, fits, list, object, text } from '../json/shape.ts';
import { parseStrictJson } from '../json/strict-json.ts';
import { canonicalJson } from './canonical-json.ts';

/** Deeper than any record. */
const DEPTH = 16;
/** Parts that many records share: CRLs, often megabytes and the same all day. */
const SHARED = /^crl:[0-9]+:[0-9]+$/;
const PARTS = list(object({ name: text(), octets: text(), sha256: text(/^[0-9a-f]{64}$/) }));
type Parts = Fitting<typeof PARTS>;

/** A record as it is kept, and the parts that it lacks then. */
export interface TakenOut {
  readonly octets: Uint8Array;
  /** Hex SHA-256 → octets. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * A record of evidence as it is kept: without its shared parts, and these. A part that is not what its hash says
 * stays where it is; octets that are no record in canonical form are kept as they are.
 */
export function takeOutShared(record: Uint8Array): TakenOut {
  const read = readParts(record);
  if (read === undefined) return { octets: record, files: new Map() };
  const { parts, files } = withoutShared(read.parts);
  return files.size === 0 ? { octets: record, files } : { octets: read.withParts(parts), files };
}

/** Parts as they are kept: those that records share without their octets, which are the files. */
export function withoutShared(parts: Parts): { readonly parts: Parts; readonly files: TakenOut['files'] } {
  const files = new Map<string, Uint8Array>();
  const kept = parts.map((part) => {
    const octets = SHARED.test(part.name) && part.octets !== '' ? sharedOctets(part) : undefined;
    if (octets === undefined) return part;
    files.set(part.sha256, octets);
    return { ...part, octets: '' };
  });
  return { parts: kept, files };
}

/** Hashes of the parts that a kept record lacks. */
export function missingShared(kept: Uint8Array): readonly string[] {
  return [...new Set((readParts(kept)?.parts ?? []).filter(isTakenOut).map(({ sha256 }) => sha256))];
}

/** The record as it was; a part that is not there stays empty, and the record's own digests then say so. */
export function putBackShared(kept: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const read = readParts(kept);
  if (read === undefined) return kept;
  return read.withParts(
    read.parts.map((part) => {
      const octets = isTakenOut(part) ? files.get(part.sha256) : undefined;
      return octets === undefined ? part : { ...part, octets: toBase64(octets) };
    }),
  );
}

function isTakenOut({ name, octets }: Parts[number]): boolean {
  return octets === '' && SHARED.test(name);
}

function sharedOctets({ octets, sha256 }: Parts[number]): Uint8Array | undefined {
  try {
    const file = fromBase64(octets);
    return hexSha256(file) === sha256 ? file : undefined;
  } catch {
    return undefined;
  }
}

interface ReadParts {
  readonly parts: Parts;
  readonly withParts: (parts: Parts) => Uint8Array;
}

/** Undefined for what is not the canonical JSON of an object with parts: it would not come back octet for octet. */
function readParts(octets: Uint8Array): ReadParts | undefined {
  try {
    const value = parseStrictJson(fromUtf8(octets), DEPTH);
    if (typeof value !== 'object' || value === null || !('parts' in value)) return undefined;
    const { parts } = value;
    if (!fits(PARTS, parts) || Buffer.compare(canonicalJson(value), octets) !== 0) return undefined;
    return { parts, withParts: (changed) => canonicalJson({ ...value, parts: changed }) };
  } catch {
    return undefined;
  }
}
