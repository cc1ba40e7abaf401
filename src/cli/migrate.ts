import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { STORAGE_USAGE, withStore } from './storage-arguments.ts';

export const migrate: Command = {
  name: 'migrate',
  usage: `Usage: jitsuin migrate --role sp|gov|pf [--json]

Runs the migrations that have not run, forward only. Several at once are safe. An embedded SQLite store migrates itself
at the start of its role; PostgreSQL waits for this command. Rows of before they had MACs get theirs with the seal key of the role
(JITSUIN_SEAL_KEY_FILE): stop its processes meanwhile.

${STORAGE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { role: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const { ran, engine } = await withStore(io, values.role, 'skip', async (store) => ({
      ran: await store.migrate(),
      engine: store.engine,
    }));
    if (values.json) io.stdout(`${JSON.stringify({ engine, ran })}\n`);
    else if (ran.length === 0) io.stdout(`The schema is up to date (${engine}).\n`);
    else io.stdout(`${ran.map((name) => `ran ${name}\n`).join('')}The schema is up to date (${engine}).\n`);
    return 0;
  },
};
