import { type Fitting, integer, object, text } from '../json/shape.ts';

/** `typ` of the operator's signature on an evidence record. A receipt, made with the same key, has another one. */
export const EVIDENCE_SEAL_TYPE = 'evidence-seal+jwt';

/** What the operator signs of an evidence record: that one with this id and these octets was written. */
export const EVIDENCE_SEAL_CLAIMS = object({
  /** The operator's public URL. */
  iss: text(),
  /** The record's id. */
  jti: text(),
  /** Seconds; by the operator's clock, and no proof of a time. */
  iat: integer(0),
  /** Lower-case hexadecimal SHA-256 of the record's octets. */
  evidence_sha256: text(/^[0-9a-f]{64}$/),
});
export type EvidenceSealClaims = Fitting<typeof EVIDENCE_SEAL_CLAIMS>;
