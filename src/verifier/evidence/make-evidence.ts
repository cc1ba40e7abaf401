import { canonicalJson } from '../../core/evidence/canonical-json.ts';
import { type EvidenceInput, evidenceContent } from './evidence-content.ts';
import { type EvidenceRecord, sha256Hex } from './evidence-record.ts';

export type { EvidenceInput } from './evidence-content.ts';

export interface Evidence {
  readonly id: string;
  /** The record, canonical JSON in UTF-8. */
  readonly octets: Uint8Array;
  /** Hash of the whole record, as it stands in it. */
  readonly sha256: string;
}

/** The evidence record of one judgement (see evidence-record.ts). Holds the certificate: for pf and gov only. */
export function makeEvidence(input: EvidenceInput): Evidence {
  const content = evidenceContent(input, 2);
  const digests = Object.fromEntries(
    Object.entries(content).map(([name, value]) => [name, sha256Hex(canonicalJson(value))]),
  );
  const sha256 = sha256Hex(canonicalJson({ ...content, digests }));
  const record: EvidenceRecord = { ...content, digests, sha256 };
  return { id: input.id, octets: canonicalJson(record), sha256 };
}
