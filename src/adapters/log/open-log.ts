import type { LogConfig } from '../../config/parts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { openLogFiles } from './log-files.ts';
import { createLog } from './pino-log.ts';
import { openStandardOutput } from './standard-output.ts';

interface OpenedLog {
  readonly log: Log;
  /** Lines that nothing took, since the process began. */
  dropped(): number;
  close(): void;
}

/**
 * The log of one part, for example `sp-worker`: what the caller gives, standard output, or files that are kept for
 * the configured days.
 * @throws JitsuinError `config.invalid` where the folder cannot be used
 */
export function openLog(part: string, config: LogConfig, clock: Clock, given?: Log): OpenedLog {
  const { level, directory, days } = config;
  if (given !== undefined) return { log: given, dropped: () => 0, close: () => undefined };
  const output = openStandardOutput();
  const { dropped } = output;
  if (directory === undefined) {
    const log = createLog({ role: part, level, destination: output });
    return { log, dropped, close: tellDropped(log, dropped) };
  }
  const files = openLogFiles({
    part,
    directory,
    days,
    clock,
    instead: output,
    notDeleted: (count) => log.warn('log.not-deleted', { count }),
  });
  const log = createLog({ role: part, level, destination: files });
  const stop = tellDropped(log, dropped);
  const close = () => {
    stop();
    files.close();
  };
  return { log, dropped, close };
}

const TELL_EVERY = 10_000;

/** Says how many lines were dropped since the process began, whenever there are more. Gives what ends it. */
function tellDropped(log: Log, dropped: () => number): () => void {
  let told = 0;
  const tell = () => {
    const now = dropped();
    if (now === told) return;
    log.warn('log.lines-dropped', { count: now });
    // where that line was dropped at once, it is told again
    if (dropped() === now) told = now;
  };
  const telling = setInterval(tell, TELL_EVERY).unref();
  return () => clearInterval(telling);
}
