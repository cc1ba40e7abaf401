import { describe, expect, it } from 'vitest';
import type { ApplicationId, EpochMillis, TenantId } from '../../../src/core/brand.ts';
import type { LeaseStore } from '../../../src/ports/lease-store.ts';
import type { WaitingStore } from '../../../src/ports/waiting-store.ts';
import { ASK_MILLIS, createWaitingRoom } from '../../../src/rp/waiting-room.ts';
import { FakeClock } from '../../support/fakes.ts';

const of = (id: string, tenant = 't') => ({ id: id as ApplicationId, tenant: tenant as TenantId });

/** A line in memory: `before` says who is before whom, as the store's test does for the real one. */
function room({ rate = 20 } = {}) {
  const clock = new FakeClock();
  const state = {
    backlog: 0,
    ahead: new Map<string, number>(),
    permits: 100,
    asked: 0,
    entered: [] as string[],
  };
  const waiting: WaitingStore = {
    enter: async ({ application }) => void state.entered.push(application),
    ahead: async (id) => state.ahead.get(id),
    leave: async (id) => void state.ahead.delete(id),
    size: async () => {
      state.asked += 1;
      return state.ahead.size;
    },
    permitsAhead: async () => state.backlog,
    purge: async () => 0,
  };
  const taken: { name: string; interval: number }[] = [];
  const leases: Pick<LeaseStore, 'takePermit'> = {
    takePermit: async (name: string, now: EpochMillis, interval: number) => {
      taken.push({ name, interval });
      state.permits -= 1;
      return state.permits < 0 ? undefined : now;
    },
  };
  return { room: createWaitingRoom({ waiting, leases, clock, service: 's', rate }), state, taken, clock };
}

describe('the waiting room', () => {
  it('is off while permits are near and nobody waits; a process asks twice a second at most', async () => {
    const { room: one, state, clock } = room();
    for (let n = 0; n < 10; n += 1) expect(await one.isFull()).toBe(false);
    expect(state.asked).toBe(1);
    state.backlog = 2_500;
    expect(await one.isFull()).toBe(false);
    clock.advance(501);
    expect(await one.isFull()).toBe(true);
  });

  it('is full while somebody waits, so that nobody overtakes', async () => {
    const { room: one, state } = room();
    state.ahead.set('a', 0);
    expect(await one.isFull()).toBe(true);
  });

  it('who never pressed the button has no place', async () => {
    expect(await room().room.turn(of('x'))).toEqual({ kind: 'nobody' });
  });

  it('lets in by a third of the rate: start, code and result of each fit', async () => {
    const { room: one, state, taken } = room({ rate: 33 });
    state.ahead.set('a', 0);
    expect(await one.turn(of('a'))).toEqual({ kind: 'turn' });
    expect(taken).toEqual([{ name: 'admission:s', interval: expect.closeTo(100, 5) }]);
  });

  it('lets nobody in while permits are far ahead, and says the time honestly', async () => {
    const { room: one, state, taken } = room({ rate: 33 });
    state.ahead.set('a', 0);
    state.backlog = 4_000;
    expect(await one.turn(of('a'))).toEqual({ kind: 'waits', ahead: 0, seconds: 4 });
    state.ahead.set('z', 1_199);
    expect(await one.turn(of('z'))).toEqual({ kind: 'waits', ahead: 1_199, seconds: 124 });
    expect(taken).toEqual([]);
  });

  it('only the first may go: as many as are let in before a page asks again', async () => {
    const { room: one, state, taken } = room({ rate: 33 });
    const first = ASK_MILLIS / 100 + 1;
    state.ahead.set('in', first - 1);
    state.ahead.set('out', first);
    expect((await one.turn(of('in'))).kind).toBe('turn');
    expect((await one.turn(of('out'))).kind).toBe('waits');
    state.permits = 0;
    expect((await one.turn(of('in'))).kind).toBe('waits');
    expect(taken.length).toBe(2);
  });

  it('a look takes no turn', async () => {
    const { room: one, state, taken } = room();
    state.ahead.set('a', 0);
    expect(await one.turn(of('a'), 'look')).toEqual({ kind: 'turn' });
    expect(taken).toEqual([]);
  });
});
