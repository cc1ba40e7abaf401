import type { EpochMillis } from '../../core/brand.ts';
import { type AgeingAlgorithm, type AlgorithmEnds, firstEnd } from '../../core/digest/algorithm-ends.ts';
import type { EvidenceArchive, StampedPeriod } from '../../ports/evidence-archive.ts';
import { nameText } from '../../verifier/evidence/evidence-facts.ts';
import { parseTimeStampToken } from '../../verifier/timestamp/signed-data.ts';
import { parseCertificate } from '../../verifier/x509/certificate.ts';

/** When the proof of a period's records ends, and by what. */
export interface AgeingPeriod {
  readonly period: number;
  readonly records: number;
  readonly provableUntil: EpochMillis;
  /** `certificate`: that of the time-stamp authority; else the algorithm that ends first. */
  readonly endsBy: 'certificate' | AgeingAlgorithm;
  readonly algorithms: readonly AgeingAlgorithm[];
  /** Hash of the newest tree. */
  readonly tree: 'sha256' | 'sha384' | 'sha512';
  /** Who made the newest token. */
  readonly authority: string;
}

/** Every stamped period whose proof ends before an instant, the first to end first; nothing of a record is read. */
export async function ageingEvidence(
  archive: Pick<EvidenceArchive, 'lastPeriod' | 'ageing'>,
  ends: AlgorithmEnds,
  before: EpochMillis,
): Promise<readonly AgeingPeriod[]> {
  const all = await archive.ageing(
    Number.MAX_SAFE_INTEGER as EpochMillis,
    [],
    (await archive.lastPeriod()) + 1,
  );
  return all
    .map((stamped) => ageingPeriod(stamped, ends))
    .filter(({ provableUntil }) => provableUntil < before)
    .sort((a, b) => a.provableUntil - b.provableUntil || a.period - b.period);
}

function ageingPeriod(stamped: StampedPeriod, ends: AlgorithmEnds): AgeingPeriod {
  const { period, firstSeq, lastSeq, validUntil, algorithms, trees, tokens } = stamped;
  const tree = trees.at(-1)?.hash ?? 'sha256';
  const all = [...new Set<AgeingAlgorithm>([tree, ...algorithms])];
  const [first] = [...all].sort((a, b) => firstEnd([a], ends) - firstEnd([b], ends));
  const algorithmEnd = firstEnd(all, ends);
  const byAlgorithm = first !== undefined && algorithmEnd < validUntil;
  return {
    period,
    records: lastSeq - firstSeq + 1,
    provableUntil: Math.min(validUntil, algorithmEnd) as EpochMillis,
    endsBy: byAlgorithm ? first : 'certificate',
    algorithms: all,
    tree,
    authority: authorityOf(tokens.at(-1)),
  };
}

function authorityOf(token: Uint8Array | undefined): string {
  if (token === undefined) return '';
  const [signer] = parseTimeStampToken(token).certificates;
  return signer === undefined ? '' : nameText(parseCertificate(signer).subject);
}
