import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import { type EvidenceTime, evidenceTime } from '../../verifier/evidence/evidence-time.ts';

/** The proof of a record's time; undefined while no time-stamped period covers it. */
export async function timeProofOf(
  archive: Pick<EvidenceArchive, 'covering'>,
  id: string,
): Promise<EvidenceTime | undefined> {
  const covering = await archive.covering(id);
  if (covering === undefined) return undefined;
  const { period, leaves, index } = covering;
  return evidenceTime({ ...period, size: leaves.records.length }, leaves, index);
}
