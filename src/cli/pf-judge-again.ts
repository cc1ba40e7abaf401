import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/clock.ts';
import type { Store } from '../adapters/store/open-store.ts';
import type { VerificationId } from '../core/brand.ts';
import { asJitsuinError, ERROR_CODES } from '../core/errors.ts';
import { endedBy, judgeAgain } from '../pf/judge-again.ts';
import { type Command, UsageError } from './command.ts';
import { withOpenedStore } from './opened-store.ts';

interface Answer {
  readonly id: string;
  readonly state: 'received' | 'not-changed';
  readonly code?: string;
}

export const pfJudgeAgain: Command = {
  name: 'pf judge-again',
  usage: `Usage: jitsuin pf judge-again ID… | --code CODE [--json]

Has verifications judged once more that ended without a verdict (refused or expired) and whose bundle is still kept (sealed, until
the retention of its end, 30 days where none is set): after a key, list, policy or clock of ours was put right. Each gets as much time
as it had. Noted in the audit chain. Who has a verdict keeps it.

  --code CODE   every one that ended by this code, for example jwe.decrypt
  --json        print one JSON list

The store is PostgreSQL at DATABASE_URL, else the SQLite file of the pf in JITSUIN_DATA_DIR (default: ./data), opened with
JITSUIN_SEAL_KEY_FILE (and JITSUIN_SEAL_KMS_MODULE). Exit status 1 when one of them could not be judged again.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { code: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const { code } = values;
    if ((code === undefined) === (positionals.length === 0))
      throw new UsageError('give the ids of verifications, or --code CODE.');
    if (code !== undefined && !Object.hasOwn(ERROR_CODES, code))
      throw new UsageError(`--code ${code} is no code of this software.`);
    const answers = await withOpenedStore(io, 'pf', async (store) => {
      const ids = code === undefined ? positionals : await endedBy(store.verifications, code);
      const done: Answer[] = [];
      for (const id of ids) done.push(await again(store, id));
      return done;
    });
    io.stdout(values.json ? `${JSON.stringify(answers)}\n` : answers.map(line).join(''));
    return answers.every(({ state }) => state === 'received') ? 0 : 1;
  },
};

async function again({ verifications }: Store, id: string): Promise<Answer> {
  try {
    await judgeAgain({ verifications, clock: systemClock }, id as VerificationId, { by: 'command' });
    return { id, state: 'received' };
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (kind === 'internal') throw thrown;
    return { id, state: 'not-changed', code };
  }
}

function line({ id, state, code = '' }: Answer): string {
  return `${id}  ${state}${code === '' ? '' : `  ${code}`}\n`;
}
