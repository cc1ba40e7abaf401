import { systemClock } from '../../../src/adapters/clock.ts';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { openQueue } from '../../../src/adapters/queue/open-queue.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';

/**
 * Works on one queue. `CHILD_HANGS=1`: says a job's subject and never ends it. `CHILD_POISON`: a job of that subject takes memory
 * until the process dies, and the child works on for ever. Else: works one job, closes, and must exit by itself.
 */
const { env } = process;

function takeEverything(): never {
  const held: number[][] = [];
  for (;;) held.push(new Array<number>(1_000_000).fill(held.length));
}

const text = (name: string) => env[name] ?? '';
const place =
  env['CHILD_DATABASE_URL'] === undefined
    ? { dataDir: text('CHILD_DATA_DIR') }
    : { databaseUrl: env['CHILD_DATABASE_URL'], schema: text('CHILD_SCHEMA') };
const store = await openStore({
  ...place,
  ...{ role: 'gov', sealer: openFileSealer(text('CHILD_KEY_FILE')), clock: systemClock },
});
const redis = env['CHILD_REDIS_URL'] === undefined ? {} : { redisUrl: env['CHILD_REDIS_URL'] };
const queue = await openQueue({
  ...{ store, clock: systemClock, log: silentLog, prefix: text('CHILD_PREFIX') },
  ...{ leaseMillis: 600, pollMillis: 50, maxLosses: 3, ...redis },
});
const first = new Promise<void>((resolve) => {
  queue.work(
    {
      verify: async ({ subject }) => {
        process.stdout.write(`${subject}\n`);
        if (subject === env['CHILD_POISON']) takeEverything();
        if (env['CHILD_HANGS'] === '1') await new Promise(() => undefined);
        if (env['CHILD_POISON'] === undefined) resolve();
        return { kind: 'done' };
      },
    },
    { concurrency: 1 },
  );
});
await first;
await queue.close();
await store.close();
