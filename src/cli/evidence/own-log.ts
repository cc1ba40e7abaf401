import { openPublicLog } from '../../adapters/transparency/public-log.ts';
import { readTlogKey } from '../../adapters/transparency/tlog-key.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { PublicLog } from '../../ports/public-log.ts';
import type { CommandIo } from '../command.ts';

/**
 * The public log of JITSUIN_TLOG_DIR, read for its proofs; undefined without one.
 * @throws JitsuinError `config.*`, `tlog.broken`
 */
export async function ownLog({ env }: CommandIo): Promise<Pick<PublicLog, 'proof'> | undefined> {
  const [folder, keyFile] = [env['JITSUIN_TLOG_DIR'], env['JITSUIN_TLOG_KEY_FILE']];
  if (folder === undefined || folder === '') return undefined;
  if (keyFile === undefined)
    throw new JitsuinError('config.invalid', 'JITSUIN_TLOG_DIR needs JITSUIN_TLOG_KEY_FILE.', {
      at: 'JITSUIN_TLOG_KEY_FILE',
    });
  return openPublicLog({ folder, leastBatch: 1, witnesses: [], ...(await readTlogKey(keyFile, 'log')) });
}
