import { describe, expect, it } from 'vitest';
import { JitsuinError } from '../../../src/core/errors.ts';
import { readiness } from '../../../src/http/health.ts';

const down = () => Promise.reject(new JitsuinError('store.unavailable', 'The database is read-only.'));
const works = () => Promise.resolve();
const never = () => new Promise<void>(() => undefined);

describe('ready means that it can do the work', () => {
  it('a check that fails says why: the code to anybody, a sentence to operators', async () => {
    const judge = readiness({ store: down, queue: works });
    expect(await judge('anybody')).toEqual([
      { name: 'store', ok: false, reason: 'store.unavailable' },
      { name: 'queue', ok: true },
    ]);
    expect((await judge('operator'))[0]?.reason).toBe('store.unavailable: The database is read-only.');
  });

  it('tells nothing of what is not ours', async () => {
    const judge = readiness({ store: () => Promise.reject(new Error('secret of a driver')) });
    expect(JSON.stringify(await judge('operator'))).not.toContain('secret');
  });

  it('is asked once, however many ask, and not again within a second', async () => {
    let asked = 0;
    let now = 0;
    const probe = async () => {
      asked += 1;
    };
    const judge = readiness({ probe }, () => now);
    await Promise.all([judge('anybody'), judge('anybody'), judge('anybody')]);
    await judge('anybody');
    expect(asked).toBe(1);
    now += 1_000;
    await judge('anybody');
    expect(asked).toBe(2);
  });

  it('what is slow under load and worked a moment ago stays ready; what never answers does not', async () => {
    let now = 0;
    let probe = works;
    const judge = readiness({ store: () => probe() }, () => now);
    await judge('anybody');
    probe = never;
    now += 10_000;
    expect(await judge('anybody')).toEqual([{ name: 'store', ok: true }]);
    now += 20_000;
    expect(await judge('anybody')).toEqual([{ name: 'store', ok: false, reason: 'no-answer' }]);
  });

  it('a wait in a queue of ours that ended in a time-out is slow, not broken', async () => {
    let now = 0;
    let fails = false;
    const judge = readiness(
      {
        store: () => {
          if (!fails) return works();
          now += 10_000;
          return down();
        },
      },
      () => now,
    );
    await judge('anybody');
    fails = true;
    now += 1_000;
    expect((await judge('anybody'))[0]?.ok).toBe(true);
    now += 20_000;
    expect((await judge('anybody'))[0]).toMatchObject({ ok: false, reason: 'store.unavailable' });
  });
});
