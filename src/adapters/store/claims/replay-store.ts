import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type { ReplayStore } from '../../../ports/replay-store.ts';
import type { StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { valueHash } from './value-hash.ts';

/** How far ahead the clock of who issued a value may be; ms. */
const CLOCK_SKEW = MINUTE_MILLIS;

export function openReplayStore({ connection, restored }: StoreContext): ReplayStore {
  const { db } = connection;
  return {
    remember: async (use, value, until, issuedAt) => {
      if (restored !== undefined && issuedAt <= restored.at + CLOCK_SKEW) return false;
      const written = await guarded(() =>
        db
          .insertInto('replay_values')
          .values({ purpose: use, value_hash: valueHash(value), remembered_until: until })
          .onConflict((conflict) => conflict.columns(['purpose', 'value_hash']).doNothing())
          .executeTakeFirst(),
      );
      return written.numInsertedOrUpdatedRows === 1n;
    },
    forget: async (use, value) => {
      await guarded(() =>
        db
          .deleteFrom('replay_values')
          .where('purpose', '=', use)
          .where('value_hash', '=', valueHash(value))
          .execute(),
      );
    },
    purge: async (before) => {
      const gone = await guarded(() =>
        db.deleteFrom('replay_values').where('remembered_until', '<', before).executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
  };
}
