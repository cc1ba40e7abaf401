import { hexSha256 } from '../../../core/digest/sha256.ts';

/** Hex SHA-256 of a value that is only ever compared, never shown. */
export function valueHash(value: string): string {
  return hexSha256(value);
}
