import { JitsuinError } from '../../core/errors.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import type { PublicLog } from '../../ports/public-log.ts';
import type { EvidenceProofs } from '../../verifier/evidence/evidence-export.ts';
import { type EvidenceTime, evidenceTimes } from '../../verifier/evidence/evidence-time.ts';
import { logProofOf } from './log-proof.ts';

interface KeptEvidencePorts {
  readonly evidence: Pick<EvidenceStore, 'get' | 'sealOf'>;
  readonly archive: Pick<EvidenceArchive, 'kept' | 'unlinked' | 'periodAt'>;
  readonly publicLog?: Pick<PublicLog, 'proof'> | undefined;
}

/** The octets of a record with what proves it: together they are the file of `evidence export`. */
export interface ProvenRecord {
  readonly octets: Uint8Array;
  readonly proofs: EvidenceProofs;
}

/** One kept record, opened when it is asked for. */
interface KeptEvidence {
  readonly id: string;
  /** @throws JitsuinError `record.not-found` when it was deleted since, `store.*` */
  take(): Promise<ProvenRecord>;
}

const PAGE = 500;

/**
 * Every record of a store in the order in which they were written, first those that the chain does not know (a
 * stranger's: no time is
 * proved of them). Records of one period share its trees, which are built once; nothing else is held.
 */
export async function* keptEvidence(ports: KeptEvidencePorts): AsyncGenerator<KeptEvidence, void, undefined> {
  const { archive } = ports;
  let last: string | undefined = '';
  while (last !== undefined) {
    const ids: readonly string[] = await archive.unlinked(last, PAGE);
    for (const id of ids) yield { id, take: () => recordOf(ports, id, undefined) };
    last = ids.at(-1);
  }
  const times = periodTimes(archive);
  for (let after = 0; ; ) {
    const page = await archive.kept(after, PAGE);
    for (const { seq, id } of page) yield { id, take: async () => recordOf(ports, id, await times(seq)) };
    const end = page.at(-1);
    if (end === undefined) return;
    after = end.seq;
  }
}

async function recordOf(
  { evidence, publicLog }: KeptEvidencePorts,
  id: string,
  time: EvidenceTime | undefined,
): Promise<ProvenRecord> {
  const octets = await evidence.get(id);
  if (octets === undefined)
    throw new JitsuinError('record.not-found', 'No evidence is kept under this id.', { at: id });
  const log = await logProofOf(publicLog, octets);
  return { octets, proofs: { time, seal: await evidence.sealOf(id), log } };
}

interface OpenPeriod {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly times: (index: number) => EvidenceTime;
}

/** The proof of the record at a link; the period asked for last stays open. */
function periodTimes(
  archive: KeptEvidencePorts['archive'],
): (seq: number) => Promise<EvidenceTime | undefined> {
  let open: OpenPeriod | undefined;
  let uncoveredFrom = Number.POSITIVE_INFINITY;
  return async (seq) => {
    if (open !== undefined && seq >= open.firstSeq && seq <= open.lastSeq)
      return open.times(seq - open.firstSeq);
    // Periods cover the chain without gaps: after a link that none covers there is nothing to ask.
    if (seq >= uncoveredFrom) return undefined;
    const found = await archive.periodAt(seq);
    if (found === undefined) {
      uncoveredFrom = seq;
      return undefined;
    }
    const { period, leaves } = found;
    const { firstSeq, lastSeq } = period;
    open = {
      firstSeq,
      lastSeq,
      times: evidenceTimes({ ...period, size: leaves.records.length }, leaves),
    };
    return open.times(seq - firstSeq);
  };
}
