import { type ErrorCode, JitsuinError } from '../../../core/errors.ts';
import { postgresFault } from './postgres-fault.ts';
import { hostNames } from './postgres-hosts.ts';

const FULL = /^(?:SQLITE_FULL|53100)/;
const CONFLICT = /^(?:SQLITE_CONSTRAINT|23)/;
const MIGRATION = /^(?:42P01|42703|3F000)$/;
const UNAVAILABLE = new RegExp(
  `^(?:${[
    'SQLITE_(?:BUSY|LOCKED|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|NOMEM)',
    '08|53|57|40|55P03|55000|54000|25006|25P03|28|3D|42501',
    'E(?:CONN|HOST|NET|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND)',
  ].join('|')})`,
);
const CONNECTION_WORDS = new RegExp(
  [
    'connection terminated|connection failed|ConnectionFailed|connection is not open|not queryable',
    'timeout exceeded|read timeout|after calling end|driver has already been destroyed',
  ].join('|'),
  'i',
);

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  'store.full': 'The disk of the database is full.',
  'store.conflict': 'The record is already there, or it has been changed by somebody else.',
  'store.migration': 'The database schema is behind this program: run "jitsuin migrate".',
  'store.unavailable': 'The database cannot be used now.',
  'internal.unexpected': 'The database refused a statement.',
};

/** Any failure of an engine as a JitsuinError. The engine's own text may hold values, so only its code is kept. */
export function storeError(thrown: unknown): JitsuinError {
  if (thrown instanceof JitsuinError) return thrown;
  const engineCode = codeOf(thrown);
  const code = classify(engineCode, thrown instanceof Error ? thrown.message : '');
  const meaning = postgresFault(thrown);
  const said = `database error ${engineCode === '' ? '(no code)' : engineCode}`;
  const cause = new EngineFault(said, meaning);
  return new JitsuinError(code, MESSAGES[code] ?? 'The database failed.', { cause });
}

/** What an engine refused, without its own text. */
class EngineFault extends Error {
  /** In our words; undefined where it is not known. */
  readonly meaning: string | undefined;

  constructor(said: string, meaning: string | undefined) {
    super(meaning === undefined ? said : `${said}: ${meaning}`);
    this.meaning = meaning;
  }
}

/** A failure to open, where who reads may be told which of password, name, right, way or server it is. */
export function openingError(thrown: unknown, url: string | undefined): JitsuinError {
  const error = storeError(thrown);
  const meaning = error.cause instanceof EngineFault ? error.cause.meaning : undefined;
  if (meaning === undefined || url === undefined) return error;
  const code = error.code === 'internal.unexpected' ? 'store.unavailable' : error.code;
  const hosts = hostNames(url);
  const where = hosts === '' ? '' : ` (${hosts})`;
  return new JitsuinError(code, `${meaning}${where}`, { at: 'DATABASE_URL', cause: error.cause });
}

/** Runs one operation of the store with its failures mapped. */
export async function guarded<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (thrown) {
    throw storeError(thrown);
  }
}

/**
 * The engine or its disk fails, whatever was asked of it; not so where PostgreSQL only wants the transaction to be
 * made again.
 */
export function isOutage(thrown: unknown): boolean {
  const { code } = storeError(thrown);
  return (code === 'store.unavailable' || code === 'store.full') && !/^40/.test(codeOf(thrown));
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function classify(engineCode: string, message: string): ErrorCode {
  if (FULL.test(engineCode)) return 'store.full';
  if (CONFLICT.test(engineCode)) return 'store.conflict';
  if (MIGRATION.test(engineCode) || message.startsWith('no such table')) return 'store.migration';
  if (UNAVAILABLE.test(engineCode) || CONNECTION_WORDS.test(message)) return 'store.unavailable';
  return 'internal.unexpected';
}
