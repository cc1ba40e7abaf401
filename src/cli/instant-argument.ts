import type { EpochMillis } from '../core/brand.ts';
import { UsageError } from './command.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** `--at TIME`; now when it is not given. @throws UsageError */
export function instantOption(text: string | undefined): EpochMillis {
  if (text === undefined) return Date.now() as EpochMillis;
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new UsageError(
      `--at ${text} is not an instant with its time zone, for example 2026-11-22T09:00:00+09:00.`,
    );
  }
  return instant as EpochMillis;
}
