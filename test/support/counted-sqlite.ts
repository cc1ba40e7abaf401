import Database from 'libsql';

/** What SQLite was asked in this process since the counting began. */
export interface SqliteCounts {
  statements: number;
  /** Transactions and single changes that were brought to the disk before they were answered. */
  durable: number;
  /** How often each statement was executed. */
  readonly texts: Map<string, number>;
}

interface Executed {
  readonly run: (...parameters: unknown[]) => unknown;
  readonly all: (...parameters: unknown[]) => unknown;
}

const CHANGE = /^\s*(?:insert|update|delete|with .* (?:insert|update|delete))\b/is;

/** Counts for databases that are opened after it, until `stop`. */
export function countSqlite(): { readonly counts: SqliteCounts; stop(): void } {
  const counts: SqliteCounts = { statements: 0, durable: 0, texts: new Map() };
  const prepare = Database.prototype.prepare;
  const prototype: { prepare(this: Database.Database, text: string): unknown } = Database.prototype;
  /** Connections whose commits do not wait for the disk now, and those in a transaction. */
  const unsynced = new WeakSet<object>();
  const open = new WeakSet<object>();
  const executed = (database: object, text: string) => {
    counts.statements += 1;
    counts.texts.set(text, (counts.texts.get(text) ?? 0) + 1);
    const ends = /^\s*commit/i.test(text) || (CHANGE.test(text) && !open.has(database));
    if (ends && !unsynced.has(database)) counts.durable += 1;
    if (/^\s*begin/i.test(text)) open.add(database);
    if (/^\s*(?:commit|rollback)/i.test(text)) open.delete(database);
  };
  prototype.prepare = function counted(text: string) {
    const statement = prepare.call(this, text);
    const level = /^pragma synchronous = (\w+)/.exec(text)?.[1];
    if (level === 'NORMAL') unsynced.add(this);
    if (level === 'FULL') unsynced.delete(this);
    const { run, all } = statement as unknown as Executed;
    const around =
      (act: (...parameters: unknown[]) => unknown) =>
      (...parameters: unknown[]) => {
        executed(this, text);
        return act.apply(statement, parameters);
      };
    return Object.assign(statement, { run: around(run), all: around(all) });
  };
  return {
    counts,
    stop: () => {
      Database.prototype.prepare = prepare;
    },
  };
}
