import { createHash, type Hash } from 'node:crypto';
import {
  canonicalAscii,
  canonicalJson,
  canonicalList,
  canonicalObject,
  canonicalPieces,
} from '../../core/evidence/canonical-json.ts';
import { type TakenOut, withoutShared } from '../../core/evidence/shared-parts.ts';
import { type EvidenceInput, evidenceContent } from './evidence-content.ts';
import { type EvidenceRecord, sha256Hex } from './evidence-record.ts';

export type { EvidenceInput } from './evidence-content.ts';

export interface Evidence {
  readonly id: string;
  /** The record (`EvidenceRecord`), canonical JSON in UTF-8. */
  readonly octets: Uint8Array;
  /** Hash of the whole record, as it stands in it. */
  readonly sha256: string;
  /** Hash of `octets`. */
  readonly recordSha256: string;
  /** The record as a store keeps it: what `takeOutShared` makes of `octets`, without reading them again. */
  readonly kept: TakenOut;
}

/** The evidence record of one judgement (see evidence-record.ts). Holds the certificate: for pf and gov only. */
export function makeEvidence(input: EvidenceInput): Evidence {
  const { parts, ...rest } = evidenceContent(input, 2);
  // the parts may be megabytes: each is written once, and the rest is put together from what was written
  const written = parts.map(partJson);
  const members: Readonly<Record<string, Uint8Array>> = {
    ...mapped(rest, canonicalJson),
    parts: canonicalList(written),
  };
  const content = { ...members, digests: canonicalJson(mapped(members, sha256Hex)) };
  const { sha256, recordSha256 } = hashesOf(content);
  const whole = { ...content, sha256: canonicalJson(sha256) };
  const { parts: lean, files } = withoutShared(parts);
  const leanOnes = lean.map((part, n) => (part === parts[n] ? written[n] : undefined) ?? partJson(part));
  return {
    id: input.id,
    octets: canonicalObject(whole),
    sha256,
    recordSha256,
    kept: { octets: canonicalObject({ ...whole, parts: canonicalList(leanOnes) }), files },
  };
}

function partJson({ name, octets, sha256 }: EvidenceRecord['parts'][number]): Uint8Array {
  return canonicalObject({
    name: canonicalJson(name),
    octets: canonicalAscii(octets),
    sha256: canonicalJson(sha256),
  });
}

/**
 * Of the record without its member `sha256`, and with it: what stands before that member is the same, and is hashed
 * once.
 */
function hashesOf(content: Readonly<Record<string, Uint8Array>>) {
  const pieces = canonicalPieces(content);
  const behind = pieces.findIndex((piece, n) => n > 1 && typeof piece === 'string' && piece > ',"sha256":');
  const before = createHash('sha256');
  for (const piece of pieces.slice(0, behind)) before.update(piece);
  const rest = (hash: Hash) => pieces.slice(behind).reduce<Hash>((all, piece) => all.update(piece), hash);
  const sha256 = rest(before.copy()).digest('hex');
  const recordSha256 = rest(before.copy().update(`,"sha256":"${sha256}"`)).digest('hex');
  return { sha256, recordSha256 };
}

function mapped<Value, To>(
  members: Readonly<Record<string, Value>>,
  to: (value: Value) => To,
): Record<string, To> {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there.map(([name, value]) => [name, to(value)]));
}
