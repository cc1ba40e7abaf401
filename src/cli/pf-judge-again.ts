import { systemClock } from '../adapters/clock.ts';
import type { Store } from '../adapters/store/open-store.ts';
import type { VerificationId } from '../core/brand.ts';
import { asJitsuinError, ERROR_CODES } from '../core/errors.ts';
import { endedBy, judgeAgain } from '../pf/judge-again.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { withOpenedStore } from './storage-arguments.ts';
import { OPENED_STORE_PLACE } from './store-options.ts';

interface Answer {
  readonly id: string;
  readonly state: 'received' | 'not-changed';
  readonly code?: string;
}

export const pfJudgeAgain: Command = declareCommand({
  name: 'pf judge-again',
  operands: 'ID…',
  about: `Has verifications judged once more that ended without a verdict (refused or expired) or undecided
(INDETERMINATE at their deadline) and whose bundle is still kept (sealed, until the retention of its end, 30 days
where none is set): after a key, list, policy or clock of ours was put right. Each gets as much time as it had.
Noted in the audit chain. Who has a verdict keeps it. Either ids or --code.`,
  options: {
    code: {
      type: 'string',
      value: 'CODE',
      means: 'every one that ended by this code, for example jwe.decrypt',
    },
    json: { type: 'boolean', means: 'print one JSON list' },
  },
  more: `${OPENED_STORE_PLACE}

Exit status 1 when one of them could not be judged again.`,
  async run(values, ids, io) {
    const { code } = values;
    if ((code === undefined) === (ids.length === 0))
      throw new UsageError('give the ids of verifications, or --code CODE.');
    if (code !== undefined && !Object.hasOwn(ERROR_CODES, code))
      throw new UsageError(`--code ${code} is no code of this software.`);
    const answers = await withOpenedStore(io, 'pf', async (store) => {
      const asked = code === undefined ? ids : await endedBy(store.verifications, code);
      const done: Answer[] = [];
      for (const id of asked) done.push(await again(store, id));
      return done;
    });
    io.stdout(values.json ? `${JSON.stringify(answers)}\n` : answers.map(line).join(''));
    return answers.every(({ state }) => state === 'received') ? 0 : 1;
  },
});

async function again({ verifications, evidence }: Store, id: string): Promise<Answer> {
  try {
    await judgeAgain({ verifications, evidence, clock: systemClock }, id as VerificationId, {
      by: 'command',
    });
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
