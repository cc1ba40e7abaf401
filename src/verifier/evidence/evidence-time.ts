import type { EpochMillis } from '../../core/brand.ts';
import { fromBase64, toBase64 } from '../../core/encoding.ts';
import { type Fitting, integer, list, object, oneOf, text } from '../../core/json/shape.ts';
import { type Check, conclude, type Report } from '../../core/report.ts';
import { inclusionPath, merkleRoot, provesInclusion } from '../timestamp/merkle-tree.ts';
import { type TimeStampVerdict, verifyTimeStamp } from '../timestamp/verify-time-stamp.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { canonicalJson } from './canonical-json.ts';

const hash = text(/^[0-9a-f]{64}$/);

/**
 * That a record was there at some time: its place in the Merkle tree of its period and the time-stamp tokens over the tree.
 * `head` is the hash chain's newest link then, so a token also proves all records before. Token n+1 renews the ones before
 * it (RFC 4998 section 5.2 in spirit).
 */
export const EVIDENCE_TIME = object({
  period: integer(1),
  size: integer(1),
  root: hash,
  head: hash,
  hash: oneOf('sha256'),
  index: integer(0),
  path: list(hash, 64),
  tokens: list(text(/^[A-Za-z0-9+/]+={0,2}$/), 64),
});
export type EvidenceTime = Fitting<typeof EVIDENCE_TIME>;

/** One period of evidence, as a time-stamp covers it. Hashes are lower-case hexadecimal. */
export interface EvidencePeriod {
  readonly period: number;
  readonly size: number;
  readonly root: string;
  readonly head: string;
}

/** The period over these records, given by the SHA-256 of their octets, in the order of the chain. */
export function evidencePeriod(period: number, leaves: readonly string[], head: string): EvidencePeriod {
  const root = merkleRoot(leaves.map(fromHex));
  return { period, size: leaves.length, root: Buffer.from(root).toString('hex'), head };
}

/** What the next token of a period is over: the period and every token before, in a domain of its own. */
export function stampedOctets(
  { period, size, root, head }: EvidencePeriod,
  before: readonly Uint8Array[],
): Uint8Array {
  const renews = before.map(toBase64);
  return canonicalJson({ format: 'jitsuin-evidence-period', version: 1, period, size, root, head, renews });
}

/** The proof of one record of a period. */
export function evidenceTime(
  period: EvidencePeriod,
  leaves: readonly string[],
  index: number,
  tokens: readonly Uint8Array[],
): EvidenceTime {
  const path = inclusionPath(leaves.map(fromHex), index).map((node) => Buffer.from(node).toString('hex'));
  return { ...period, hash: 'sha256', index, path, tokens: tokens.map(toBase64) };
}

export interface EvidenceTimeVerdict extends Report {
  /** The record was there at this time at the latest; present once all passed. */
  readonly provenAt?: EpochMillis;
  /** End of the newest token's certificate: until then the proof needs no renewal. */
  readonly validUntil?: EpochMillis;
}

/** Without trust in a TSA nothing is judged; with it, a record without proof is INDETERMINATE. */
export function verifyEvidenceTime(
  recordSha256: string,
  time: EvidenceTime | undefined,
  trustAnchors: readonly Certificate[] | undefined,
  at: EpochMillis,
): EvidenceTimeVerdict {
  if (trustAnchors === undefined)
    return conclude([{ name: 'proof-of-existence', result: 'not-reached' }], at);
  if (time === undefined || time.tokens.length === 0) {
    const missing: Check = {
      name: 'proof-of-existence',
      result: 'indeterminate',
      code: 'timestamp.unavailable',
    };
    return conclude([{ ...missing, subIndication: 'NO_POE' }], at);
  }
  const inclusion = inclusionCheck(recordSha256, time);
  if (inclusion.result !== 'passed') return conclude([inclusion], at);
  return judgeTokens(time, trustAnchors, [inclusion]);
}

function inclusionCheck(recordSha256: string, { index, size, path, root }: EvidenceTime): Check {
  const leaf = fromHex(recordSha256);
  const included = provesInclusion({ leaf, index, size, path: path.map(fromHex), root: fromHex(root) });
  const name = 'inclusion-proof';
  if (included) return { name, result: 'passed' };
  return { name, result: 'failed', code: 'evidence.invalid', subIndication: 'HASH_FAILURE' };
}

/** Oldest first: each token on its own, and each renewal before the certificate of the token before had ended. */
function judgeTokens(
  time: EvidenceTime,
  trustAnchors: readonly Certificate[],
  before: readonly Check[],
): EvidenceTimeVerdict {
  const checks: Check[] = [...before];
  const verdicts: TimeStampVerdict[] = [];
  const tokens = time.tokens.map((token) => fromBase64(token));
  for (const [index, token] of tokens.entries()) {
    const stamped = stampedOctets(time, tokens.slice(0, index));
    const verdict = verifyTimeStamp({ token, stamped, trustAnchors });
    checks.push(...verdict.checks.map((check) => ({ ...check, detail: `token ${index + 1}` })));
    if (verdict.indication !== 'TOTAL-PASSED') return conclude(checks, verdict.validationTime);
    const previous = verdicts.at(-1);
    if (previous !== undefined) checks.push(renewalCheck(previous, verdict, index));
    verdicts.push(verdict);
  }
  const report = conclude(checks, verdicts[0]?.genTime ?? (0 as EpochMillis));
  if (report.indication !== 'TOTAL-PASSED') return report;
  const [first] = verdicts;
  const last = verdicts.at(-1);
  return {
    ...report,
    ...(first?.genTime === undefined ? {} : { provenAt: first.genTime }),
    ...(last?.validUntil === undefined ? {} : { validUntil: last.validUntil }),
  };
}

function renewalCheck(previous: TimeStampVerdict, next: TimeStampVerdict, index: number): Check {
  const name = 'time-stamp-renewal';
  const detail = `token ${index + 1}`;
  const { genTime = 0, validUntil = 0 } = { ...previous, genTime: next.genTime };
  const inTime = genTime <= validUntil && (previous.genTime ?? 0) <= genTime;
  if (inTime) return { name, result: 'passed', detail };
  return { name, result: 'failed', code: 'timestamp.renewal', subIndication: 'OUT_OF_BOUNDS_NO_POE', detail };
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
