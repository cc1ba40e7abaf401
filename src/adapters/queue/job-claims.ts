import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { EpochMillis } from '../../core/brand.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import { JOB_PAYLOAD_VERSION, type JobName } from '../../ports/job-queue.ts';
import { compiledOnce } from '../store/engine/compiled-once.ts';
import type { JobTable as JobColumns, StoreSchema } from '../store/schema/schema.ts';
import type { Slots } from './slots.ts';

export type JobRow = Selectable<JobColumns>;

type Db = Kysely<StoreSchema> | Transaction<StoreSchema>;

/** RETURNING has no order of its own. */
export function oldestFirst(one: JobRow, other: JobRow): number {
  return one.run_at - other.run_at || (one.id < other.id ? -1 : 1);
}

export interface JobPermit {
  readonly interval: number;
  readonly jobs: number;
}

/** No closer together: each is a statement of its own. Milliseconds. */
const SHORTEST_INTERVAL = 50;

/** So many starts in so long, evenly: so that no window of the limit ever sees more than its maximum. */
export function permitsOf({
  max,
  durationMillis,
}: {
  readonly max: number;
  readonly durationMillis: number;
}): JobPermit {
  const jobs = Math.max(1, Math.floor((max * SHORTEST_INTERVAL) / durationMillis));
  return { interval: Math.ceil((jobs * durationMillis) / max), jobs };
}

/** One name's part of a look for work. */
interface NameClaim {
  readonly name: JobName;
  readonly slots: Slots;
  /** The name has permits only once in so many milliseconds, over all processes, and so many jobs may start then. */
  readonly permit?: JobPermit;
}

export interface ClaimRequest {
  readonly names: readonly NameClaim[];
  /** These names have due jobs, as far as this process knows: nobody looks before claiming. Default: looked for. */
  readonly sure?: boolean;
  readonly owner: string;
  readonly now: EpochMillis;
  readonly leaseUntil: number;
}

type Claimant = Pick<ClaimRequest, 'owner' | 'now' | 'leaseUntil'>;

/** Among so many due jobs of a name with lanes, its slots are filled at one look. */
const LOOKED_AT = 100;

/** Due jobs of this name, oldest first. */
function dueJobs(db: Db, name: JobName, now: number) {
  return db
    .selectFrom('jobs')
    .where(sql<boolean>`state = 'waiting'`)
    .where('published_at', 'is', null)
    .where('name', '=', name)
    .where('run_at', '<=', now)
    .where('version', '<=', JOB_PAYLOAD_VERSION)
    .orderBy('run_at')
    .orderBy('id');
}

const lookFor = compiledOnce((db, { now }: { readonly now: number }, names) => {
  const looks = names.map(
    (name) =>
      sql`select ${sql.lit(name)} as name where exists ${dueJobs(db, name as JobName, now)
        .select('id')
        .limit(1)}`,
  );
  return sql<{ name: string }>`${sql.join(looks, sql` union all `)}`.compile(db);
});

/** Which of these names have a due job. A look without a lock, which costs least where nothing is due. */
export async function dueNames(
  db: Db,
  wishes: readonly NameClaim[],
  now: number,
): Promise<readonly NameClaim[]> {
  if (wishes.length === 0) return [];
  const { rows } = await lookFor(
    db,
    { now },
    wishes.map(({ name }) => name),
  );
  return wishes.filter((wish) => rows.some(({ name }) => name === wish.name));
}

type ClaimValues = Claimant & Readonly<Record<`limit${number}`, number>>;

/** The names, and whether rows are locked, are its shape. */
const claimRows = compiledOnce<ClaimValues, JobRow>((db, values, [lock, ...names]) => {
  const chosen = names.map((name, n) => {
    const ids = dueJobs(db, name as JobName, values.now)
      .select('id')
      .limit(values[`limit${n}`] ?? 0);
    return sql`${sql.raw(`due_${n}`)} as ${lock === 'lock' ? ids.forUpdate().skipLocked() : ids}`;
  });
  const ids = names.map((_, n) => sql`select id from ${sql.raw(`due_${n}`)}`);
  return sql<JobRow>`with ${sql.join(chosen)} update jobs set ${active(values)}
    where state = 'waiting' and id in (${sql.join(ids, sql` union all `)}) returning *`.compile(db);
});

