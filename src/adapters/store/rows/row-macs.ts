import { JitsuinError } from '../../../core/errors.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import { MAC_TABLES, type MacTableName } from './mac-tables.ts';

/** What a column of a row can hold. */
export type ColumnValue = string | number | Uint8Array | null;

export type MacedRow = Readonly<Record<string, unknown>>;

const VERSION = 1;

/**
 * The MACs of rows, under a key derived from the seal key. The MAC of a row is over the table's name, the version
 * of this form, and every column that is not null with its name: clear ones with their value, sealed ones with no
 * more than that they are there (their octets are authenticated by themselves, and may be sealed again under
 * another key).
 */
export interface RowMacs {
  /** The row with its MAC. */
  sealed<T extends object>(table: MacTableName, row: T): T & { readonly mac: Uint8Array };
  /** The whole row as it was read, once it is ours. @throws JitsuinError `seal.integrity`, `key.not-found` */
  checked<T extends object>(table: MacTableName, row: T): T;
  /** Whether the row is ours. @throws JitsuinError `key.not-found` */
  isSound(table: MacTableName, row: object): boolean;
  /** Nothing can be checked here, and nothing is believed. */
  readonly closed: boolean;
}

export function rowMacs(sealer: Sealer): RowMacs {
  const closed = sealer.closed === true;
  const isSound = (table: MacTableName, row: object) => {
    if (closed) return true;
    const mac = (row as MacedRow)['mac'];
    return mac instanceof Uint8Array && sealer.isMac(rowText(table, row as MacedRow), mac);
  };
  return {
    closed,
    isSound,
    sealed: (table, row) => Object.assign({}, row, { mac: sealer.mac(rowText(table, row as MacedRow)) }),
    checked: (table, row) => {
      if (isSound(table, row)) return row;
      throw brokenRow(table);
    },
  };
}

/** The name of the table alone: a key may be a person's. */
export function brokenRow(table: string): JitsuinError {
  const message = `A row of ${table} was changed, moved or added by somebody else than this program.`;
  return new JitsuinError('seal.integrity', message, { at: table });
}

/** One text for one row: JSON of version, table and sorted columns; octets are told from text by their shape. */
export function rowText(table: MacTableName, row: MacedRow): string {
  const parts: unknown[] = ['jitsuin row', VERSION, MAC_TABLES[table].was ?? table];
  for (const column of boundColumns(table, row)) {
    const value = row[column];
    if (value === null || value === undefined) continue;
    parts.push(column, column.startsWith('sealed_') ? true : plainValue(value));
  }
  return JSON.stringify(parts);
}

function plainValue(value: unknown): unknown {
  return value instanceof Uint8Array ? [Buffer.from(value).toString('base64')] : value;
}

const columnsKnown = new Map<string, readonly string[]>();

/** Sorted names; kept for the next row of the same columns. */
function boundColumns(table: MacTableName, row: MacedRow): readonly string[] {
  const names = Object.keys(row);
  const id = `${table} ${names.join()}`;
  const known = columnsKnown.get(id);
  if (known !== undefined) return known;
  const { free = [] } = MAC_TABLES[table];
  const bound = names.filter((name) => name !== 'mac' && !free.includes(name)).sort();
  columnsKnown.set(id, bound);
  return bound;
}
