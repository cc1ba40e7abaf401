import type { EpochMillis } from '../../core/brand.ts';
import { ALGORITHM_ENDS, type AlgorithmEnds } from '../../core/digest/algorithm-ends.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import { ageingEvidence } from '../../verification/evidence/ageing-evidence.ts';
import type { Console } from '../../web/console/console.ts';

/**
 * What the console says of ageing evidence: the very answer of `jitsuin evidence ageing`, by the ends that the worker
 * renews by.
 */
export function shownAgeing(
  archive: Pick<EvidenceArchive, 'lastPeriod' | 'ageing'>,
  ends: AlgorithmEnds = ALGORITHM_ENDS,
): NonNullable<Console['ageing']> {
  return (before) => ageingEvidence(archive, ends, before ?? (Number.MAX_SAFE_INTEGER as EpochMillis));
}
