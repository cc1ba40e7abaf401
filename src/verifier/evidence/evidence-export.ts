import { defined } from '../../core/defined.ts';
import { fromUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/evidence/canonical-json.ts';
import { either, fits, object, oneOf, record, text } from '../../core/json/shape.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { type Check, finding } from '../../core/report.ts';
import { LOG_PROOF, type LogProof } from '../../core/transparency/log-proof.ts';
import { EVIDENCE_RECORD, sha256Hex } from './evidence-record.ts';
import { EVIDENCE_TIME, type EvidenceTime } from './evidence-time.ts';

const hash = text(/^[0-9a-f]{64}$/);
const FORMAT = 'jitsuin-evidence-export';

const seal = text(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
const common = { format: oneOf(FORMAT), record: EVIDENCE_RECORD, digests: record(hash), sha256: hash };

/**
 * Version 1: a record and its time proof. Version 2: also what the operator signed of it, or that alone. Version 3:
 * also its place in the operator's public log. Canonical JSON.
 */
const EVIDENCE_EXPORT = either(
  object({ ...common, version: oneOf(1), time: EVIDENCE_TIME }),
  either(
    object({ ...common, version: oneOf(2), seal }, { time: EVIDENCE_TIME }),
    object({ ...common, version: oneOf(3), log: LOG_PROOF }, { time: EVIDENCE_TIME, seal }),
  ),
);

/** What there is beside a record. */
export interface EvidenceProofs {
  readonly time?: EvidenceTime | undefined;
  /** The operator's signature on the record's hash, compact JWS. */
  readonly seal?: string | undefined;
  /** That the operator's public log holds the record's hash; there once the entry is. */
  readonly log?: LogProof | undefined;
}

/** Record octets as kept, with their proofs → the octets of the file; without any the record is the file. */
export function exportedEvidence(
  recordOctets: Uint8Array,
  { time, seal: operatorSeal, log }: EvidenceProofs,
): Uint8Array {
  if (time === undefined && operatorSeal === undefined && log === undefined) return recordOctets;
  const value = parseStrictJson(fromUtf8(recordOctets), 16);
  if (!fits(EVIDENCE_RECORD, value)) throw new JitsuinError('evidence.invalid', 'Not an evidence record.');
  const parts = defined({ record: value, seal: operatorSeal, log, time });
  const version = log !== undefined ? 3 : operatorSeal === undefined ? 1 : 2;
  const content = { format: FORMAT, version, ...parts, digests: digestsOf(parts) };
  return canonicalJson({ ...content, sha256: sha256Hex(canonicalJson(content)) });
}

function digestsOf(parts: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(parts).map(([name, value]) => [name, sha256Hex(canonicalJson(value))]),
  );
}

interface ReadExport {
  /** Canonical octets of the record; those of the file when it is a bare record or nothing known. */
  readonly record: Uint8Array;
  readonly time?: EvidenceTime;
  readonly seal?: string;
  readonly log?: LogProof;
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
  const operatorSeal = rest.version === 1 ? undefined : rest.seal;
  const log = rest.version === 3 ? rest.log : undefined;
  const expected = digestsOf(defined({ record: kept, seal: operatorSeal, log, time }));
  const checks: Check[] = Object.entries(expected).map(([name, digest]) =>
    digests[name] === digest ? { name: 'export-digest', result: 'passed' } : altered('export-digest', name),
  );
  const surplus = Object.keys(digests).length !== Object.keys(expected).length;
  const whole = !surplus && sha256Hex(canonicalJson(rest)) === sha256 && isCanonical(value, octets);
  checks.push(whole ? { name: 'export-digest', result: 'passed' } : altered('export-digest', 'sha256'));
  return defined({ record: canonicalJson(kept), time, seal: operatorSeal, log, checks });
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
