import type { ReplayStore } from '../../ports/replay-store.ts';
import type { StoreContext } from './context.ts';
import { guarded } from './store-errors.ts';
import { valueHash } from './value-hash.ts';

export function openReplayStore({ connection }: StoreContext): ReplayStore {
  const { db } = connection;
  return {
    remember: async (use, value, until) => {
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
