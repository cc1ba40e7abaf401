import type { AlarmingEvent } from '../core/alarms.ts';
import { asJitsuinError } from '../core/errors.ts';
import type { Log } from '../ports/log.ts';

export interface Repetition {
  /** Stops after the round under way. */
  stop(): Promise<void>;
}

/**
 * Runs `round` at once and again `pauseMillis` after each end; a failed round is logged as `failed` and does not stop
 * the others.
 */
export function repeat(
  round: () => Promise<void>,
  pauseMillis: number,
  log: Log,
  failed: AlarmingEvent,
): Repetition {
  let stopped = false;
  let wake: () => void = () => undefined;
  const run = async () => {
    while (!stopped) {
      try {
        await round();
      } catch (thrown) {
        log.error(failed, { code: asJitsuinError(thrown).code });
      }
      if (!stopped) await pause();
    }
  };
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMillis);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await running;
    },
  };
}
