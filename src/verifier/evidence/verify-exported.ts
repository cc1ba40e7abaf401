import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import type { AlgorithmEnds } from '../../core/digest/algorithm-ends.ts';
import { conclude } from '../../core/report.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { readExport } from './evidence-export.ts';
import { type EvidenceVerification, verifyEvidence } from './verify-evidence.ts';
import { type EvidenceTimeVerdict, verifyEvidenceTime } from './verify-evidence-time.ts';

export interface ExportTrust {
  readonly trustAnchors: readonly Certificate[];
  /** Roots of the TSAs; absent: the time is not judged. */
  readonly tsaTrustAnchors?: readonly Certificate[];
  /** When algorithms ended; absent: as `ALGORITHM_ENDS` has it. */
  readonly algorithmEnds?: AlgorithmEnds;
}

export interface ExportVerification extends EvidenceVerification {
  readonly time: EvidenceTimeVerdict;
}

/**
 * Decides again from a file of `jitsuin evidence export`, a bare record or one with its time proof: every octet as it was,
 * the same judgement, and the time at which the record was there at the latest. No clock is read.
 */
export function verifyExportedEvidence(octets: Uint8Array, trust: ExportTrust): ExportVerification {
  const { record, time, checks } = readExport(octets);
  const verified = verifyEvidence(record, trust.trustAnchors);
  const { validationTime } = verified.integrity;
  const integrity = conclude([...checks, ...verified.integrity.checks], validationTime);
  const whole = verified.decision !== undefined && checks.every((check) => check.result === 'passed');
  const verdict = whole
    ? verifyEvidenceTime(withoutLineEnd(record), time, timeTrust(trust), validationTime)
    : conclude([{ name: 'proof-of-existence', result: 'not-reached' }], 0 as EpochMillis);
  return { ...verified, integrity, time: verdict };
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
