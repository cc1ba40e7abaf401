import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import { openSealer } from '../../adapters/keys/seal-keys.ts';
import { silentLog } from '../../adapters/log/pino-log.ts';
import { openQueue } from '../../adapters/queue/open-queue.ts';
import { POOL_SIZE, roomOf } from '../../adapters/store/engine/postgres-room.ts';
import { openStore, type Store, type StoreRole } from '../../adapters/store/open-store.ts';
import { sealedValues, valuesSealedBy } from '../../adapters/store/upkeep/reseal.ts';
import { sinceWorkerWasHeard, WORKER_SILENCE } from '../../adapters/worker-heartbeat.ts';
import { defined } from '../../core/defined.ts';
import type { JitsuinError } from '../../core/errors.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

interface StorageSettings {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly databaseSchema?: string;
  readonly redisUrl?: string;
  readonly queuePrefix?: string;
  readonly sealKeyFile: string;
  readonly sealKmsModule?: string;
}

/** Seal key, store with its schema, whether every sealed value can still be opened, and the queue. */
export async function examineStorage(
  role: StoreRole,
  settings: StorageSettings,
): Promise<readonly Finding[]> {
  const first = settings.databaseUrl === undefined && !existsSync(join(settings.dataDir, `${role}.sqlite3`));
  if (first && !existsSync(settings.sealKeyFile)) {
    const says = 'Neither seal key nor database is there yet; they are made at the first start.';
    return [{ check: 'store', state: 'skipped', says }];
  }
  const sealKey = await examine(
    'seal-key',
    async () => {
      const { activeKey, keys } = await openSealer(settings);
      return passed('seal-key', `${keys.length} key(s), "${activeKey}" seals.`);
    },
    (error) => sealKeyAdvice(error, role, settings),
  );
  if (sealKey.state !== 'passed') return [sealKey];
  if (first) {
    const says = 'The database is not there yet; it is made at the first start.';
    return [sealKey, { check: 'store', state: 'skipped', says }];
  }
  return [sealKey, ...(await examineStore(role, settings))];
}

function sealKeyAdvice(error: JitsuinError, role: StoreRole, { sealKeyFile }: StorageSettings): string {
  if (error.message.includes('chmod')) return `Run: chmod 600 ${sealKeyFile}`;
  if (error.message.includes('keys wrap')) return `Run: jitsuin keys wrap --role ${role}`;
  if (error.code === 'key.unavailable' || error.message.includes('JITSUIN_SEAL_KMS_MODULE')) {
    return 'Look at JITSUIN_SEAL_KMS_MODULE, and whether its KMS answers and allows this role to unwrap.';
  }
  return 'Restore the seal key file from its backup.';
}

async function examineStore(role: StoreRole, settings: StorageSettings): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const store = await examine(
    'store',
    async () => {
      const opened = await openStore({
        ...settings,
        role,
        sealer: await openSealer(settings),
        clock: systemClock,
        migrations: 'require',
        ...schemaOf(settings),
      });
      try {
        const wrote = await examineWriting(opened);
        findings.push(wrote, await examineSeals(opened, settings), await examineQueue(opened, settings));
        findings.push(await examineWorker(opened));
        if (opened.engine === 'postgres') findings.push(await examineConnections(opened));
        return passed('store', `${serverWords(opened)} answers, its schema is up to date.`);
      } finally {
        await opened.close();
      }
    },
    (error) =>
      error.code === 'store.migration'
        ? `Run: jitsuin migrate --role ${role}`
        : 'Look at DATABASE_URL or JITSUIN_DATA_DIR, and whether the database runs.',
  );
  return [store, ...findings];
}

function serverWords({ server }: Store): string {
  if (server === undefined) return 'The sqlite store';
  const { version, tls, pooler } = server;
  return (
    `PostgreSQL ${version}, ${tls ? 'with' : 'without'} ` +
    `TLS${pooler ? ', behind a pooler that lends sessions per transaction,' : ''}`
  );
}

