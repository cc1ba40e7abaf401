import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type { LeaseStore } from '../../../ports/lease-store.ts';
import type { StoreContext } from '../context.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import type { StoreConnection } from '../engine/connection.ts';
import { guarded } from '../engine/store-errors.ts';

/** Longer than any lease: what is further ahead was left behind by a clock that was set back since. */
const LONGEST_LEASE = 15 * MINUTE_MILLIS;
/** As above for turns, which nobody waits for longer than some seconds. */
export const FARTHEST_TURN = 30_000;

const MICROS = 1_000;

/** Instants and times in microseconds, as a thousand permits in a second are less than two milliseconds apart. */
interface PermitValues {
  readonly name: string;
  readonly now: number;
  readonly interval: number;
  /** `now` + `interval` */
  readonly next: number;
  /** The end of a turn that is waited for, and of one that a clock that was set back has left behind. */
  readonly latest: number;
  readonly farthest: number;
}

/** The row that holds the end of the last permit given out, in microseconds. */
export function permitRow(name: string): string {
  return `turn-micros:${name}`;
}

const nextPermit = compiledOnce(
  (db, { name, now, interval, next, latest, farthest }: PermitValues, [engine]) => {
    // what stands for a value has no type in an expression; SQLite has none to tell
    const number = (value: number) => (engine === 'postgres' ? sql`${value}::bigint` : sql`${value}`);
    return db
      .insertInto('leases')
      .values({ name, owner: null, owned_until: next, expires_at: 0 })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({
            owned_until: sql<number>`case
              when leases.owned_until > ${number(now)} and leases.owned_until <= ${number(farthest)}
              then leases.owned_until else ${number(now)} end + ${number(interval)}`,
          })
          .where((lease) =>
            lease.or([lease('leases.owned_until', '<=', latest), lease('leases.owned_until', '>', farthest)]),
          ),
      )
      .returning('owned_until')
      .compile();
  },
);

async function takePermit(
  { amongProcesses, engine }: Pick<StoreConnection, 'amongProcesses' | 'engine'>,
  name: string,
  nowMillis: EpochMillis,
  intervalMillis: number,
  longestWaitMillis: number,
): Promise<number | undefined> {
  const now = nowMillis * MICROS;
  const interval = Math.ceil(intervalMillis * MICROS);
  const values = {
    name: permitRow(name),
    now,
    interval,
    next: now + interval,
    latest: now + longestWaitMillis * MICROS,
    farthest: now + FARTHEST_TURN * MICROS,
  };
  const [row] = (await nextPermit(amongProcesses, values, [engine])).rows;
  return row === undefined ? undefined : (row.owned_until - interval) / MICROS;
}

interface Hold {
  readonly name: string;
  readonly owner: string;
  readonly now: number;
  readonly until: number;
  readonly farthest: number;
}

const takeHold = compiledOnce((db, { name, owner, now, until, farthest }: Hold) =>
  db
    .insertInto('leases')
    .values({ name, owner, owned_until: until, expires_at: 0 })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ owner, owned_until: until })
        .where((lease) =>
          lease.or([
            lease('leases.owner', 'is', null),
            lease('leases.owner', '=', owner),
            lease('leases.owned_until', '<=', now),
            lease('leases.owned_until', '>', farthest),
          ]),
        ),
    )
    .compile(),
);

type Owned = Pick<Hold, 'name' | 'owner'>;

const dropHold = compiledOnce((db, { name, owner }: Owned) =>
  db
    .deleteFrom('leases')
    .where('name', '=', name)
    .where('owner', '=', owner)
    .where('sealed_value', 'is', null)
    .compile(),
);

const freeHold = compiledOnce((db, { name, owner }: Owned) =>
  db
    .updateTable('leases')
    .set({ owner: null, owned_until: 0 })
    .where('name', '=', name)
    .where('owner', '=', owner)
    .compile(),
);

const rowByName = compiledOnce((db, { name }: Pick<Hold, 'name'>) =>
  db.selectFrom('leases').selectAll().where('name', '=', name).compile(),
);

export function openLeaseStore({ connection, sealer, rows }: StoreContext): LeaseStore {
  const { db, amongProcesses } = connection;
  const sealContext = (name: string) => ({
    table: 'leases',
    column: 'sealed_value',
    record: name,
    tenant: '',
  });
  return {
    read: async (name) => {
      const [row] = (await guarded(() => rowByName(db, { name }))).rows;
      if (row === undefined || row.sealed_value === null) return undefined;
      rows.checked('leases', row);
      return {
        value: sealer.open(row.sealed_value, sealContext(name)),
        expiresAt: row.expires_at as EpochMillis,
      };
    },
    acquire: async (name, owner, now, until) => {
      const values = { name, owner, now, until, farthest: now + LONGEST_LEASE };
      const written = await guarded(() => takeHold(amongProcesses, values));
      return written.numAffectedRows === 1n;
    },
    takePermit: (name, now, interval, longestWait) =>
      guarded(() => takePermit(connection, name, now, interval, longestWait)),
    write: async (name, owner, value, expiresAt) => {
      const sealed_value = sealer.seal(value, sealContext(name));
      const { mac } = rows.sealed('leases', { name, sealed_value, expires_at: expiresAt });
      await guarded(() =>
        amongProcesses
          .updateTable('leases')
          .set({ sealed_value, expires_at: expiresAt, mac })
          .where('name', '=', name)
          .where('owner', '=', owner)
          .execute(),
      );
    },
    purge: async (before, limit) => {
      const old = db
        .selectFrom('leases')
        .select('name')
        .where('sealed_value', 'is', null)
        .where('owned_until', '<', before)
        .limit(limit);
      const gone = await guarded(() =>
        amongProcesses
          .deleteFrom('leases')
          .where('name', 'in', old)
          .where('owned_until', '<', before)
          .executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
    release: async (name, owner) => {
      const dropped = await guarded(() => dropHold(amongProcesses, { name, owner }));
      if (dropped.numAffectedRows === 1n) return;
      await guarded(() => freeHold(amongProcesses, { name, owner }));
    },
  };
}
