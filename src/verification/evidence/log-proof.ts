import { hexSha256 } from '../../core/digest/sha256.ts';
import type { LogProof } from '../../core/transparency/log-proof.ts';
import type { PublicLog } from '../../ports/public-log.ts';

/** That the public log holds this record; undefined without a log, and until its entry is there. */
export async function logProofOf(
  log: Pick<PublicLog, 'proof'> | undefined,
  record: Uint8Array,
): Promise<LogProof | undefined> {
  const hash = hexSha256(record);
  return log?.proof({ kind: 'evidence', id: hash, content: hash });
}
