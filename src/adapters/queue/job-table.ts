import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { EpochMillis } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { DAY_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import {
  type DeadLetter,
  JOB_PAYLOAD_VERSION,
  JOBS_WITH_A_DEADLINE,
  type JobCounts,
  type JobName,
} from '../../ports/job-queue.ts';
import type { FailingJob } from '../../ports/queue-admin.ts';
import { compiledOnce } from '../store/engine/compiled-once.ts';
import { guarded } from '../store/engine/store-errors.ts';
import type { RowMacs } from '../store/rows/row-macs.ts';
import type { StoreSchema } from '../store/schema/schema.ts';
import type { Store } from '../store/store-options.ts';
import {
  type ClaimRequest,
  claimByLanes,
  claimNames,
  dueNames,
  type JobRow,
  takePermit,
} from './job-claims.ts';
import { type JobFailure, readFailure, writeFailure } from './job-failure.ts';

export type { JobRow };

/** A claimed job: who holds `fence` may finish it, as long as nobody claimed it after. */
export type Claim = Pick<JobRow, 'id' | 'fence'>;

/**
 * What one look brought; `nextTurnIn`: jobs of a limited name may be due, and the next may start in so many
 * milliseconds.
 */
export interface Claims {
  readonly rows: readonly JobRow[];
  readonly nextTurnIn?: number;
  /** Names of which there may be more to claim at once. */
  readonly more: readonly JobName[];
}

const KEPT_DONE_MILLIS = 7 * DAY_MILLIS;
const PURGE_BATCH = 1_000;
/** Longer than any back-off and any wait of a handler; ms. */
const LONGEST_PLANNED_WAIT = 15 * MINUTE_MILLIS;
/** Longer than any lease that is kept alive by heartbeats; ms. */
const LONGEST_LEASE = 10 * MINUTE_MILLIS;
/** Whose schedule reaches further; that one may wait for the clock. */
const PLANNED_LONG_AHEAD: readonly JobName[] = ['deliver-webhook'];

/** The columns to be set beside the claim that must still hold. */
const settleClaim = compiledOnce(
  (db, { claimed, claimFence, ...columns }: Partial<JobRow> & { claimed: string; claimFence: number }) =>
    db
      .updateTable('jobs')
      .set(columns)
      .where('id', '=', claimed)
      .where('fence', '=', claimFence)
      .where('state', '=', 'active')
      .compile(),
);

interface LostBefore {
  readonly now: number;
  readonly planned: number;
  readonly leased: number;
}

function lostBefore(now: EpochMillis): LostBefore {
  return { now, planned: now + LONGEST_PLANNED_WAIT, leased: now + LONGEST_LEASE };
}

/** One row where `reap` has something to do. */
const lookForLost = compiledOnce((db, { now, planned, leased }: LostBefore) => {
  const some = (
    state: 'waiting' | 'active',
    instant: 'run_at' | 'lease_until',
    operator: '<=' | '>',
    limit: number,
  ) =>
    db
      .selectFrom('jobs')
      .select('id')
      .where(sql<boolean>`state = ${sql.lit(state)}`)
      .where(instant, operator, limit)
      .limit(1);
  const far = some('waiting', 'run_at', '>', planned).where('name', 'not in', PLANNED_LONG_AHEAD);
  return sql<{ found: number }>`select 1 as found where exists ${some('active', 'lease_until', '<=', now)}
    or exists ${some('active', 'lease_until', '>', leased)} or exists ${far}`.compile(db);
});

interface Taking {
  readonly now: number;
  readonly limit: number;
  /** Of those that were handed over before; absent: of those that never were. */
  readonly lostBefore?: number;
}

const takeRows = compiledOnce((db, { now, limit, lostBefore }: Taking, [kind]) => {
  const waiting = db
    .selectFrom('jobs')
    .select('id')
    .where(sql<boolean>`state = 'waiting'`)
    .where('name', kind === 'deadline' ? 'in' : 'not in', [...JOBS_WITH_A_DEADLINE])
    .orderBy('run_at')
    .limit(limit);
  // in one statement: who hands over mostly knows that there is something
  const taken = (chosen: typeof waiting) =>
    db
      .updateTable('jobs')
      .set({ published_at: now })
      .where('id', 'in', chosen)
      .where(sql<boolean>`state = 'waiting'`);
  const some =
    lostBefore === undefined
      ? taken(waiting.where('published_at', 'is', null)).where('published_at', 'is', null)
      : taken(waiting.where('published_at', '<=', lostBefore).where('run_at', '<=', lostBefore)).where(
          'published_at',
          '<=',
          lostBefore,
        );
  return some.returningAll().compile();
});

/** One row where `takeUnpublished` has something to do. */
const lookForUnpublished = compiledOnce((db, { lostBefore }: { readonly lostBefore: number }) => {
  const waiting = db.selectFrom('jobs').select('id').where(sql<boolean>`state = 'waiting'`).limit(1);
  const fresh = waiting.where('published_at', 'is', null);
  const lost = waiting.where('published_at', '<=', lostBefore).where('run_at', '<=', lostBefore);
  return sql<{ found: number }>`select 1 as found where exists ${fresh} or exists ${lost}`.compile(db);
});

interface OneClaim extends Pick<JobRow, 'id' | 'name'> {
  readonly owner: string;
  readonly now: number;
  readonly leaseUntil: number;
}

const claimRow = compiledOnce((db, { id, name, owner, now, leaseUntil }: OneClaim) =>
  db
    .updateTable('jobs')
    .set((job) => ({
      state: 'active' as const,
      attempts: job('attempts', '+', 1),
      fence: job('fence', '+', 1),
      lease_owner: owner,
      lease_until: leaseUntil,
    }))
    .where('id', '=', id)
    .where('name', '=', name)
    .where('state', '=', 'waiting')
    .where('run_at', '<=', now)
    .where('version', '<=', JOB_PAYLOAD_VERSION)
    .returningAll()
    .compile(),
);

/** Ends the transaction of a trial that went well. */
class TrialTaken extends JitsuinError {
  constructor() {
    super('queue.unavailable', 'A trial that went well.');
  }
}

/** The state of every job, whatever dispatches it: SQL polling or BullMQ. Each method is one short transaction. */
export class JobTable {
  readonly #db: Kysely<StoreSchema>;
  /** For claims and their ends: whose process is gone, his job comes again. */
  readonly #amongProcesses: Kysely<StoreSchema>;
  readonly #postgres: boolean;
  readonly #macs: RowMacs;

  constructor(store: Pick<Store, 'kysely' | 'amongProcesses' | 'engine' | 'rows'>) {
    this.#db = store.kysely;
    this.#amongProcesses = store.amongProcesses;
    this.#postgres = store.engine === 'postgres';
    this.#macs = store.rows;
  }

  /**
   * Adds one job, claims it and takes it back: the table can carry a queue. Nothing is left, and nobody else sees it.
   * @throws JitsuinError `store.*`, `queue.unavailable`
   */
  async trial(now: EpochMillis): Promise<void> {
    const id = `trial ${randomUUID()}`;
    const row = {
      id,
      name: 'trial',
      version: JOB_PAYLOAD_VERSION,
      subject: '',
      job_key: id,
      state: 'waiting' as const,
      run_at: now,
      attempts: 0,
      losses: 0,
      fence: 0,
      lease_owner: null,
      lease_until: 0,
      reason: null,
      created_at: now,
      endpoint: null,
      tenant: null,
      published_at: null,
      finished_at: null,
    };
    const taken = new TrialTaken();
    try {
      await guarded(() =>
        this.#amongProcesses.transaction().execute(async (transaction) => {
          await transaction.insertInto('jobs').values(this.#macs.sealed('jobs', row)).execute();
          const claimed = await transaction
            .updateTable('jobs')
            .set({ state: 'active', fence: 1, lease_owner: id })
            .where('id', '=', id)
            .where('state', '=', 'waiting')
            .returning('id')
            .execute();
          if (claimed.length === 1) throw taken;
          throw new JitsuinError('queue.unavailable', 'A job that was added could not be claimed.');
        }),
      );
    } catch (thrown) {
      if (thrown !== taken) throw thrown;
    }
  }

  /** Claims due jobs whose payload version this program knows, as many of each name as it has slots; others wait. */
  async claimDue(wish: ClaimRequest): Promise<Claims> {
    return guarded(async () => {
      const due = wish.sure ? wish.names : await dueNames(this.#db, wish.names, wish.now);
      const free = due.filter(({ permit, slots }) => permit === undefined && !slots.hasLanes);
      const plain = free.map(({ name, slots }) => ({ name, limit: slots.free }));
      const claimed = [...(await claimNames(this.#amongProcesses, plain, wish, this.#postgres))];
      const more: JobName[] = plain.flatMap(({ name, limit }) =>
        claimed.filter((row) => row.name === name).length === limit ? [name] : [],
      );
      for (const laned of due.filter(({ slots, permit }) => permit === undefined && slots.hasLanes)) {
        const ofLanes = await claimByLanes(this.#db, this.#amongProcesses, laned, wish, this.#postgres);
        claimed.push(...ofLanes.rows);
        if (ofLanes.more) more.push(laned.name);
      }
      const intervals: number[] = [];
      for (const { name, slots, permit } of due) {
        if (permit === undefined) continue;
        const limit = Math.min(permit.jobs, slots.free);
        const taken = await this.#claimInTurn({ name, limit }, permit.interval, wish);
        claimed.push(...(taken ?? []));
        if (taken === undefined || taken.length === limit) intervals.push(permit.interval);
      }
      const rows = await this.#ours(claimed, wish.now);
      return intervals.length === 0 ? { rows, more } : { rows, more, nextTurnIn: Math.min(...intervals) };
    });
  }

  /** Jobs of a limited name; undefined when it is not this name's turn. */
  async #claimInTurn(
    one: { readonly name: JobName; readonly limit: number },
    interval: number,
    wish: ClaimRequest,
  ): Promise<readonly JobRow[] | undefined> {
    // a process that dies in between has wasted a turn, no job
    if (!(await takePermit(this.#amongProcesses, one.name, wish.now, interval))) return undefined;
    return claimNames(this.#amongProcesses, [one], wish, this.#postgres);
  }

  /** Claims this one job when it is due and nobody holds it; of that name only, whatever a queue says of the id. */
  async claimOne(
    { id, name }: Pick<JobRow, 'id' | 'name'>,
    owner: string,
    now: EpochMillis,
    leaseUntil: number,
  ): Promise<JobRow | undefined> {
    const { rows } = await guarded(() =>
      claimRow(this.#amongProcesses, { id, name, owner, now, leaseUntil }),
    );
    return (await this.#ours(rows, now))[0];
  }

  /** Claimed jobs that this program wrote; one that somebody else wrote or changed is dead. */
  async #ours(rows: readonly JobRow[], now: EpochMillis): Promise<readonly JobRow[]> {
    const forged = rows.filter((row) => !this.#macs.isSound('jobs', row));
    for (const row of forged) await this.dead(row, now, { reason: 'seal.integrity' });
    return forged.length === 0 ? rows : rows.filter((row) => !forged.includes(row));
  }

  async find(id: string): Promise<JobRow | undefined> {
    return guarded(() => this.#db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst());
  }

  /** Longer life for a claim. False when it was lost. */
  async heartbeat(claim: Claim, leaseUntil: number): Promise<boolean> {
    return this.#settle(claim, { lease_until: leaseUntil });
  }

  /** Done for good. The row stays a week, so that its key is not published again. */
  async done(claim: Claim, now: EpochMillis): Promise<boolean> {
    return this.#settle(claim, { ...RELEASED, state: 'done', finished_at: now });
  }

  /** The handler asked for another look: no failure, so its count of failed runs begins anew. */
  async later(claim: Claim, notBefore: number): Promise<boolean> {
    return this.#settle(claim, { ...WAITING, run_at: notBefore, attempts: 0, losses: 0 });
  }

  async retryLater(claim: Claim, notBefore: number, failure: JobFailure): Promise<boolean> {
    return this.#settle(claim, { ...WAITING, run_at: notBefore, reason: writeFailure(failure) });
  }

  async dead(claim: Claim, now: EpochMillis, failure: JobFailure): Promise<boolean> {
    const reason = writeFailure(failure);
    return this.#settle(claim, { ...RELEASED, state: 'dead', finished_at: now, reason });
  }

  /** Gives a claim back unharmed: the process drains. */
  async release(claim: Claim, now: EpochMillis, attempts: number): Promise<boolean> {
    return this.#settle(claim, { ...WAITING, run_at: now, attempts: Math.max(0, attempts - 1) });
  }

  /** None of an endpoint's waiting jobs of this name starts before: its server does not answer. */
  async rest({ name, endpoint }: JobRow, until: number): Promise<void> {
    if (endpoint === null) return;
    await guarded(() =>
      this.#amongProcesses
        .updateTable('jobs')
        .set({ run_at: until })
        .where(sql<boolean>`state = 'waiting' and endpoint is not null`)
        .where('endpoint', '=', endpoint)
        .where('name', '=', name)
        .where('run_at', '<', until)
        .execute(),
    );
  }

  /** The one fence: nothing is written unless this claim is the newest and still active. */
  async #settle({ id, fence }: Claim, columns: Partial<JobRow>): Promise<boolean> {
    const values = Object.assign({ claimed: id, claimFence: fence }, columns);
    const written = await guarded(() => settleClaim(this.#amongProcesses, values));
    return written.numAffectedRows === 1n;
  }

  /**
   * Puts jobs back whose worker fell silent; a job that was lost too often becomes a dead letter (`queue.abandoned`).
   * Gives how many it changed.
   */
  async reap(now: EpochMillis, maxLosses: number): Promise<number> {
    // a look takes no lock, and nearly always finds nothing
    const [seen] = (await guarded(() => lookForLost(this.#db, lostBefore(now)))).rows;
    if (seen === undefined) return 0;
    return (await this.#reapSilent(now, maxLosses)) + (await this.#bringBack(now));
  }

  /**
   * A clock that was set back leaves instants behind that are hours away. What is planned or leased for longer than
   * anything here ever is, is due now: an early run is harmless, a late one may cost the citizen a signature.
   */
  async #bringBack(now: EpochMillis): Promise<number> {
    const moved = (state: 'waiting' | 'active', instant: 'run_at' | 'lease_until', longest: number) =>
      this.#db
        .updateTable('jobs')
        .set((job) => ({ ...WAITING, run_at: now, fence: job('fence', '+', 1) }))
        .where(sql<boolean>`state = ${sql.lit(state)}`)
        .where(instant, '>', now + longest)
        .where('name', 'not in', PLANNED_LONG_AHEAD)
        .executeTakeFirst();
    return guarded(async () => {
      const waiting = await moved('waiting', 'run_at', LONGEST_PLANNED_WAIT);
      const active = await moved('active', 'lease_until', LONGEST_LEASE);
      return Number(waiting.numUpdatedRows + active.numUpdatedRows);
    });
  }

  async #reapSilent(now: EpochMillis, maxLosses: number): Promise<number> {
    return guarded(async () => {
      const lost = await this.#db
        .selectFrom('jobs')
        .select(['id', 'fence', 'losses'])
        .where(sql<boolean>`state = 'active'`)
        .where('lease_until', '<=', now)
        .limit(PURGE_BATCH)
        .execute();
      const reason = writeFailure({ reason: 'queue.abandoned' });
      for (const { id, fence, losses } of lost) {
        const hopeless = losses + 1 >= maxLosses;
        const columns = hopeless
          ? { ...RELEASED, state: 'dead' as const, finished_at: now, reason, losses: losses + 1 }
          : { ...WAITING, run_at: now, losses: losses + 1 };
        await this.#db
          .updateTable('jobs')
          .set(columns)
          .where('id', '=', id)
          .where('fence', '=', fence)
          .where('state', '=', 'active')
          .where('lease_until', '<=', now)
          .execute();
      }
      return lost.length;
    });
  }

  async counts(now: EpochMillis): Promise<JobCounts> {
    const count = (condition: ReturnType<typeof sql<boolean>>) =>
      sql<number>`(select count(*) from jobs where ${condition})`;
    const row = await guarded(() =>
      this.#db
        .selectNoFrom([
          count(sql`state = 'waiting' and run_at <= ${now}`).as('waiting'),
          count(sql`state = 'waiting' and run_at > ${now}`).as('delayed'),
          count(sql`state = 'active'`).as('active'),
          count(sql`state = 'dead'`).as('dead'),
        ])
        .executeTakeFirstOrThrow(),
    );
    return { waiting: row.waiting, delayed: row.delayed, active: row.active, dead: row.dead };
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('jobs')
        .selectAll()
        .where(sql<boolean>`state = 'dead'`)
        .orderBy('finished_at', 'desc')
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => ({
      id: row.id,
      name: row.name as JobName,
      subject: row.subject,
      attempts: row.attempts,
      ...readFailure(row.reason),
      failedAt: (row.finished_at ?? 0) as EpochMillis,
    }));
  }

  /** Jobs that failed and wait for their next run, most attempts first; of one subject, or all. */
  async failing(limit: number, subject?: string): Promise<readonly FailingJob[]> {
    const all = this.#db
      .selectFrom('jobs')
      .select(['id', 'name', 'subject', 'attempts', 'reason', 'run_at'])
      .where(sql<boolean>`state = 'waiting'`)
      .where('reason', 'is not', null)
      .where('attempts', '>', 0)
      .orderBy('attempts', 'desc')
      .limit(limit);
    const query = subject === undefined ? all : all.where('subject', '=', subject);
    const rows = await guarded(() => query.execute());
    return rows.map(({ id, name, subject: of, attempts, reason, run_at }) => ({
      id,
      subject: of,
      attempts,
      name: name as JobName,
      ...readFailure(reason),
      nextRunAt: run_at as EpochMillis,
    }));
  }

  /** Back to work with a clean count. */
  async revive(id: string, now: EpochMillis): Promise<boolean> {
    return this.#changeDead(id, { ...WAITING, run_at: now, attempts: 0, losses: 0, finished_at: null });
  }

  /** Given up by an operator: kept as done with its reason, so that its key is not published again. */
  async drop(id: string, now: EpochMillis): Promise<boolean> {
    return this.#changeDead(id, { ...RELEASED, state: 'done', finished_at: now });
  }

  async #changeDead(id: string, columns: Partial<JobRow>): Promise<boolean> {
    const written = await guarded(() =>
      this.#db
        .updateTable('jobs')
        .set(columns)
        .where('id', '=', id)
        .where('state', '=', 'dead')
        .executeTakeFirst(),
    );
    return written.numUpdatedRows === 1n;
  }

  /**
   * Takes rows that were never handed to Redis, or (`lostBefore`) that Redis should have brought long ago, and
   * marks them as handed over now: those with a deadline, or the others. Who crashes before the hand-over leaves
   * them to the look for lost ones.
   */
  async takeUnpublished(
    kind: 'deadline' | 'other',
    now: EpochMillis,
    limit: number,
    lostBefore?: number,
  ): Promise<readonly JobRow[]> {
    const values = lostBefore === undefined ? { now, limit } : { now, limit, lostBefore };
    const { rows } = await guarded(() => takeRows(this.#db, values, [kind]));
    return rows.filter((row) => this.#macs.isSound('jobs', row));
  }

  /** Whether `takeUnpublished` would find any, never handed over or lost before this instant. */
  async anyUnpublished(lostBefore: number): Promise<boolean> {
    return (await guarded(() => lookForUnpublished(this.#db, { lostBefore }))).rows.length > 0;
  }

  /** Redis refused them: they are to be handed over again. */
  async unpublish(ids: readonly string[]): Promise<void> {
    await guarded(() =>
      this.#db
        .updateTable('jobs')
        .set({ published_at: null })
        .where('id', 'in', [...ids])
        .where('state', '=', 'waiting')
        .execute(),
    );
  }

  /** Brings jobs home that were handed to a Redis that is no longer used. */
  async adopt(): Promise<void> {
    await guarded(() =>
      this.#db
        .updateTable('jobs')
        .set({ published_at: null })
        .where(sql<boolean>`state = 'waiting'`)
        .where('published_at', 'is not', null)
        .execute(),
    );
  }

  /** How many due jobs wait. */
  async countDue(now: EpochMillis): Promise<number> {
    return (await this.counts(now)).waiting;
  }

  /** Forgets jobs done a week ago, a thousand at a time. */
  async purge(now: EpochMillis): Promise<number> {
    const gone = await guarded(() =>
      this.#db
        .deleteFrom('jobs')
        .where('id', 'in', (query) =>
          query
            .selectFrom('jobs')
            .select('id')
            .where(sql<boolean>`state = 'done'`)
            .where('finished_at', '<', now - KEPT_DONE_MILLIS)
            .limit(PURGE_BATCH),
        )
        .executeTakeFirst(),
    );
    return Number(gone.numDeletedRows);
  }
}

const RELEASED = { lease_owner: null, lease_until: 0 };
const WAITING = { ...RELEASED, state: 'waiting', published_at: null } as const;
