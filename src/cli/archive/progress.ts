import type { CommandIo } from '../command.ts';

const EVERY = 500;

/** Count, rate and time left of a long piece of work, on a terminal only; one line, written over. */
interface Progress {
  step(judged: number, skipped: number): void;
  end(): void;
}

/**
 * @param total how many there are, known at some time; absent or refused: no time left is said
 * @param word what is done with each
 */
export function showProgress(
  io: CommandIo,
  total: Promise<number> | undefined,
  now: () => number,
  word = 'judged',
): Progress {
  if (!io.isTty) return { step: () => {}, end: () => {} };
  const began = now();
  let last = 0;
  let all: number | undefined;
  let width = 0;
  total?.then(
    (count) => {
      all = count;
    },
    () => {},
  );
  return {
    step: (judged, skipped) => {
      if (now() - last < EVERY) return;
      last = now();
      const line = progressLine(judged, skipped, all, last - began, word);
      io.stderr(`\r${line.padEnd(width)}`);
      width = line.length;
    },
    end: () => {
      if (width > 0) io.stderr(`\r${''.padEnd(width)}\r`);
    },
  };
}

/** @param millis since the beginning */
export function progressLine(
  judged: number,
  skipped: number,
  total: number | undefined,
  millis: number,
  word = 'judged',
): string {
  const rate = perSecond(judged, millis);
  const done = judged + skipped;
  const of = total === undefined ? '' : ` of ${total}`;
  const left = total === undefined || rate === 0 ? '' : `, ${duration((total - done) / rate)} left`;
  return `${done}${of} ${word}, ${rate}/s${left}`;
}

export function perSecond(count: number, millis: number): number {
  return Math.round((count * 1000) / Math.max(1, millis));
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
