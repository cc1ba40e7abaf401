import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/clock.ts';
import { type Command, UsageError } from './command.ts';
import { STORAGE_USAGE, withStore } from './storage-arguments.ts';

export const sessionsEnd: Command = {
  name: 'sessions end',
  usage: `Usage: jitsuin sessions end --role sp|gov --all [--json]

For an emergency, for example when cookies may have been seen by others. Session cookies are random and signed by no key: what
ends them is that the store forgets them. Citizens log in again; signatures that are under way begin again.

  --all              said by name, since everybody is logged out
${STORAGE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        role: { type: 'string' },
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.role === 'pf') throw new UsageError('A platform operator has no browser sessions.');
    if (!values.all) throw new UsageError('--all is missing: everybody will be logged out.');
    const ended = await withStore(io, values.role, 'require', async (store) => {
      const sessions = await store.kysely.deleteFrom('browser_sessions').executeTakeFirst();
      await store.kysely.deleteFrom('login_attempts').execute();
      const count = Number(sessions.numDeletedRows);
      const at = systemClock.now();
      await store.audit.append({ event: 'session.all-ended', subject: '', tenant: '', at, facts: { count } });
      return count;
    });
    io.stdout(values.json ? `${JSON.stringify({ ended })}\n` : `ended ${ended} sessions\n`);
    return 0;
  },
};
