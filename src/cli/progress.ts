import type { CommandIo } from './command.ts';

/** Between two changes of the line on a terminal, and between two lines elsewhere; ms. */
const EVERY = 500;
const EVERY_ELSEWHERE = 10_000;

/**
 * Count, rate and time left of a long piece of work: one line on a terminal, written over; elsewhere a line every ten
 * seconds.
 */
interface Progress {
  step(done: number, skipped: number): void;
  end(): void;
}

interface Shown {
  /** What is done with each, for example "judged". */
  readonly word: string;
  /** How many there are, known at some time; absent or refused: no time left is said. */
  readonly total?: Promise<number>;
  /** The answer is for a program: nothing is shown. */
  readonly json?: boolean;
}

export function showProgress(io: CommandIo, { word, total, json = false }: Shown): Progress {
  if (json) return { step: () => {}, end: () => {} };
  const began = Date.now();
  let now = { done: 0, skipped: 0 };
  let last = io.isTty ? 0 : began;
  let all: number | undefined;
  let width = 0;
  total?.then(
    (count) => {
      all = count;
    },
    () => {},
  );
  const show = () => {
    last = Date.now();
    const line = progressLine(now.done, now.skipped, all, last - began, word);
    io.stderr(io.isTty ? `\r${line.padEnd(width)}` : `${line}\n`);
    width = line.length;
  };
  const every = io.isTty ? EVERY : EVERY_ELSEWHERE;
  const due = () => {
    if (Date.now() - last >= every) show();
  };
  // also where one part takes long: the line says that it goes on
  const timer = setInterval(due, every);
  timer.unref();
  return {
    step: (done, skipped) => {
      now = { done, skipped };
      due();
    },
    end: () => {
      clearInterval(timer);
      if (io.isTty && width > 0) io.stderr(`\r${''.padEnd(width)}\r`);
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
