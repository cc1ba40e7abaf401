import type { CreateTableBuilder, Kysely } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';

/**
 * The migration set sees no schema type: it is what makes the schema, step by step, and never changes once
 * released.
 */
export type AnyDb = Kysely<unknown>;

export type Table = CreateTableBuilder<string, string>;

export function blobType(engine: StoreEngine) {
  return engine === 'postgres' ? ('bytea' as const) : ('blob' as const);
}

export function withColumns(
  table: Table,
  columns: readonly string[],
  type: 'text' | 'bigint' | 'bytea' | 'blob',
  nullable: boolean,
): Table {
  return columns.reduce<Table>(
    (built, column) => built.addColumn(column, type, (c) => (nullable ? c : c.notNull())),
    table,
  );
}

export function textKeyTable(db: AnyDb, name: string): Table {
  return db.schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey().notNull());
}
