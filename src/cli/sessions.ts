import { systemClock } from '../adapters/clock.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { withStore } from './storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from './store-options.ts';

export const sessionsEnd: Command = declareCommand({
  name: 'sessions end',
  about: `For an emergency, for example when cookies may have been seen by others. Session cookies are random and signed
by no key: what ends them is that the store forgets them. Citizens log in again; signatures that are under way begin
again.`,
  options: {
    all: { type: 'boolean', needed: true, means: 'said by name, since everybody is logged out' },
    ...STORE_OPTIONS,
  },
  more: STORE_PLACE,
  async run(values, _operands, io) {
    if (values.role === 'pf') throw new UsageError('A platform operator has no browser sessions.');
    if (!values.all) throw new UsageError('--all is missing: everybody will be logged out.');
    const ended = await withStore(io, values.role, async (store) => {
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
});
