import type { EpochMillis } from '../core/brand.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import { HOUR_MILLIS } from '../core/spans.ts';
import type { Clock } from '../ports/clock.ts';
import type { LeaseStore } from '../ports/lease-store.ts';
import type { WaitingStore } from '../ports/waiting-store.ts';

interface WaitingRoomPorts {
  readonly waiting: WaitingStore;
  readonly leases: Pick<LeaseStore, 'takePermit'>;
  readonly clock: Clock;
  /** Name of the service, by which its permits are shared. */
  readonly service: string;
  /** Calls to it a second. */
  readonly rate: number;
}

/** `turn`: go on now. `nobody`: it has no place. Else so many are before it, and about so many seconds are left. */
export type Turn =
  | { readonly kind: 'turn' | 'nobody' }
  | { readonly kind: 'waits'; readonly ahead: number; readonly seconds: number };

/**
 * Where citizens wait when the service's rate is full. A place belongs to the application, not to a connection: a
 * reload, a sleeping device or another process keep it. Nobody is let in whose code could not be exchanged in time.
 */
export interface WaitingRoom {
  /** Whether who comes now has to wait: permits are given out too far ahead, or others wait. */
  isFull(): Promise<boolean>;
  enter(application: Pick<Application, 'id' | 'tenant'>): Promise<void>;
  /** Its turn; asked again every few seconds. `look`: without going in. */
  turn(application: Pick<Application, 'id'>, look?: 'look'): Promise<Turn>;
  leave(application: Pick<Application, 'id'>): Promise<void>;
}

/** A page asks so often. */
export const ASK_MILLIS = 5_000;
/** Who has not asked for so long (a sleeping device) holds nobody up, and keeps the place. */
const ASLEEP_MILLIS = 4 * ASK_MILLIS;
/** So long a place is kept for a page that does not ask. */
export const PLACE_KEPT = HOUR_MILLIS;
/** Calls of one citizen who is let in: start, exchange of the code, result; spaced by a tenth more than the rate. */
const CALLS = 3 * 1.1;
/** Permits further ahead than this: the rate is full. */
const FULL_MILLIS = 2_000;
/** Turns may be taken so far ahead, since pages ask every few seconds only. */
const BURST_MILLIS = 1_000;
/** Whether the room is full is looked up so often in each process. */
const LOOK_MILLIS = 500;

export function createWaitingRoom({ waiting, leases, clock, service, rate }: WaitingRoomPorts): WaitingRoom {
  const interval = (1_000 * CALLS) / rate;
  /** So many are let in between two questions of a page: the first of them may go, whoever asks first. */
  const first = Math.ceil(ASK_MILLIS / interval) + 1;
  let looked = { at: Number.NEGATIVE_INFINITY, full: false };
  const before = (now: number, millis: number) => (now - millis) as EpochMillis;

  async function look(now: EpochMillis): Promise<boolean> {
    if ((await waiting.permitsAhead(service, now)) > FULL_MILLIS) return true;
    return (await waiting.size(before(now, ASLEEP_MILLIS))) > 0;
  }

  return {
    isFull: async () => {
      const now = clock.now();
      if (Math.abs(now - looked.at) >= LOOK_MILLIS) looked = { at: now, full: await look(now) };
      return looked.full;
    },
    enter: async ({ id, tenant }) => {
      await waiting.enter({ application: id, tenant, now: clock.now() });
      looked = { at: clock.now(), full: true };
    },
    turn: async ({ id }, only) => {
      const now = clock.now();
      const ahead = await waiting.ahead(id, now, before(now, ASLEEP_MILLIS));
      if (ahead === undefined) return { kind: 'nobody' };
      const backlog = await waiting.permitsAhead(service, now);
      const mayGo = ahead < first && backlog <= FULL_MILLIS;
      if (mayGo && only === 'look') return { kind: 'turn' };
      if (
        mayGo &&
        (await leases.takePermit(`admission:${service}`, now, interval, BURST_MILLIS)) !== undefined
      )
        return { kind: 'turn' };
      return { kind: 'waits', ahead, seconds: Math.round((backlog + (ahead + 1) * interval) / 1_000) };
    },
    leave: ({ id }) => waiting.leave(id),
  };
}
