import { fromUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { fits, object, oneOf, record, text } from '../../core/json/shape.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { type Check, finding } from '../../core/report.ts';
import { canonicalJson } from './canonical-json.ts';
import { EVIDENCE_RECORD, sha256Hex } from './evidence-record.ts';
import { EVIDENCE_TIME, type EvidenceTime } from './evidence-time.ts';

const hash = text(/^[0-9a-f]{64}$/);
const FORMAT = 'jitsuin-evidence-export';

/** The file of `jitsuin evidence export`: a record and, once its period was stamped, its time proof. Canonical JSON. */
const EVIDENCE_EXPORT = object({
  format: oneOf(FORMAT),
  version: oneOf(1),
  record: EVIDENCE_RECORD,
  time: EVIDENCE_TIME,
  digests: record(hash),
  sha256: hash,
});

/** Record octets as kept, with their time proof → the octets of the file; without a proof the record is the file. */
export function exportedEvidence(recordOctets: Uint8Array, time: EvidenceTime | undefined): Uint8Array {
  if (time === undefined) return recordOctets;
  const value = parseStrictJson(fromUtf8(recordOctets), 16);
  if (!fits(EVIDENCE_RECORD, value)) throw new JitsuinError('evidence.invalid', 'Not an evidence record.');
  const content = { format: FORMAT, version: 1, record: value, time };
  const digests = { record: sha256Hex(canonicalJson(value)), time: sha256Hex(canonicalJson(time)) };
  return canonicalJson({ ...content, digests, sha256: sha256Hex(canonicalJson({ ...content, digests })) });
}

export interface ReadExport {
  /** Canonical octets of the record; those of the file when it is a bare record or nothing known. */
  readonly record: Uint8Array;
  readonly time?: EvidenceTime;
  /** What of the wrapping was altered, and what was not. */
  readonly checks: readonly Check[];
}

/** Takes an exported file apart. What is not an export is given on as it is: the record's own reader judges it. */
export function readExport(octets: Uint8Array): ReadExport {
  const value = exportValue(octets);
  if (value === undefined) return { record: octets, checks: [] };
  const fault = EVIDENCE_EXPORT.fault(value);
  if (!fits(EVIDENCE_EXPORT, value))
    return { record: octets, checks: [altered('export-format', fault ?? '')] };
  const { sha256, ...rest } = value;
  const { record: kept, time, digests } = rest;
  const names = ['record', 'time'] as const;
  const checks: Check[] = names.map((name) => {
    const same = digests[name] === sha256Hex(canonicalJson(value[name]));
    return same ? { name: 'export-digest', result: 'passed' } : altered('export-digest', name);
  });
  const surplus = Object.keys(digests).length !== names.length;
  const whole = !surplus && sha256Hex(canonicalJson(rest)) === sha256 && isCanonical(value, octets);
  checks.push(whole ? { name: 'export-digest', result: 'passed' } : altered('export-digest', 'sha256'));
  return { record: canonicalJson(kept), time, checks };
}

function exportValue(octets: Uint8Array): unknown {
  const head = Buffer.from(octets.subarray(0, 4096)).toString('latin1');
  if (!head.startsWith('{"digests":{') || !head.includes(`"${FORMAT}"`)) return undefined;
  try {
    return parseStrictJson(fromUtf8(octets).replace(/\n$/, ''), 18);
  } catch {
    return undefined;
  }
}

function isCanonical(value: unknown, octets: Uint8Array): boolean {
  const canonical = canonicalJson(value);
  const end = octets.at(-1) === 0x0a ? octets.length - 1 : octets.length;
  return Buffer.compare(canonical, octets.subarray(0, end)) === 0;
}

function altered(name: string, detail: string): Check {
  return finding(name, 'evidence.invalid', { sub: 'HASH_FAILURE', detail });
}
