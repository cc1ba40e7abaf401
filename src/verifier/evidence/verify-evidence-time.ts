import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { ALGORITHM_ENDS, type AlgorithmEnds, firstEnd } from '../../core/digest/algorithm-ends.ts';
import { provesInclusion } from '../../core/digest/merkle-tree.ts';
import { type Check, conclude, finding, type Report } from '../../core/report.ts';
import type { TimeStampHash } from '../timestamp/oids.ts';
import { tsaRevocationCheck } from '../timestamp/tsa-revocation.ts';
import { type TimeStampVerdict, verifyTimeStamp } from '../timestamp/verify-time-stamp.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { sha256Hex } from './evidence-record.ts';
import {
  beforeTree,
  type EvidenceTime,
  fromHex,
  renewedLeaf,
  type StampedEvidence,
  stampedEvidence,
  stampedOctets,
} from './evidence-time.ts';

interface EvidenceTimeTrust {
  /** Roots of the TSAs; absent: the time is not judged. */
  readonly trustAnchors?: readonly Certificate[];
  /** When algorithms ended; `ALGORITHM_ENDS` when absent: what stands on one must have been renewed before. */
  readonly algorithmEnds?: AlgorithmEnds;
}

export interface EvidenceTimeVerdict extends Report {
  /** The record was there at this time at the latest; present once all passed. */
  readonly provenAt?: EpochMillis;
  /** End of the newest token's certificate, or of an algorithm it stands on: until then the proof needs no renewal. */
  readonly validUntil?: EpochMillis;
}

/**
 * Judges the proof of a record's time. Without trust in a TSA nothing is judged; with it, a record without proof,
 * or a token whose certificate may have been revoked, is INDETERMINATE.
 * @param record its canonical octets
 */
export function verifyEvidenceTime(
  record: Uint8Array,
  time: EvidenceTime | undefined,
  { trustAnchors, algorithmEnds = ALGORITHM_ENDS }: EvidenceTimeTrust,
  at: EpochMillis,
): EvidenceTimeVerdict {
  if (trustAnchors === undefined)
    return conclude([{ name: 'proof-of-existence', result: 'not-reached' }], at);
  if (time === undefined || time.tokens.length === 0) {
    return conclude([finding('proof-of-existence', 'timestamp.unavailable')], at);
  }
  const inclusions = [firstInclusion(record, time), ...renewedInclusions(record, time)];
  if (inclusions.some(({ result }) => result !== 'passed')) return conclude(inclusions, at);
  return judgeTokens(stampedEvidence(time), trustAnchors, algorithmEnds, inclusions);
}

function firstInclusion(record: Uint8Array, { index, size, path, root }: EvidenceTime): Check {
  const leaf = fromHex(sha256Hex(record));
  return inclusion(provesInclusion({ leaf, index, size, path: path.map(fromHex), root: fromHex(root) }));
}

/** Each renewed tree holds the record by its new hash, and the whole proof before it. */
function renewedInclusions(record: Uint8Array, time: EvidenceTime): readonly Check[] {
  const { index, size, trees = [], tokens } = time;
  let before = 1;
  return trees.map(({ hash, root, path, firstToken }, place) => {
    const leaf = renewedLeaf(hash, record, beforeTree(time, place));
    const inOrder = firstToken > before && firstToken <= tokens.length;
    before = firstToken;
    const proof = { leaf, index, size, path: path.map(fromHex), root: fromHex(root), hash };
    return { ...inclusion(inOrder && provesInclusion(proof)), detail: `tree ${place + 2}` };
  });
}

function inclusion(proven: boolean): Check {
  const name = 'inclusion-proof';
  if (proven) return { name, result: 'passed' };
  return finding(name, 'evidence.invalid', { sub: 'HASH_FAILURE' });
}

/** Oldest first: each token on its own, its certificate, and that it came before what it renews had ended. */
function judgeTokens(
  evidence: StampedEvidence,
  trustAnchors: readonly Certificate[],
  algorithmEnds: AlgorithmEnds,
  before: readonly Check[],
): EvidenceTimeVerdict {
  const checks: Check[] = [...before];
  const verdicts: SoundVerdict[] = [];
  for (const [index, token] of evidence.tokens.entries()) {
    const number = index + 1;
    const verdict = verifyTimeStamp({ token, stamped: stampedOctets(evidence, number), trustAnchors });
    checks.push(...verdict.checks.map((check) => ({ ...check, detail: `token ${number}` })));
    if (verdict.indication !== 'TOTAL-PASSED') return conclude(checks, verdict.validationTime);
    checks.push(revocationOf(evidence, number, verdict));
    const sound = { ...verdict, soundUntil: soundUntil(verdict, treeHash(evidence, number), algorithmEnds) };
    checks.push(...renewalChecks(verdicts.at(-1), sound, number));
    verdicts.push(sound);
  }
  const report = conclude(checks, verdicts[0]?.genTime ?? (0 as EpochMillis));
  if (report.indication !== 'TOTAL-PASSED') return report;
  const [first] = verdicts;
  const last = verdicts.at(-1);
  return defined({
    ...report,
    provenAt: first?.genTime === undefined ? undefined : first.genTime,
    validUntil: last === undefined ? undefined : (last.soundUntil as EpochMillis),
  });
}

function revocationOf(
  { revocation }: StampedEvidence,
  number: number,
  { path = [], genTime = 0 as EpochMillis }: TimeStampVerdict,
): Check {
  const data = revocation.filter(({ token }) => token === number);
  return { ...tsaRevocationCheck(path, genTime, data), detail: `token ${number}` };
}

function treeHash({ trees }: StampedEvidence, token: number): TimeStampHash {
  return trees.findLast(({ firstToken }) => firstToken <= token)?.hash ?? 'sha256';
}

type SoundVerdict = TimeStampVerdict & { readonly soundUntil: number };

/** A token stands until its certificate ends or one of the algorithms under it, its tree's hash among them. */
function soundUntil(
  { validUntil = 0 as EpochMillis, algorithms = [] }: TimeStampVerdict,
  tree: TimeStampHash,
  ends: AlgorithmEnds,
): number {
  return Math.min(validUntil, firstEnd([tree, ...algorithms], ends));
}

/** Each token came while what it renews was sound, and while its own algorithms were. */
function renewalChecks(
  previous: SoundVerdict | undefined,
  { genTime = 0 as EpochMillis, soundUntil: ownEnd }: SoundVerdict,
  number: number,
): readonly Check[] {
  const name = 'time-stamp-renewal';
  const detail = `token ${number}`;
  const inTime =
    previous === undefined || (genTime <= previous.soundUntil && (previous.genTime ?? 0) <= genTime);
  if (inTime && genTime <= ownEnd) return previous === undefined ? [] : [{ name, result: 'passed', detail }];
  return [finding(name, 'timestamp.renewal', { detail })];
}
