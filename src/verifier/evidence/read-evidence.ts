import { defined } from '../../core/defined.ts';
import { fromBase64, fromUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/evidence/canonical-json.ts';
import { fits } from '../../core/json/shape.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { type Check, finding, type Report } from '../../core/report.ts';
import type { VerificationResult } from '../../core/sign-transaction/verification.ts';
import { EVIDENCE_RECORD, type EvidenceRecord, sha256Hex } from './evidence-record.ts';

const MAX_OCTETS = 256 * 1024 * 1024;

/** The decision as the record has it, without judging again. */
interface RecordedDecision {
  readonly report: Report;
  readonly result: VerificationResult;
  readonly signedOctetsSha256?: string;
}

/**
 * Reads the decision out of our own record, once its digests hold.
 * @throws JitsuinError `evidence.invalid`
 */
export function recordedDecision(octets: Uint8Array): RecordedDecision {
  const { report, result, signedOctetsSha256 } = wholeRecord(octets);
  return defined({
    report: report as Report,
    result,
    signedOctetsSha256,
  });
}

/**
 * Octets of one part of our own record, once its digests hold; undefined when it has no such part. @throws
 * `evidence.invalid`
 */
export function evidencePart(octets: Uint8Array, name: string): Uint8Array | undefined {
  return findPart(wholeRecord(octets), name);
}

/** Our own record, once its digests hold. @throws JitsuinError `evidence.invalid` */
export function wholeRecord(octets: Uint8Array): EvidenceRecord {
  const read = readRecord(octets);
  if (typeof read === 'string') throw new JitsuinError('evidence.invalid', `The record is ${read}.`);
  const broken = digestChecks(read).find((check) => check.result !== 'passed');
  if (broken !== undefined)
    throw new JitsuinError('evidence.invalid', `The record was altered: ${broken.detail ?? ''}`);
  return read;
}

/** The record, or why the octets are not one. */
export function readRecord(octets: Uint8Array): EvidenceRecord | string {
  if (octets.length > MAX_OCTETS) return 'larger than 256 MiB';
  let text: string;
  try {
    text = fromUtf8(octets);
  } catch {
    return 'not UTF-8';
  }
  const value = parseStrictJson(text.endsWith('\n') ? text.slice(0, -1) : text, 16);
  if (value === undefined) return 'not one JSON value with distinct members';
  if (!fits(EVIDENCE_RECORD, value)) {
    return `not an evidence record of version 1: ${EVIDENCE_RECORD.fault(value) ?? ''}`;
  }
  const canonical = canonicalJson(value);
  const same = Buffer.compare(canonical, octets) === 0;
  const withLineEnd =
    octets.length === canonical.length + 1 && Buffer.compare(canonical, octets.subarray(0, -1)) === 0;
  return same || withLineEnd ? value : 'not in canonical form';
}

/** Parts first, so that an altered octet is named by its part; then every member; then the whole. */
export function digestChecks(record: EvidenceRecord): readonly Check[] {
  const { sha256, digests, ...content } = record;
  const checks: Check[] = record.parts.map(({ name, octets, sha256: expected }) =>
    partDigest(octets) === expected
      ? { name: 'part-digest', result: 'passed', detail: name }
      : hashFailed('part-digest', name),
  );
  const members = Object.entries(content).filter(([, value]) => value !== undefined);
  for (const [name, value] of members) {
    const same = Object.hasOwn(digests, name) && digests[name] === sha256Hex(canonicalJson(value));
    if (!same) checks.push(hashFailed('member-digest', name));
  }
  const surplus = Object.keys(digests).find((name) => !members.some(([member]) => member === name));
  if (surplus !== undefined) checks.push(hashFailed('member-digest', surplus));
  const whole = sha256Hex(canonicalJson({ ...content, digests })) === sha256;
  checks.push(whole ? { name: 'record-digest', result: 'passed' } : hashFailed('record-digest', 'sha256'));
  return checks;
}

/** Undefined for octets that are not canonical base64: that is an altered part too. */
function partDigest(base64: string): string | undefined {
  try {
    return sha256Hex(fromBase64(base64));
  } catch {
    return undefined;
  }
}

/** A digest or comparison of the record that does not hold; `detail` names what. */
export function hashFailed(name: string, detail: string): Check {
  return finding(name, 'evidence.invalid', { sub: 'HASH_FAILURE', detail });
}

export function findPart(record: EvidenceRecord, name: string): Uint8Array | undefined {
  const part = record.parts.find((candidate) => candidate.name === name);
  return part === undefined ? undefined : fromBase64(part.octets);
}
