import { createHash } from 'node:crypto';

/** Hex SHA-256 of a value that is only ever compared, never shown. */
export function valueHash(value: string): string {
  return createHash('sha256').update(value, 'utf8').digest('hex');
}
