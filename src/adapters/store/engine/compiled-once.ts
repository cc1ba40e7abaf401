import type { CompiledQuery, Kysely, QueryResult } from 'kysely';
import type { StoreSchema } from '../schema/schema.ts';

type Db = Kysely<StoreSchema>;

/** Stands in a compiled statement for a value that comes with each execution. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A statement that is built and compiled once for each database (each list of members in `values`, each `shape`) and
 * then executed with other values: to build one anew costs several times what SQLite takes to carry it out.
 * `build` puts the members of `values` where values go; it gets what stands for them, and must not look at it. What
 * else its text depends on is the `shape`, of which there must be few.
 */
export function compiledOnce<Values extends object, Row = unknown>(
  build: (db: Db, values: Values, shape: readonly string[]) => CompiledQuery<Row>,
): (db: Db, values: Values, shape?: readonly string[]) => Promise<QueryResult<Row>> {
  const known = new WeakMap<object, Map<string, CompiledQuery<Row>>>();
  return (db, values, shape = []) => {
    // a transaction has the adapter of its database
    const { adapter } = db.getExecutor();
    const ofDatabase = known.get(adapter) ?? new Map<string, CompiledQuery<Row>>();
    known.set(adapter, ofDatabase);
    const form = `${Object.keys(values).join()} ${shape.join()}`;
    const compiled = ofDatabase.get(form) ?? build(db, placeholdersFor(values), shape);
    ofDatabase.set(form, compiled);
    return db.executeQuery(withValues(compiled, values));
  };
}

function placeholdersFor<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.keys(values).map((name) => [name, new Placeholder(name)])) as Values;
}

function withValues<Row>(
  { sql, query, queryId, parameters }: CompiledQuery<Row>,
  values: object,
): CompiledQuery<Row> {
  const filled = parameters.map((value) =>
    value instanceof Placeholder ? (Reflect.get(values, value.name) ?? null) : value,
  );
  return { sql, query, queryId, parameters: filled };
}
