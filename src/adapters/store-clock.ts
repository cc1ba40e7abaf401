import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { systemClock } from './clock.ts';
import { repeat } from './repeat.ts';
import { databaseTime } from './store/upkeep/database-time.ts';

/**
 * Our clock beside that of the database, which all processes have in common: leases, deadlines and turns are instants
 * that one process writes and another reads.
 */
export interface StoreClock {
  /** Whether this process may take work. */
  isRight(): boolean;
  /** @throws JitsuinError `clock.off` */
  require(): Promise<void>;
  stop(): Promise<void>;
}

/** Time servers keep machines within a second; a third of a lease does no harm. Milliseconds. */
const MOST_APART = 10_000;
const PAUSE = 10_000;

interface StoreClockOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The database's time, milliseconds; undefined where there is none but ours. */
  databaseTime(): Promise<number | undefined>;
  /** Milliseconds between two looks. */
  readonly pauseMillis?: number;
}

/**
 * Looks once before it gives itself, then every ten seconds. A database that does not answer is no word about a clock.
 */
export async function openStoreClock(options: StoreClockOptions): Promise<StoreClock> {
  const { clock, log, databaseTime, pauseMillis = PAUSE } = options;
  let apart = 0;
  const look = async () => {
    const before = clock.now();
    const theirs = await databaseTime();
    const after = clock.now();
    if (theirs === undefined || !Number.isFinite(theirs)) return;
    const was = apart;
    // however long the answer took: what is certain
    apart = before > theirs ? before - theirs : Math.min(0, after - theirs);
    if (isOff(apart))
      log.error('clock.off', { code: 'clock.off', durationMillis: Math.round(Math.abs(apart)) });
    else if (isOff(was)) log.info('clock.right-again');
  };
  await look().catch(asJitsuinError);
  const repetition = repeat(() => look().catch(() => undefined), pauseMillis, log, 'clock.off');
  return {
    isRight: () => !isOff(apart),
    require: async () => {
      if (isOff(apart)) throw clockOff(apart);
    },
    stop: repetition.stop,
  };
}

/** The clock of the system alone is compared: one that is given is a test's. */
export function openStoreClockOf(
  store: Parameters<typeof databaseTime>[0],
  clock: Clock,
  log: Log,
): Promise<StoreClock> {
  const ask = async () => (clock === systemClock ? databaseTime(store) : undefined);
  return openStoreClock({ clock, log, databaseTime: ask });
}

function isOff(apart: number): boolean {
  return Math.abs(apart) > MOST_APART;
}

function clockOff(apart: number): JitsuinError {
  const seconds = Math.round(Math.abs(apart) / 1_000);
  return new JitsuinError(
    'clock.off',
    `This machine's clock is ${seconds} s ${apart > 0 ? 'ahead of' : 'behind'} the database's; at most ` +
      `${MOST_APART / 1_000} s are allowed, and no work is taken. Mend the time service (NTP) of the machine that is ` +
      'wrong.',
  );
}
