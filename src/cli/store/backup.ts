import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../adapters/clock.ts';
import { backUp } from '../../adapters/store/upkeep/restore.ts';
import { type Command, UsageError } from '../command.ts';
import { STORAGE_USAGE, withClosedStore } from '../storage-arguments.ts';

export const storeBackup: Command = {
  name: 'store backup',
  usage: `Usage: jitsuin store backup --role sp|gov|pf --out FILE [--json]

A consistent copy of the SQLite file; the role may go on working. Sealed values stay sealed: keep the seal key and the subject
key in another place. The copy is marked: put back, it is refused until "jitsuin store restored" has run (samples/RESTORE.md).
PostgreSQL is backed up with its own tools (pg_dump).

  --out FILE         where the copy goes; the file must not exist
${STORAGE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        role: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.out === undefined) throw new UsageError('--out FILE is missing.');
    const file = resolve(values.out);
    await withClosedStore(io, values.role, (store) => backUp(store, file, systemClock.now()));
    io.stdout(values.json ? `${JSON.stringify({ file })}\n` : `${file}\n`);
    return 0;
  },
};