/** Makes due jobs active for this owner, so many of each name: one statement. */
export async function claimNames(
  db: Db,
  wishes: readonly { readonly name: JobName; readonly limit: number }[],
  { owner, now, leaseUntil }: Claimant,
  lock: boolean,
): Promise<readonly JobRow[]> {
  if (wishes.length === 0) return [];
  const limits = Object.fromEntries(wishes.map(({ limit }, n) => [`limit${n}`, limit]));
  const values = Object.assign({ owner, now, leaseUntil }, limits);
  const shape = [lock ? 'lock' : '', ...wishes.map(({ name }) => name)];
  return (await claimRows(db, values, shape)).rows;
}

function active({ owner, leaseUntil }: Claimant) {
  return sql`state = 'active', attempts = attempts + 1, fence = fence + 1,
    lease_owner = ${owner}, lease_until = ${leaseUntil}`;
}

/** Claims of a name with lanes. `more`: others may start beside them, which this look did not see. */
interface LaneClaims {
  readonly rows: readonly JobRow[];
  readonly more: boolean;
}

/** The oldest due jobs of a name whose endpoint and tenant have runs to spare. */
export async function claimByLanes(
  db: Db,
  claimsDb: Db,
  { name, slots }: NameClaim,
  claimant: Claimant,
  lock: boolean,
): Promise<LaneClaims> {
  const { endpoints, tenants } = slots.full();
  let look = dueJobs(db, name, claimant.now).select(['id', 'endpoint', 'tenant']).limit(LOOKED_AT);
  if (endpoints.length > 0)
    look = look.where((job) =>
      job.or([job('endpoint', 'is', null), job('endpoint', 'not in', [...endpoints])]),
    );
  if (tenants.length > 0)
    look = look.where((job) => job.or([job('tenant', 'is', null), job('tenant', 'not in', [...tenants])]));
  const seen = await look.execute();
  const chosen = slots.choose(seen).map(({ id }) => id);
  if (chosen.length === 0) return { rows: [], more: false };
  const rows = await claimIds(claimsDb, chosen, claimant, lock);
  return { rows, more: rows.length < chosen.length || seen.length === LOOKED_AT };
}

async function claimIds(
  db: Db,
  ids: readonly string[],
  claimant: Claimant,
  lock: boolean,
): Promise<readonly JobRow[]> {
  const waiting = db
    .selectFrom('jobs')
    .select('id')
    .where('id', 'in', [...ids])
    .where('state', '=', 'waiting')
    .where('published_at', 'is', null)
    .where('run_at', '<=', claimant.now);
  const { rows } = await sql<JobRow>`with due as ${lock ? waiting.forUpdate().skipLocked() : waiting}
    update jobs set ${active(claimant)} where state = 'waiting' and id in (select id from due) returning *`.execute(
    db,
  );
  return rows;
}

const LONGEST_TURN = MINUTE_MILLIS;

/** True for one caller in `interval` milliseconds: the next permit of a limited name, kept beside the leases. */
export async function takePermit(db: Db, name: JobName, now: number, interval: number): Promise<boolean> {
  const owned_until = now + interval;
  // far ahead is what a clock that was set back has left behind
  const farthest = now + interval + LONGEST_TURN;
  const taken = await nextTurn(db, { name: `job-turn:${name}`, now, owned_until, farthest });
  return taken.numAffectedRows === 1n;
}

interface Turn {
  readonly name: string;
  readonly now: number;
  readonly owned_until: number;
  readonly farthest: number;
}

const nextTurn = compiledOnce((db, { name, now, owned_until, farthest }: Turn) =>
  db
    .insertInto('leases')
    .values({ name, owner: null, owned_until, expires_at: 0 })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ owned_until })
        .where((lease) =>
          lease.or([lease('leases.owned_until', '<=', now), lease('leases.owned_until', '>', farthest)]),
        ),
    )
    .compile(),
);
