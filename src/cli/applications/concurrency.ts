import { UsageError } from '../command.ts';

const MOST = 32;

/** @throws UsageError for what is no whole number from 1 to 32 */
export function concurrencyOf(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MOST) return value;
  throw new UsageError(`--concurrency must be a whole number from 1 to ${MOST}.`);
}
