// one process of `npm run bench -- audit`: makes the schema, writes for some seconds, or verifies the log
import { once } from 'node:events';
import { sql } from 'kysely';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';

/** Changes that a process has under way at once. */
const WIDTH = 64;

const text = (name: string) => process.env[name] ?? '';
const clock = { now: () => Date.now() as EpochMillis };
const store = await openStore({
  databaseUrl: text('CHILD_DATABASE_URL'),
  schema: text('CHILD_SCHEMA'),
  role: 'gov',
  sealer: openFileSealer(text('CHILD_KEY_FILE')),
  migrations: 'migrate',
  clock,
});
const act = text('CHILD_ACT');
if (act === 'make') await sql`create table changed (id text, at bigint)`.execute(store.kysely);
else if (act === 'verify') {
  const { records, brokenAt, chains } = await store.audit.verify();
  for (const fact of [records, brokenAt, chains]) console.log(String(fact));
} else await write();
await store.close();

async function write(): Promise<void> {
  const one = async (id: string) => {
    const event = { event: 'bench.changed', subject: id, tenant: 't', at: clock.now(), facts: { n: 1 } };
    await store.changes.add(async (transaction) => {
      await sql`insert into changed (id, at) values (${id}, ${event.at})`.execute(transaction);
      return [event];
    });
  };
  for (let warm = 0; warm < 4; warm += 1)
    await Promise.all(Array.from({ length: WIDTH }, (_, n) => one(`warm-${n}`)));
  console.log('ready');
  await once(process.stdin, 'data');
  process.stdin.pause();
  const until = Date.now() + Number(text('CHILD_SECONDS')) * 1_000;
  let done = 0;
  await Promise.all(
    Array.from({ length: WIDTH }, async (_, lane) => {
      while (Date.now() < until) {
        await one(`${process.pid}-${lane}`);
        if (Date.now() < until) done += 1;
      }
    }),
  );
  console.log(String(done));
}
