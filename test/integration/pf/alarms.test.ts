import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { createRevocationWatch } from '../../../src/verification/revocation/revocation-watch.ts';
import type { RevocationResult } from '../../../src/verifier/revocation/revocation-types.ts';
import type { RevocationNeed } from '../../../src/verifier/validation-types.ts';
import { KeptLog, type PfWorld, SharedClock, startPfWorld, submissionOf } from '../../support/pf-world.ts';

let world: PfWorld;
beforeAll(async () => {
  world = await startPfWorld();
});
afterAll(() => world.close());

const until = async (done: () => boolean | Promise<boolean>) => {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('a clock that is more than 60 s off the source’s (K14)', () => {
  it.each([61_000, -61_000, 3_600_000])(
    'by %i ms: alarm, no verdict; set right, the verdict comes',
    async (off) => {
      await world.stopWorker();
      world.log.lines.length = 0;
      world.source.clockOff = off;
      const alpha = world.service('alpha');
      const { id } = await alpha.submit(await submissionOf(world));
      await world.startWorker();
      await until(() => world.log.lines.some((line) => line.includes('"clock.off"')));
      expect((await alpha.status(id)).state).toBe('received');
      world.source.clockOff = 0;
      world.clock.millis += 60_000;
      await until(async () => (await alpha.status(id)).state !== 'received');
      expect((await alpha.status(id)).result).toBe('OK');
    },
  );

  it('by 58 s: the verdict comes at once', async () => {
    world.source.clockOff = 58_000;
    world.log.lines.length = 0;
    const alpha = world.service('alpha');
    const { id } = await alpha.submit(await submissionOf(world));
    await until(async () => (await alpha.status(id)).state !== 'received');
    expect((await alpha.status(id)).result).toBe('OK');
    expect(world.log.lines.join('')).not.toContain('clock.off');
    world.source.clockOff = 0;
  });
});

describe('the watch over revocation data (K11)', () => {
  const DAY = 86_400_000;
  const need = (name: number) => ({ distributionPoints: [Uint8Array.of(name)] }) as object as RevocationNeed;
  const good = (thisUpdate: number): RevocationResult => ({
    status: 'good',
    source: {
      method: 'CRL',
      thisUpdate: thisUpdate as EpochMillis,
      nextUpdate: (thisUpdate + DAY) as EpochMillis,
      sha256: '',
    },
  });

  it('alarms from 80 % of the life of the newest data on, for each point, until newer data comes', () => {
    const clock = new SharedClock();
    const log = new KeptLog();
    const watch = createRevocationWatch(clock, log);
    const start = clock.millis;
    watch.record([good(start), good(start - DAY / 2)], [need(1), need(2)]);
    clock.millis = start + 0.29 * DAY;
    expect(watch.check()).toBe(0);
    clock.millis = start + 0.31 * DAY;
    expect(watch.check()).toBe(1);
    clock.millis = start + 0.81 * DAY;
    expect(watch.check()).toBe(2);
    watch.record([good(start - DAY)], [need(1)]);
    expect(watch.check()).toBe(2);
    watch.record([good(start + 0.8 * DAY)], [need(1)]);
    expect(watch.check()).toBe(1);
    expect(log.lines.length).toBe(4);
    expect(log.lines.at(-1)).toContain('"code":"revocation.ageing","count":1');
  });

  it('is not moved by what could not be decided, or by OCSP', () => {
    const clock = new SharedClock();
    const watch = createRevocationWatch(clock, new KeptLog());
    const open: RevocationResult = { status: 'indeterminate', code: 'revocation.signature', detail: '' };
    const ocsp = good(clock.millis);
    if (ocsp.status !== 'good') throw new Error('good');
    watch.record([open, { ...ocsp, source: { ...ocsp.source, method: 'OCSP' } }], [need(1), need(2)]);
    clock.millis += 2 * DAY;
    expect(watch.check()).toBe(0);
  });
});
