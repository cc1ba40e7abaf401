import { readVerifier } from '../../core/transparency/signed-note.ts';
import type { PinnedLog } from '../../verifier/evidence/log-inclusion.ts';
import { UsageError } from '../command.ts';

/** Of `--log`, `--witness` and `--quorum`. @throws UsageError, JitsuinError `tlog.invalid` */
export function pinnedLog(
  log: string,
  witnessKeys: readonly string[],
  quorum: string | undefined,
): PinnedLog {
  const witnesses = witnessKeys.map(readVerifier);
  if (witnesses.some(({ type }) => type !== 'witness'))
    throw new UsageError('--witness is not the key of a witness.');
  const pinned = { log: readVerifier(log), witnesses, quorum: quorumOf(quorum, witnesses.length) };
  if (pinned.log.type !== 'log') throw new UsageError('--log is not the key of a log.');
  return pinned;
}

function quorumOf(given: string | undefined, all: number): number {
  if (given === undefined) return all;
  const quorum = /^[0-9]{1,2}$/.test(given) ? Number(given) : Number.NaN;
  if (quorum <= all) return quorum;
  throw new UsageError(`--quorum ${given} is no number up to that of --witness.`);
}
