import type { Store } from '../adapters/store/open-store.ts';
import { asJitsuinError, ERROR_CODES } from '../core/errors.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { withOpenedStore } from './storage-arguments.ts';
import { OPENED_STORE_PLACE } from './store-options.ts';

/** What of a role can be judged again, and how. */
interface JudgedAgain {
  readonly role: 'pf' | 'gov';
  readonly about: string;
  /** Ids of what ended by a code, oldest first. */
  endedBy(store: Store, code: string): Promise<readonly string[]>;
  /** The state that it has then. @throws JitsuinError where it cannot be */
  again(store: Store, id: string): Promise<string>;
}

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly code?: string;
}

const NOT_CHANGED = 'not-changed';

/** `pf judge-again` and `gov judge-again`: the same words and statuses over each role's own records. */
export function judgeAgainCommand(judged: JudgedAgain): Command {
  return declareCommand({
    name: `${judged.role} judge-again`,
    operands: 'ID…',
    about: judged.about,
    options: {
      code: {
        type: 'string',
        value: 'CODE',
        means: 'every one that ended by this code, for example certificate.anchor-missing',
      },
      json: { type: 'boolean', means: 'print one JSON list' },
    },
    more: `${OPENED_STORE_PLACE}

Exit status 1 when one of them could not be judged again.`,
    async run(values, ids, io) {
      const { code } = values;
      if ((code === undefined) === (ids.length === 0)) throw new UsageError('give ids, or --code CODE.');
      if (code !== undefined && !Object.hasOwn(ERROR_CODES, code))
        throw new UsageError(`--code ${code} is no code of this software.`);
      const answers = await withOpenedStore(io, judged.role, async (store) => {
        const asked = code === undefined ? ids : await judged.endedBy(store, code);
        const done: Answer[] = [];
        for (const id of asked) done.push(await answerOf(judged, store, id));
        return done;
      });
      io.stdout(values.json ? `${JSON.stringify(answers)}\n` : answers.map(line).join(''));
      return answers.some(({ state }) => state === NOT_CHANGED) ? 1 : 0;
    },
  });
}

async function answerOf(judged: JudgedAgain, store: Store, id: string): Promise<Answer> {
  try {
    return { id, state: await judged.again(store, id) };
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (kind === 'internal') throw thrown;
    return { id, state: NOT_CHANGED, code };
  }
}

function line({ id, state, code = '' }: Answer): string {
  return `${id}  ${state}${code === '' ? '' : `  ${code}`}\n`;
}