function examineWriting(store: Store): Promise<Finding> {
  const check = 'store-writable';
  const advice = 'Look at the disk of the database and at the rights of its user; see the message.';
  return examine(
    check,
    async () => {
      await store.trial();
      return passed(check, 'A row with 𠮷 and — was written, read back and taken back.');
    },
    () => advice,
  );
}

/** Processes of a role on two machines: serve and worker on each, with one of each more while they are exchanged. */
const FEWEST_PROCESSES = 4;

/** serve and worker have a pool of up to POOL_SIZE connections each, in one process too: whether the fewest fit. */
function examineConnections({ kysely }: Store): Promise<Finding> {
  const check = 'store-connections';
  return examine(check, async () => {
    const { limit, ours, others, processes } = await roomOf(kysely);
    const says =
      `${limit} connections for this user, ${ours} in use by jitsuin and ${others} by others: room for ` +
      `${processes} pools of ${POOL_SIZE} each, of all roles on this server: serve has one, worker has one, serve ` +
      '--with-worker has two.';
    if (processes >= FEWEST_PROCESSES) return passed(check, says);
    const advice =
      `Raise max_connections (or CONNECTION LIMIT): ${POOL_SIZE} for each pool, all roles together, and what ` +
      'others need; or put a pooler between.';
    return { check, state: 'warning', says, advice };
  });
}

/** A worker of this role was heard within a minute: without one nothing that was taken in ever ends. */
function examineWorker({ role, leases }: Store): Promise<Finding> {
  const check = 'worker';
  const advice = `Start one: jitsuin worker --role ${role}`;
  return examine(check, async () => {
    const since = await sinceWorkerWasHeard(leases, systemClock);
    if (since === undefined)
      return { check, state: 'undecided', says: 'No worker was ever heard at this store.', advice };
    const seconds = Math.round(since / 1000);
    if (since <= WORKER_SILENCE) return passed(check, `A worker was heard ${seconds} s ago.`);
    return failed(check, `No worker runs: the last was heard ${seconds} s ago.`, advice, 'queue.unavailable');
  });
}

function schemaOf({ databaseSchema }: StorageSettings): { readonly schema?: string } {
  return databaseSchema === undefined ? {} : { schema: databaseSchema };
}

/** A key that is gone from the file while values name it: those values are lost unless it comes back. */
function examineSeals(store: Store, settings: StorageSettings): Promise<Finding> {
  const check = 'sealed-values';
  return examine(check, async () => {
    const { keys, activeKey } = await openSealer(settings);
    const total = await sealedValues(store);
    const counts = await Promise.all(keys.map((key) => valuesSealedBy(store, key)));
    const known = counts.reduce((sum, count) => sum + count, 0);
    const active = await valuesSealedBy(store, activeKey);
    if (known < total) {
      return failed(
        check,
        `${total - known} of ${total} sealed values name a key that is not in the seal key file.`,
        'Put the missing key back from the backup of the seal key file; do not retire keys by hand.',
        'key.not-found',
      );
    }
    if (active < total) {
      const says = `${total - active} of ${total} sealed values wait to be sealed again by "${activeKey}".`;
      return { check, state: 'warning', says, advice: `Run: jitsuin keys reseal --role ${store.role}` };
    }
    return passed(check, `All ${total} sealed values name the active key.`);
  });
}

function examineQueue(store: Store, { redisUrl, queuePrefix }: StorageSettings): Promise<Finding> {
  return examine(
    'queue',
    async () => {
      const queue = await openQueue(
        defined({
          store,
          clock: systemClock,
          log: silentLog,
          redisUrl,
          prefix: queuePrefix,
        }),
      );
      try {
        await queue.ready();
        const { waiting, delayed, active, dead } = await queue.counts();
        const says =
          `The queue took a job in and gave it out: ${waiting} waiting, ${delayed} delayed, ${active} ` +
          `active, ${dead} dead.`;
        if (dead === 0) return passed('queue', says);
        const advice = `Run: jitsuin jobs list --role ${store.role}`;
        return { check: 'queue', state: 'warning', says, advice };
      } finally {
        await queue.close();
      }
    },
    () => 'Look at REDIS_URL, whether Redis runs, and that its maxmemory-policy is noeviction.',
  );
}
