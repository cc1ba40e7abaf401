import { systemClock } from '../../../src/adapters/clock.ts';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { application, auditEvent } from './records.ts';

/** Writes applications with a job and an audit record each, and says an id only after its commit was acknowledged. */
const { env } = process;
const text = (name: string) => env[name] ?? '';
const place =
  env['CHILD_DATABASE_URL'] === undefined
    ? { dataDir: text('CHILD_DATA_DIR') }
    : { databaseUrl: env['CHILD_DATABASE_URL'], schema: text('CHILD_SCHEMA') };
const store = await openStore({
  ...place,
  ...{
    role: 'gov',
    migrations: 'migrate',
    sealer: openFileSealer(text('CHILD_KEY_FILE')),
    clock: systemClock,
  },
});
for (let n = 0; ; n += 1) {
  const id = `${text('CHILD_NAME')}-${n}`;
  const job = { name: 'fetch-result' as const, subject: id, key: id };
  await store.applications.insert(application(id), {
    jobs: [job],
    audit: [auditEvent('application.received', id)],
  });
  process.stdout.write(`${id}\n`);
}
