import { type Compilable, type CompiledQuery, type Kysely, sql } from 'kysely';
import type { StoreSchema } from '../schema/schema.ts';
import { compiledOnce } from './compiled-once.ts';
import type { StoreEngine } from './store-engine.ts';

type Db = Kysely<StoreSchema>;

/**
 * Ends the text of a statement whose answer nobody needs before the commit: on PostgreSQL it is sent and not waited
 * for, so that a transaction takes one way there and back. What it fails with, the next answer that is waited for
 * tells; PostgreSQL itself does nothing more in that transaction, and its commit rolls back.
 */
export const LATER = ' /* later */';

/** As `compiledOnce`; its result says nothing. */
export function laterOnce<Values extends object>(
  build: (db: Db, values: Values, shape: readonly string[]) => CompiledQuery<unknown>,
): (db: Db, values: Values, shape?: readonly string[]) => Promise<unknown> {
  return compiledOnce<Values>((db, values, shape) => {
    const compiled = build(db, values, shape);
    return { ...compiled, sql: `${compiled.sql}${LATER}` };
  });
}

/** `division_by_zero`: what `oneRow` was to change or to find was not there. */
const NOT_THERE = '22012';
/** `invalid_argument_for_logarithm`: the end of an audit chain was not where it was last seen. */
const MOVED = '2201E';

/**
 * A statement that must change or find one row, or its transaction is not to be. On PostgreSQL, where the answer is
 * not waited for, its failure is `isNotThere`, and true says nothing; on SQLite the answer is there at once.
 */
export function oneRow<Values extends object>(
  build: (db: Db, values: Values, engine: StoreEngine) => Compilable<unknown>,
): (db: Db, values: Values, engine: StoreEngine) => Promise<boolean> {
  const later = laterOnce<Values>((db, values) =>
    sql`with done as (${build(db, values, 'postgres')}) select 1 / count(*)::int as one from done`.compile(
      db,
    ),
  );
  const now = compiledOnce<Values>((db, values) => build(db, values, 'sqlite').compile());
  return async (db, values, engine) => {
    if (engine === 'sqlite') return (await now(db, values)).rows.length === 1;
    await later(db, values);
    return true;
  };
}

export function isNotThere(thrown: unknown): boolean {
  return codeOf(thrown) === NOT_THERE;
}

export function isMovedChain(thrown: unknown): boolean {
  return codeOf(thrown) === MOVED;
}

/** Failures of transactions that surely did not come to their commit, though it was sent. */
const neverCommitted = new WeakSet<object>();

export function markNeverCommitted(thrown: unknown): void {
  if (thrown instanceof Error) neverCommitted.add(thrown);
}

export function isNeverCommitted(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && neverCommitted.has(thrown);
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}
