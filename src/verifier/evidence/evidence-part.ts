import { timingSafeEqual } from 'node:crypto';
import { fromBase64, fromUtf8, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { fits } from '../../core/json/shape.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { EVIDENCE_RECORD, sha256Hex } from './evidence-record.ts';

/**
 * The octets of one part of our own record (for example `finished-document`), once they have the SHA-256 that the record
 * names; undefined when the record has no such part.
 * @throws JitsuinError `evidence.invalid`
 */
export function evidencePart(record: Uint8Array, name: string): Uint8Array | undefined {
  const read = parseStrictJson(fromUtf8(record), 16);
  if (!fits(EVIDENCE_RECORD, read)) throw new JitsuinError('evidence.invalid', 'Not an evidence record.');
  const part = read.parts.find((candidate) => candidate.name === name);
  if (part === undefined) return undefined;
  const octets = fromBase64(part.octets, name);
  if (!timingSafeEqual(toUtf8(sha256Hex(octets)), toUtf8(part.sha256))) {
    throw new JitsuinError('evidence.invalid', 'A part of the record was altered.', { at: name });
  }
  return octets;
}
