import { resolve } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import { backUp } from '../../adapters/store/upkeep/restore.ts';
import type { Command } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { withClosedStore } from '../storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from '../store-options.ts';

export const storeBackup: Command = declareCommand({
  name: 'store backup',
  about: `A consistent copy of the SQLite file; the role may go on working. Sealed values stay sealed: keep the seal key
and the subject key in another place. The copy is marked: put back, it is refused until "jitsuin store restored" has
run (samples/RESTORE.md). PostgreSQL is backed up with its own tools (pg_dump).`,
  options: {
    out: {
      type: 'string',
      value: 'FILE',
      needed: true,
      means: 'where the copy goes; the file must not exist',
    },
    ...STORE_OPTIONS,
  },
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const file = resolve(values.out);
    // one statement of a synchronous database: nothing can be told, and nothing stopped, in the midst of it
    if (!values.json) io.stderr('Copying the database; it is whole when the name of the file is said.\n');
    await withClosedStore(io, values.role, (store) => backUp(store, file, systemClock.now()));
    io.stdout(values.json ? `${JSON.stringify({ file })}\n` : `${file}\n`);
    return 0;
  },
});
