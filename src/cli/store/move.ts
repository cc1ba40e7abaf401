import { systemClock } from '../../adapters/clock.ts';
import { openStore } from '../../adapters/store/open-store.ts';
import { moveStore } from '../../adapters/store/upkeep/move-store.ts';
import { storageConfig } from '../../config/storage.ts';
import { JitsuinError } from '../../core/errors.ts';
import { type Command, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { longWork } from '../long-work.ts';
import { CLOSED } from '../storage-arguments.ts';
import { STORE_OPTIONS } from '../store-options.ts';

const MOVED = 'All is moved; "jitsuin audit verify" walks the chain at its new place.';

export const storeMove: Command = declareCommand({
  name: 'store move',
  about: `From the SQLite file in JITSUIN_DATA_DIR to DATABASE_URL (schema JITSUIN_DATABASE_SCHEMA, default
jitsuin_<role>). Stop the role and its worker first; during the move the file is locked against writers. The target's
schema is brought up and must be empty. Every row is read back and compared before anything is committed, then the
audit chain is walked at its new place. Sealed values stay sealed: keep the same JITSUIN_SEAL_KEY_FILE and
JITSUIN_SUBJECT_KEY_FILE. The SQLite file stays as it was; remove it once the role runs on PostgreSQL.`,
  options: STORE_OPTIONS,
  async run(values, _operands, io) {
    const { role } = values;
    const { databaseUrl, databaseSchema, dataDir } = storageConfig(io.env, role, io);
    if (databaseUrl === undefined) throw new UsageError('DATABASE_URL must name the PostgreSQL to move to.');
    const parts = { role, sealer: CLOSED, clock: systemClock, poolSize: 2 };
    const source = await openStore({ ...parts, dataDir, migrations: 'require' });
    try {
      const schema = databaseSchema === undefined ? {} : { schema: databaseSchema };
      const target = await openStore({ ...parts, databaseUrl, ...schema, migrations: 'migrate' });
      try {
        const stopped = 'Nothing was moved; run it again, it begins anew.';
        const moving = { word: 'rows moved', json: values.json, stopped };
        const tables = await longWork(io, moving, (step) => moveStore(source, target, step));
        if (tables === undefined) return 3;
        const walking = { ...moving, word: 'records walked', stopped: MOVED };
        const audit = await longWork(io, walking, (step) => target.audit.verify(undefined, step));
        if (audit === undefined) return 3;
        const { brokenAt, records, head } = audit;
        if (brokenAt !== undefined)
          throw new JitsuinError('audit.broken', 'The audit chain is broken.', { at: String(brokenAt) });
        if (values.json) io.stdout(`${JSON.stringify({ role, tables, audit: { records, head } })}\n`);
        else {
          const lines = tables.map(({ table, rows }) => `${table.padEnd(28)} ${rows}\n`);
          io.stdout(`${lines.join('')}Moved; the audit chain is whole: ${records} records, head ${head}.\n`);
        }
        return 0;
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  },
});
