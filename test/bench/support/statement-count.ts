import Database from 'libsql';
import pg from 'pg';

/** How many SQL statements this process has run on either engine. */
export interface StatementCount {
  readonly sqlite: number;
  readonly postgres: number;
}

/** Counts from now on; must be called before a store is opened. */
export function countStatements(): StatementCount {
  const count = { sqlite: 0, postgres: 0 };
  const prepare = Database.prototype.prepare;
  Database.prototype.prepare = function counted(this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql);
    for (const name of ['run', 'all']) {
      const act: unknown = Reflect.get(statement, name);
      if (typeof act !== 'function') throw new Error(`libsql has no ${name}`);
      Reflect.set(statement, name, (...parameters: unknown[]): unknown => {
        count.sqlite += 1;
        return Reflect.apply(act, statement, parameters);
      });
    }
    return statement;
  } as typeof prepare;
  const query: unknown = Reflect.get(pg.Client.prototype, 'query');
  if (typeof query !== 'function') throw new Error('pg has no query');
  Reflect.set(
    pg.Client.prototype,
    'query',
    function counted(this: pg.Client, ...parameters: unknown[]): unknown {
      count.postgres += 1;
      return Reflect.apply(query, this, parameters);
    },
  );
  return count;
}
