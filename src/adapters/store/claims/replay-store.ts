import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type { ReplayStore } from '../../../ports/replay-store.ts';
import type { StoreContext } from '../context.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { guarded } from '../engine/store-errors.ts';
import { valueHash } from './value-hash.ts';

/** How far ahead the clock of who issued a value may be; ms. */
const CLOCK_SKEW = MINUTE_MILLIS;

interface Used {
  readonly purpose: string;
  readonly value_hash: string;
  readonly remembered_until: number;
}

const insertUsed = compiledOnce((db, row: Used) =>
  db
    .insertInto('replay_values')
    .values(row)
    .onConflict((conflict) => conflict.columns(['purpose', 'value_hash']).doNothing())
    .compile(),
);

/**
 * What is kept by a step right after it, whose commit brings the value to the disk too; a power cut between the two
 * takes nothing back that anybody has used.
 */
const BEFORE_THEIR_EFFECT: ReadonlySet<string> = new Set(['sign-transaction']);

export function openReplayStore({ connection, restored }: StoreContext): ReplayStore {
  const { db, amongProcesses } = connection;
  return {
    remember: async (use, value, until, issuedAt) => {
      const mayBeKnown = restored !== undefined && issuedAt !== undefined;
      if (mayBeKnown && issuedAt <= restored.at + CLOCK_SKEW) return false;
      const written = await guarded(() =>
        insertUsed(BEFORE_THEIR_EFFECT.has(use) ? amongProcesses : db, {
          purpose: use,
          value_hash: valueHash(value),
          remembered_until: until,
        }),
      );
      return written.numAffectedRows === 1n;
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
