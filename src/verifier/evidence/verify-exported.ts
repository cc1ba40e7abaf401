import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { ALGORITHM_ENDS, type AlgorithmEnds } from '../../core/digest/algorithm-ends.ts';
import type { FormCatalogue } from '../../core/forms/catalogue.ts';
import type { SubIndication } from '../../core/report.ts';
import { type Check, conclude, type Report } from '../../core/report.ts';
import type { VerificationResult } from '../../core/sign-transaction/verification.ts';
import type { PolicyFile } from '../policy/policy-file.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { readExport } from './evidence-export.ts';
import { PROOF_WITHIN, provenDecision } from './proven-decision.ts';
import { type EvidenceVerification, type JudgedEvidence, judgeEvidence } from './verify-evidence.ts';
import { type EvidenceTimeVerdict, verifyEvidenceTime } from './verify-evidence-time.ts';

export interface ExportTrust {
  readonly trustAnchors: readonly Certificate[];
  /** Roots of the TSAs; absent: no time is proved. */
  readonly tsaTrustAnchors?: readonly Certificate[];
  /** Policy files beside the shipped ones by which records may have been judged. */
  readonly policies?: readonly PolicyFile[];
  /** Receivers' forms that count; absent: those of this software. */
  readonly forms?: FormCatalogue;
  /** When algorithms ended; absent: as `ALGORITHM_ENDS` has it. */
  readonly algorithmEnds?: AlgorithmEnds;
  /** The caller believes the instant that the record says: nothing is asked of its time. */
  readonly believeInstant?: boolean;
  /** Greatest distance between the instant judged and the proven time, milliseconds; absent: `PROOF_WITHIN`. */
  readonly proofWithin?: number;
  /** For when it is asked whether the proof still stands; absent: for the day of the newest token. */
  readonly asked?: EpochMillis;
  /** What the operator's keys say of the record's signature, where they were given (operator-seal.ts). */
  readonly operatorSeal?: Check;
  /** What the pinned keys of a public log say of the record's proof, where they were given (log-inclusion.ts). */
  readonly publicLog?: Check;
}

/**
 * Altered or forged; sound and negative; sound and open, or not (or no longer) provable; good at a proven (or
 * believed) time.
 */
export type EvidenceOutcome = 'altered' | 'negative' | 'not-provable' | 'valid';

export interface ExportVerification extends EvidenceVerification {
  readonly outcome: EvidenceOutcome;
  /** The verdict for the time that is proved; absent when the record is not whole. */
  readonly verdict?: Report;
  readonly time: EvidenceTimeVerdict;
  readonly basis: 'proved' | 'believed' | 'none';
}

/**
 * Decides again from a file of `jitsuin evidence export`, a bare record or one with its time proof: every octet as
 * its own parts give it, the same judgement, the time at which the record was there at the latest, and the verdict
 * for that time. No clock is read.
 */
export function verifyExportedEvidence(octets: Uint8Array, trust: ExportTrust): ExportVerification {
  const { record, time, checks: wrapping } = readExport(octets);
  const asked = [trust.operatorSeal, trust.publicLog].filter((check) => check !== undefined);
  const checks = [...wrapping, ...asked];
  const judged = judgeEvidence(record, trust.trustAnchors, trust.policies, trust.forms);
  const { validationTime } = judged.integrity;
  const integrity = conclude([...checks, ...judged.integrity.checks], validationTime);
  const whole = judged.decision !== undefined && checks.every((check) => check.result !== 'failed');
  const proof = whole
    ? verifyEvidenceTime(withoutLineEnd(record), time, timeTrust(trust), validationTime)
    : conclude([{ name: 'proof-of-existence', result: 'not-reached' }], 0 as EpochMillis);
  return concluded(judged, integrity, proof, trust);
}

function concluded(
  { record, judged, ...verified }: JudgedEvidence,
  integrity: Report,
  time: EvidenceTimeVerdict,
  trust: ExportTrust,
): ExportVerification {
  const verdict = judged === undefined ? undefined : verdictOf(judged, time, trust);
  const outcome = outcomeOf({ integrity, result: record?.result }, time, verdict);
  return defined({ ...verified, integrity, verdict, time, outcome, basis: basisOf(time, trust) });
}

function verdictOf(
  judged: NonNullable<JudgedEvidence['judged']>,
  time: EvidenceTimeVerdict,
  {
    tsaTrustAnchors,
    believeInstant = false,
    proofWithin = PROOF_WITHIN,
    algorithmEnds = ALGORITHM_ENDS,
    asked,
  }: ExportTrust,
): Report {
  const terms = { within: proofWithin, judged: tsaTrustAnchors !== undefined, believeInstant, algorithmEnds };
  return provenDecision(judged, time, defined({ ...terms, asked }));
}

function basisOf(time: EvidenceTimeVerdict, { believeInstant }: ExportTrust): ExportVerification['basis'] {
  if (time.provenAt !== undefined) return 'proved';
  return believeInstant === true ? 'believed' : 'none';
}

/** Sub-indications of a proof that is not what was made: its octets were changed or exchanged. */
const ALTERED_PROOF: ReadonlySet<SubIndication | undefined> = new Set([
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'FORMAT_FAILURE',
]);

function outcomeOf(
  { integrity, result }: { readonly integrity: Report; readonly result: VerificationResult | undefined },
  time: EvidenceTimeVerdict,
  verdict: Report | undefined,
): EvidenceOutcome {
  if (verdict === undefined || integrity.checks.some((check) => check.result === 'failed')) return 'altered';
  if (time.checks.some((check) => check.result === 'failed' && ALTERED_PROOF.has(check.subIndication)))
    return 'altered';
  if (result !== 'OK' && result !== 'INDETERMINATE') return 'negative';
  if (verdict.indication === 'TOTAL-FAILED') return 'negative';
  return verdict.indication === 'TOTAL-PASSED' && integrity.indication === 'TOTAL-PASSED'
    ? 'valid'
    : 'not-provable';
}

function timeTrust({ tsaTrustAnchors: trustAnchors, algorithmEnds }: ExportTrust) {
  return defined({
    trustAnchors,
    algorithmEnds,
  });
}

function withoutLineEnd(octets: Uint8Array): Uint8Array {
  return octets.at(-1) === 0x0a ? octets.subarray(0, -1) : octets;
}
