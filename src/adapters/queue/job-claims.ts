import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { EpochMillis } from '../../core/brand.ts';
import { JOB_PAYLOAD_VERSION, type JobName } from '../../ports/job-queue.ts';
import type { JobTable as JobColumns, StoreSchema } from '../store/schema/schema.ts';

export type JobRow = Selectable<JobColumns>;

type Db = Kysely<StoreSchema> | Transaction<StoreSchema>;

export interface ClaimWish {
  readonly names: readonly JobName[];
  readonly owner: string;
  readonly now: EpochMillis;
  readonly leaseUntil: number;
  /** At most so many. */
  readonly limit: number;
  /** Names that may start only once in so many milliseconds, over all processes. */
  readonly intervals?: Partial<Record<JobName, number>>;
}

/** Ids and names of due jobs of these names, oldest first; `lock`: rows that another claim has locked are passed over. */
function dueJobs(db: Db, names: readonly JobName[], now: number, limit: number, lock: boolean) {
  const query = db
    .selectFrom('jobs')
    .select(['id', 'name'])
    .where(sql<boolean>`state = 'waiting'`)
    .where('published_at', 'is', null)
    .where('run_at', '<=', now)
    .where('name', 'in', [...names])
    .where('version', '<=', JOB_PAYLOAD_VERSION)
    .orderBy('run_at')
    .orderBy('id')
    .limit(limit);
  return lock ? query.forUpdate().skipLocked() : query;
}

/**
 * Names of these that may have a due job. A look without a lock, which costs least where nothing is due; where it sees no
 * further than its limit, any name may have one.
 */
export async function dueNames(
  db: Db,
  names: readonly JobName[],
  now: number,
  limit: number,
): Promise<readonly JobName[]> {
  const rows = await dueJobs(db, names, now, limit, false).execute();
  return rows.length === limit ? names : names.filter((name) => rows.some((row) => row.name === name));
}

/** Makes due jobs of these names active for this owner: one statement. */
export async function claimJobs(
  db: Db,
  names: readonly JobName[],
  limit: number,
  { owner, now, leaseUntil }: Pick<ClaimWish, 'owner' | 'now' | 'leaseUntil'>,
  lock: boolean,
): Promise<readonly JobRow[]> {
  return db
    .with('due', () => dueJobs(db, names, now, limit, lock))
    .updateTable('jobs')
    .set((job) => ({
      state: 'active' as const,
      attempts: job('attempts', '+', 1),
      fence: job('fence', '+', 1),
      lease_owner: owner,
      lease_until: leaseUntil,
    }))
    .where('id', 'in', (query) => query.selectFrom('due').select('due.id'))
    .where('state', '=', 'waiting')
    .returningAll()
    .execute();
}

const LONGEST_TURN = 60_000;

/** True for one caller in `interval` milliseconds: the next turn of a limited name, kept beside the leases. */
export async function takeTurn(db: Db, name: JobName, now: number, interval: number): Promise<boolean> {
  const owned_until = now + interval;
  const taken = await db
    .insertInto('leases')
    .values({ name: `job-turn:${name}`, owner: null, owned_until, expires_at: 0 })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ owned_until })
        // far ahead is what a clock that was set back has left behind
        .where((lease) =>
          lease.or([
            lease('leases.owned_until', '<=', now),
            lease('leases.owned_until', '>', now + interval + LONGEST_TURN),
          ]),
        ),
    )
    .executeTakeFirst();
  return taken.numInsertedOrUpdatedRows === 1n;
}
