import { canonicalJson, canonicalList, canonicalObject } from '../../core/evidence/canonical-json.ts';
import { type TakenOut, withoutShared } from '../../core/evidence/shared-parts.ts';
import { type EvidenceInput, evidenceContent } from './evidence-content.ts';
import { sha256Hex } from './evidence-record.ts';

export type { EvidenceInput } from './evidence-content.ts';

export interface Evidence {
  readonly id: string;
  /** The record (`EvidenceRecord`), canonical JSON in UTF-8. */
  readonly octets: Uint8Array;
  /** Hash of the whole record, as it stands in it. */
  readonly sha256: string;
  /** The record as a store keeps it: what `takeOutShared` makes of `octets`, without reading them again. */
  readonly kept: TakenOut;
}

/** The evidence record of one judgement (see evidence-record.ts). Holds the certificate: for pf and gov only. */
export function makeEvidence(input: EvidenceInput): Evidence {
  const { parts, ...rest } = evidenceContent(input, 2);
  // the parts may be megabytes: each is written once, and the rest is put together from what was written
  const written = parts.map(canonicalJson);
  const members: Readonly<Record<string, Uint8Array>> = {
    ...mapped(rest, canonicalJson),
    parts: canonicalList(written),
  };
  const digests = canonicalJson(mapped(members, sha256Hex));
  const sha256 = sha256Hex(canonicalObject({ ...members, digests }));
  const whole = { ...members, digests, sha256: canonicalJson(sha256) };
  const { parts: lean, files } = withoutShared(parts);
  const leanOnes = lean.map((part, n) => (part === parts[n] ? written[n] : undefined) ?? canonicalJson(part));
  return {
    id: input.id,
    octets: canonicalObject(whole),
    sha256,
    kept: { octets: canonicalObject({ ...whole, parts: canonicalList(leanOnes) }), files },
  };
}

function mapped<Value, To>(
  members: Readonly<Record<string, Value>>,
  to: (value: Value) => To,
): Record<string, To> {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there.map(([name, value]) => [name, to(value)]));
}
