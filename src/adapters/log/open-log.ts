import { pino } from 'pino';
import type { LogConfig } from '../../config/parts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { openLogFiles } from './log-files.ts';
import { createLog } from './pino-log.ts';

interface OpenedLog {
  readonly log: Log;
  close(): void;
}

/**
 * The log of one part, for example `sp-worker`: what the caller gives, standard output, or files that are kept for
 * the configured days.
 * @throws JitsuinError `config.invalid` where the folder cannot be used
 */
export function openLog(part: string, config: LogConfig, clock: Clock, given?: Log): OpenedLog {
  const { level, directory, days } = config;
  if (given !== undefined) return { log: given, close: () => undefined };
  if (directory === undefined) return { log: createLog({ role: part, level }), close: () => undefined };
  const instead = pino.destination({ dest: 1, sync: true });
  instead.on('error', () => undefined);
  const files = openLogFiles({
    part,
    directory,
    days,
    clock,
    instead,
    notDeleted: (count) => log.warn('log.not-deleted', { count }),
  });
  const log = createLog({ role: part, level, destination: files });
  return { log, close: files.close };
}
