import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import type { WaitingStore } from '../../../ports/waiting-store.ts';
import type { StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { FARTHEST_TURN, permitRow } from './lease-store.ts';

/**
 * A place is a number that never changes: one more than that of the last of its tenant, and never less than that of
 * the first who waits (start-time fair queueing), so that a tenant with many people has one in each round, as the
 * others have.
 */
export function openWaitingStore({ connection: { db, amongProcesses } }: StoreContext): WaitingStore {
  return {
    enter: ({ application, tenant, now }) =>
      guarded(async () => {
        await sql`insert into waiting_places (id, tenant, place, entered_at, seen_at)
          select ${application}, ${tenant},
            coalesce(
              (select max(place) + 1 from waiting_places where tenant = ${tenant}),
              (select min(place) from waiting_places),
              1
            ), ${now}, ${now}
          where true on conflict (id) do update set seen_at = excluded.seen_at`.execute(amongProcesses);
      }),
    ahead: (application, now, seenSince) =>
      guarded(async () => {
        const own = await amongProcesses
          .updateTable('waiting_places')
          .set({ seen_at: now })
          .where('id', '=', application)
          .returning(['place', 'entered_at'])
          .executeTakeFirst();
        if (own === undefined) return undefined;
        const { count } = await db
          .selectFrom('waiting_places')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('seen_at', '>=', seenSince)
          .where((row) =>
            row.or([
              row('place', '<', own.place),
              row.and([row('place', '=', own.place), row('entered_at', '<', own.entered_at)]),
            ]),
          )
          .executeTakeFirstOrThrow();
        return Number(count);
      }),
    leave: (application) =>
      guarded(async () => {
        await amongProcesses.deleteFrom('waiting_places').where('id', '=', application).execute();
      }),
    size: (seenSince) =>
      guarded(async () => {
        const { count } = await db
          .selectFrom('waiting_places')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('seen_at', '>=', seenSince)
          .executeTakeFirstOrThrow();
        return Number(count);
      }),
    permitsAhead: (service, now) => guarded(() => permitsAhead(db, service, now)),
    purge: (before) =>
      guarded(async () => {
        const gone = await amongProcesses
          .deleteFrom('waiting_places')
          .where('seen_at', '<', before)
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
  };
}

async function permitsAhead(
  db: StoreContext['connection']['db'],
  service: string,
  now: EpochMillis,
): Promise<number> {
  const row = await db
    .selectFrom('leases')
    .select('owned_until')
    .where('name', '=', permitRow(service))
    .executeTakeFirst();
  const ahead = row === undefined ? 0 : Number(row.owned_until) / 1_000 - now;
  // what is further away was left behind by a clock that was set back
  return ahead > 0 && ahead <= FARTHEST_TURN ? ahead : 0;
}
