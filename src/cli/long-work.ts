import type { Step } from '../core/step.ts';
import type { CommandIo } from './command.ts';
import { showProgress } from './progress.ts';

interface LongWork {
  /** What is done with each, for example "walked". */
  readonly word: string;
  readonly json: boolean;
  /** What holds after Ctrl-C and how to go on, for example "Nothing was moved; run it again." */
  readonly stopped: string;
}

/** A synchronous database never lets a signal or a timer through: so often the work stands aside for them; ms. */
const ASIDE = 100;

/**
 * Work that may take longer than two seconds: it tells `step` of what it does, shows how far it is, and ends at its
 * next step after Ctrl-C, which is told.
 * @returns undefined where it was stopped: the command ends with 3
 */
export async function longWork<T>(
  io: CommandIo,
  { word, json, stopped }: LongWork,
  work: (step: Step) => Promise<T>,
): Promise<T | undefined> {
  const progress = showProgress(io, { word, json });
  let done = 0;
  let aside = Date.now();
  let ended = false;
  const step: Step = async (more) => {
    done += more;
    progress.step(done, 0);
    if (Date.now() - aside >= ASIDE) {
      await new Promise((again) => setImmediate(again));
      aside = Date.now();
    }
    if (!io.signal.aborted) return;
    ended = true;
    throw new Error('stopped');
  };
  try {
    return await work(step);
  } catch (thrown) {
    if (!ended) throw thrown;
    progress.end();
    io.stderr(`Stopped after ${done} ${word}. ${stopped}\n`);
    return undefined;
  } finally {
    progress.end();
  }
}
