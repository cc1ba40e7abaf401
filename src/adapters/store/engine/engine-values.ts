import { JitsuinError } from '../../../core/errors.ts';

const UNSTORABLE = /[\0\p{Surrogate}]/u;

/**
 * Parameters as both engines take them: text, finite numbers, bigint, null and octets. libsql 0.5 aborts the whole
 * process on a boolean and cuts text at NUL; both engines turn a lone surrogate into U+FFFD. None of that may happen.
 * @throws JitsuinError `store.value` for such text, `internal.unexpected` for a type that no column has
 */
export function checkedParameters(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => {
    if (typeof value === 'string') return checkedText(value);
    if (value === null || value instanceof Uint8Array || typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw new JitsuinError('internal.unexpected', `A ${typeof value} is no value of a column.`);
  });
}

function checkedText(text: string): string {
  if (UNSTORABLE.test(text)) {
    throw new JitsuinError('store.value', 'Text with NUL or a lone surrogate cannot be stored unchanged.');
  }
  return text;
}

/** A row as it came from the engine, with octets as Uint8Array (libsql gives ArrayBuffer, pg gives Buffer). */
export function plainRow(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  for (const [column, value] of Object.entries(row)) {
    if (value instanceof ArrayBuffer) Object.assign(row, { [column]: new Uint8Array(value) });
    else if (Buffer.isBuffer(value)) Object.assign(row, { [column]: new Uint8Array(value) });
  }
  return row;
}
