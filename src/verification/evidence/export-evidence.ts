import { JitsuinError } from '../../core/errors.ts';
import type { AuditEvent, AuditLog } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import type { PublicLog } from '../../ports/public-log.ts';
import { exportedEvidence } from '../../verifier/evidence/evidence-export.ts';
import { logProofOf } from './log-proof.ts';
import { timeProofOf } from './time-proof.ts';

export interface EvidencePorts {
  readonly evidence: EvidenceStore;
  readonly archive: EvidenceArchive;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** pf, where it has one. */
  readonly publicLog?: Pick<PublicLog, 'proof'>;
}

/** Who took it along and why, where somebody is known; for the audit chain. */
type ExportFacts = Pick<AuditEvent, 'tenant' | 'facts'>;

/**
 * The octets of a kept record; the export is noted in the audit chain.
 * @throws JitsuinError `record.not-found`, `store.*`
 */
export async function takeEvidence(
  { evidence, audit, clock }: Omit<EvidencePorts, 'archive'>,
  id: string,
  facts: ExportFacts = { tenant: '' },
): Promise<Uint8Array> {
  const octets = await evidence.get(id);
  if (octets === undefined)
    throw new JitsuinError('record.not-found', 'No evidence is kept under this id.', { at: id });
  await audit.append({ ...facts, event: 'evidence.exported', subject: id, at: clock.now() });
  return octets;
}

/** The self-contained file of a record with what proof of its time there is. @throws as `takeEvidence` */
export async function exportEvidence(
  ports: EvidencePorts,
  id: string,
  facts: ExportFacts,
): Promise<Uint8Array> {
  const octets = await takeEvidence(ports, id, facts);
  return exportedEvidence(octets, {
    time: await timeProofOf(ports.archive, id),
    seal: await ports.evidence.sealOf(id),
    log: await logProofOf(ports.publicLog, octets),
  });
}
