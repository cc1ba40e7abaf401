import { asJitsuinError } from '../../core/errors.ts';
import { type Check, finding } from '../../core/report.ts';
import { verifyLogProof } from '../../core/transparency/log-proof.ts';
import { readExport } from './evidence-export.ts';
import { sha256Hex } from './evidence-record.ts';

const name = 'public-log';

/** The keys of a log and of its witnesses, as `verifyLogProof` takes them. */
export type PinnedLog = Parameters<typeof verifyLogProof>[2];

/**
 * Whether the operator's public log holds this very record, under keys that the caller pinned: then its history was not
 * written anew since. A file without the proof is INDETERMINATE, one with a proof that does not hold is altered.
 * @param file of `jitsuin evidence export`
 */
export function logInclusionCheck(file: Uint8Array, pinned: PinnedLog): Check {
  const { log, record } = readExport(file);
  if (log === undefined)
    return finding(name, 'evidence.invalid', { detail: 'the file has no proof of the public log' });
  if (log.kind !== 'evidence') return failed('the proof is of something else');
  const octets = record.at(-1) === 0x0a ? record.subarray(0, -1) : record;
  try {
    verifyLogProof(sha256Hex(octets), log, pinned);
    return { name, result: 'passed' };
  } catch (thrown) {
    return failed(asJitsuinError(thrown).at ?? 'the proof does not hold');
  }
}

function failed(detail: string): Check {
  return finding(name, 'evidence.invalid', { sub: 'HASH_FAILURE', detail });
}
