import type { Command } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { longWork } from './long-work.ts';
import { withUnmigratedStore } from './storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from './store-options.ts';

export const migrate: Command = declareCommand({
  name: 'migrate',
  about: `Runs the migrations that have not run, forward only. Several at once are safe. An embedded SQLite store
migrates itself at the start of its role; PostgreSQL waits for this command. Rows of before they had MACs get theirs
with the seal key of the role (JITSUIN_SEAL_KEY_FILE): stop its processes meanwhile.`,
  options: STORE_OPTIONS,
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const stopped = 'Nothing was changed, for all of them are one transaction; run it again.';
    const migrated = await longWork(io, { word: 'migrations ran', json: values.json, stopped }, (step) =>
      withUnmigratedStore(io, values.role, async (store) => ({
        ran: await store.migrate(step),
        engine: store.engine,
      })),
    );
    if (migrated === undefined) return 3;
    const { ran, engine } = migrated;
    if (values.json) io.stdout(`${JSON.stringify({ engine, ran })}\n`);
    else if (ran.length === 0) io.stdout(`The schema is up to date (${engine}).\n`);
    else io.stdout(`${ran.map((name) => `ran ${name}\n`).join('')}The schema is up to date (${engine}).\n`);
    return 0;
  },
});
