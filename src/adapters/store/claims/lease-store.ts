import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type { LeaseStore } from '../../../ports/lease-store.ts';
import type { StoreContext } from '../context.ts';
import type { StoreConnection } from '../engine/connection.ts';
import { guarded } from '../engine/store-errors.ts';

/** Longer than any lease: what is further ahead was left behind by a clock that was set back since. */
const LONGEST_LEASE = 15 * MINUTE_MILLIS;
/** As above for turns, which nobody waits for longer than some seconds. */
const FARTHEST_TURN = 30_000;

const MICROS = 1_000;

/**
 * One statement: the row holds the end of the last permit given out. In microseconds, as a thousand permits in a
 * second are less than two milliseconds apart.
 */
async function takePermit(
  db: StoreConnection['db'],
  name: string,
  nowMillis: EpochMillis,
  intervalMillis: number,
  longestWaitMillis: number,
): Promise<number | undefined> {
  const now = nowMillis * MICROS;
  const interval = Math.ceil(intervalMillis * MICROS);
  const farthest = now + FARTHEST_TURN * MICROS;
  const first = { name: `turn-micros:${name}`, owner: null, owned_until: now + interval, expires_at: 0 };
  const [row] = await db
    .insertInto('leases')
    .values(first)
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({
          owned_until: sql<number>`case
            when leases.owned_until > ${now} and leases.owned_until <= ${farthest}
            then leases.owned_until else ${now} end + ${interval}`,
        })
        .where((lease) =>
          lease.or([
            lease('leases.owned_until', '<=', now + longestWaitMillis * MICROS),
            lease('leases.owned_until', '>', farthest),
          ]),
        ),
    )
    .returning('owned_until')
    .execute();
  return row === undefined ? undefined : (row.owned_until - interval) / MICROS;
}

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
      const row = await guarded(() =>
        db.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst(),
      );
      if (row === undefined || row.sealed_value === null) return undefined;
      rows.checked('leases', row);
      return {
        value: sealer.open(row.sealed_value, sealContext(name)),
        expiresAt: row.expires_at as EpochMillis,
      };
    },
    acquire: async (name, owner, now, until) => {
      const row = { name, owner, owned_until: until, expires_at: 0 };
      const written = await guarded(() =>
        amongProcesses
          .insertInto('leases')
          .values(row)
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({ owner, owned_until: until })
              .where((lease) =>
                lease.or([
                  lease('leases.owner', 'is', null),
                  lease('leases.owner', '=', owner),
                  lease('leases.owned_until', '<=', now),
                  lease('leases.owned_until', '>', now + LONGEST_LEASE),
                ]),
              ),
          )
          .executeTakeFirst(),
      );
      return written.numInsertedOrUpdatedRows === 1n;
    },
    takePermit: (name, now, interval, longestWait) =>
      guarded(() => takePermit(amongProcesses, name, now, interval, longestWait)),
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
      await guarded(() =>
        amongProcesses
          .deleteFrom('leases')
          .where('name', '=', name)
          .where('owner', '=', owner)
          .where('sealed_value', 'is', null)
          .execute(),
      );
      await guarded(() =>
        amongProcesses
          .updateTable('leases')
          .set({ owner: null, owned_until: 0 })
          .where('name', '=', name)
          .where('owner', '=', owner)
          .execute(),
      );
    },
  };
}
