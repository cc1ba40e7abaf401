import { afterEach, describe, expect, it } from 'vitest';
import { openStoreClock, type StoreClock } from '../../../src/adapters/store-clock.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';

const opened: StoreClock[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.stop())));

/** A process whose clock is so far from the database's, whose answer takes so long. */
async function process(apart: number, { takes = 0, away = false } = {}) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const database = { apart, away };
  const storeClock = await openStoreClock({
    clock,
    log,
    pauseMillis: 5,
    databaseTime: async () => {
      if (database.away) throw new Error('away');
      const theirs = clock.now() - database.apart;
      clock.advance(takes);
      return theirs;
    },
  });
  opened.push(storeClock);
  return { storeClock, log, database };
}

describe('our clock beside the database’s', () => {
  it.each([
    [0, true],
    [9_999, true],
    [-9_999, true],
    [10_001, false],
    [-10_001, false],
    [-3_600_000, false],
  ])('%i ms apart: takes work %s', async (apart, right) => {
    const { storeClock, log } = await process(apart);
    expect(storeClock.isRight()).toBe(right);
    if (right) await storeClock.require();
    else await expect(storeClock.require()).rejects.toMatchObject({ code: 'clock.off' });
    expect(log.lines.some(({ event }) => event === 'clock.off')).toBe(!right);
  });

  it('an answer that took long is no word against a clock', async () => {
    expect((await process(0, { takes: 60_000 })).storeClock.isRight()).toBe(true);
    expect((await process(-9_000, { takes: 60_000 })).storeClock.isRight()).toBe(true);
  });

  it('a database that is away is none either; one that comes back is asked again', async () => {
    const { storeClock, log, database } = await process(60_000, { away: true });
    expect(storeClock.isRight()).toBe(true);
    database.away = false;
    await expect.poll(() => storeClock.isRight()).toBe(false);
    database.apart = 0;
    await expect.poll(() => storeClock.isRight()).toBe(true);
    expect(log.lines.at(-1)?.event).toBe('clock.right-again');
  });

  it('without a database of its own there is nothing to compare', async () => {
    const storeClock = await openStoreClock({
      clock: new FakeClock(),
      log: new FakeLog(),
      databaseTime: async () => undefined,
    });
    opened.push(storeClock);
    expect(storeClock.isRight()).toBe(true);
  });
});
