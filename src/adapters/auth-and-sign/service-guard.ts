import { setTimeout as pause } from 'node:timers/promises';
import type { EpochMillis } from '../../core/brand.ts';
import { JitsuinError, type UpstreamError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../ports/http-client.ts';
import type { LeaseStore } from '../../ports/lease-store.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import { CONNECTIONS_PER_HOST } from '../http-client/http-client.ts';

interface ServiceGuardOptions {
  readonly http: HttpClient;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Name of the service: what processes with the same store and the same name share. */
  readonly name: string;
  /** Requests a second, over all processes. */
  readonly rate: number;
  /** Default: the machine's own. */
  readonly timer?: MonotonicTimer;
}

/** Time that no clock setting moves; milliseconds. */
export interface MonotonicTimer {
  now(): number;
  pause(millis: number): Promise<void>;
}

const SYSTEM_TIMER: MonotonicTimer = {
  now: () => performance.now(),
  pause: async (millis) => void (await pause(millis)),
};

/** During maintenance one request in this time asks whether it is over. */
export const PROBE_MILLIS = 30_000;
/** A request with which a code would be lost may ask so soon after the last one that did. */
export const PATIENT_PROBE_MILLIS = 5_000;
const LOOK_MILLIS = 1_000;
/** Requests that may be sent again by whoever sent them wait no longer than this for their permit. */
const LONGEST_WAIT = 5_000;
/** A code works once, so its exchange and the keys to judge the answer wait longer rather than be turned away. */
const LONGEST_WAIT_ONCE = 12_000;
/**
 * Permits are a little further apart than the rate asks, so that no network brings them together above it: by a tenth,
 * and where many calls even that out, by two calls in a second.
 */
const SPACED_BY = 0.1;
const SPARE_CALLS = 2;
const LEAST_SPARE = 0.02;
/** A timer is late by about so much: calls closer together than that make it up within as much. */
const TIMER_SLACK = 10;
/** So many permits at most are asked for in one statement: what they are worth in time. */
const BATCH_MILLIS = 50;
/** A connection is taken by one call for so long; so many are needed for a rate. */
const ANSWER_MILLIS = 250;
const MOST_CONNECTIONS = 512;

/** Milliseconds between two calls. */
function intervalOf(rate: number): number {
  return (1_000 * (1 + Math.min(SPACED_BY, Math.max(LEAST_SPARE, SPARE_CALLS / rate)))) / rate;
}

/** Connections to one host that a rate (calls a second) needs. */
export function connectionsFor(rate: number): number {
  return Math.min(
    MOST_CONNECTIONS,
    Math.max(CONNECTIONS_PER_HOST, Math.ceil((rate * ANSWER_MILLIS) / 1_000)),
  );
}
/** Who wakes later than this (a busy or stopped process) has missed its permit: the others' permits are now. */
const MISSED = 100;

const TRIPPED = new Uint8Array([1]);
const CLOSED = new Uint8Array([0]);

/**
 * What stands between us and the service, over all processes of a role: at most `rate` requests a second (guideline,
 * 注意事項: mass access is forbidden), evenly spaced, and after a 503 (maintenance) of an endpoint at most one request
 * in 30 seconds to it until one is answered otherwise; a request with which a code would be lost waits, and may ask
 * after 5 seconds. Slots and maintenance are of each endpoint alone: one that hangs or rests holds up no other.
 * What is turned away has not been sent. Errors of its own: `upstream.temporary` with `at` `turn` (too many wait)
 * or `maintenance`.
 */
export function guardService(options: ServiceGuardOptions): HttpClient {
  const breaker = makeBreaker(options);
  const permits = createPermits(options);
  const slots = createSlots(options);
  return {
    send: async (request) => {
      const endpoint = endpointOf(request);
      const pass = await breaker.enter(endpoint, permits.until(request), isPatient(request));
      const leave = await slots.take(endpoint, permits.until(request));
      try {
        await permits.wait(request);
        // no answer is no word about maintenance: a probe without one leaves the breaker open until the next
        const response = await options.http.send(request);
        await breaker.seen(endpoint, pass, response);
        return response;
      } finally {
        leave();
      }
    },
  };
}

/**
 * As many requests at once as there are connections: one that has its permit leaves at once, instead of waiting for a
 * connection behind others and then going in a heap with them when a slow service answers again.
 */
function createSlots(options: ServiceGuardOptions) {
  const slots = new Map<string, ReturnType<typeof slotsOfEndpoint>>();
  return {
    take: (endpoint: string, until: number): Promise<() => void> => {
      const own = slots.get(endpoint) ?? slotsOfEndpoint(options);
      slots.set(endpoint, own);
      return own.take(until);
    },
  };
}

function slotsOfEndpoint({ rate, timer = SYSTEM_TIMER }: ServiceGuardOptions) {
  const waiting: { readonly until: number; go(): void; turnAway(): void }[] = [];
  let free = connectionsFor(rate);

  function leave(): void {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (timer.now() <= next.until) {
        next.go();
        return;
      }
      next.turnAway();
    }
    free += 1;
  }

  return {
    /**
     * Gives what ends the stay. `until`: by the timer; who has waited longer is turned away when the next place is
     * free.
     */
    take: async (until: number): Promise<() => void> => {
      if (free > 0) free -= 1;
      else
        await new Promise<void>((go, reject) => {
          waiting.push({ until, go, turnAway: () => reject(tooMany()) });
        });
      return leave;
    },
  };
}

/**
 * Permits are given out over all processes by the time of day; a process also spaces its own requests by a clock that
 * nobody sets, so that neither a clock step nor a pause of the process lets many go at once.
 */
function createPermits(options: ServiceGuardOptions) {
  const { clock, rate, timer = SYSTEM_TIMER } = options;
  const interval = intervalOf(rate);
  const slack = interval < TIMER_SLACK ? TIMER_SLACK : 0;
  const take = gathered(options, interval);
  let earliest = Number.NEGATIVE_INFINITY;
  let before: Promise<void> = Promise.resolve();

  /** Undefined: the permit was missed. */
  async function permitOf(longest: number): Promise<'now' | undefined> {
    const asked = timer.now();
    const now = clock.now();
    const permit = await take(longest);
    if (permit === undefined) throw tooMany();
    const due = asked + Math.max(0, permit - now);
    if (due > timer.now()) await timer.pause(due - timer.now());
    return timer.now() - due > MISSED ? undefined : 'now';
  }

  /** One after the other, each measured from when the one before it really went. */
  function spaced(): Promise<void> {
    before = before.then(async () => {
      if (earliest > timer.now()) await timer.pause(earliest - timer.now());
      earliest = Math.max(earliest, timer.now() - slack) + interval;
    });
    return before;
  }

  return {
    /** Until when it may wait; by the timer. */
    until: (request: HttpRequest) => timer.now() + longestWait(request),
    wait: async (request: HttpRequest): Promise<void> => {
      const longest = longestWait(request);
      const until = timer.now() + longest;
      while ((await permitOf(longest)) === undefined && timer.now() < until);
      await spaced();
    },
  };
}

type Permit = number | undefined;

/**
 * One statement at a time in each process, for all that ask while one is under way: ten thousand permits a second are
 * more than a store has commits for.
 */
function gathered({ leases, clock, rate, name }: ServiceGuardOptions, interval: number) {
  const most = Math.max(1, Math.floor((rate * BATCH_MILLIS) / 1_000));
  const asking = new Map<number, { give(permit: Permit): void; fail(thrown: unknown): void }[]>();

  async function take(longest: number): Promise<void> {
    for (let all = asking.get(longest); all !== undefined && all.length > 0; ) {
      const some = all.splice(0, most);
      try {
        const first = await leases.takePermit(name, clock.now(), some.length * interval, longest);
        some.forEach(({ give }, n) => void give(first === undefined ? undefined : first + n * interval));
      } catch (thrown) {
        for (const { fail } of some) fail(thrown);
      }
    }
    asking.delete(longest);
  }

  return (longest: number): Promise<Permit> =>
    new Promise((give, fail) => {
      const all = asking.get(longest);
      all?.push({ give, fail });
      if (all !== undefined) return;
      asking.set(longest, [{ give, fail }]);
      void take(longest);
    });
}

/** A code or a signature would be lost if it were turned away. */
function isPatient({ connection, patience }: HttpRequest): boolean {
  return connection === 'fresh' || patience === 'long';
}

function longestWait(request: HttpRequest): number {
  return isPatient(request) ? LONGEST_WAIT_ONCE : LONGEST_WAIT;
}

/** Method and path, ids left out. */
function endpointOf({ method, url }: HttpRequest): string {
  const { host, pathname } = new URL(url);
  const path = pathname.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, '*');
  return `${method} ${host}${path}`;
}

/** What one request passed the breaker as. A probe holds the lease under its own name. */
type Pass = { readonly kind: 'free' } | { readonly kind: 'probe'; readonly owner: string };

function makeBreaker({ leases, clock, random, log, name, timer = SYSTEM_TIMER }: ServiceGuardOptions) {
  const leaseOf = (endpoint: string) => `maintenance:${name} ${endpoint}`;
  const until = () => (clock.now() + PROBE_MILLIS) as EpochMillis;

  /** `waitUntil` by the timer: who is patient looks again until then, and may ask 5 s after whoever asked last. */
  async function enter(endpoint: string, waitUntil: number, patient: boolean): Promise<Pass> {
    const lease = leaseOf(endpoint);
    const head = patient ? PROBE_MILLIS - PATIENT_PROBE_MILLIS : 0;
    for (;;) {
      const state = await leases.read(lease);
      if (state?.value[0] !== TRIPPED[0]) return { kind: 'free' };
      const owner = random.id();
      const free = (clock.now() + head) as EpochMillis;
      if (await leases.acquire(lease, owner, free, until())) return { kind: 'probe', owner };
      if (!patient || timer.now() + LOOK_MILLIS > waitUntil) throw underMaintenance();
      await timer.pause(LOOK_MILLIS);
    }
  }

  async function trip(endpoint: string): Promise<void> {
    const owner = random.id();
    if (!(await leases.acquire(leaseOf(endpoint), owner, clock.now(), until()))) return;
    await leases.write(leaseOf(endpoint), owner, TRIPPED, until());
    log.error('service.maintenance', { code: 'upstream.temporary' });
  }

  async function seen(endpoint: string, pass: Pass, response: HttpResponse): Promise<void> {
    if (response.status === 503) return pass.kind === 'free' ? trip(endpoint) : undefined;
    if (pass.kind === 'free') return;
    await leases.write(leaseOf(endpoint), pass.owner, CLOSED, clock.now());
    await leases.release(leaseOf(endpoint), pass.owner);
    log.info('service.maintenance-over');
  }

  return { enter, seen };
}

function underMaintenance(): JitsuinError {
  return turnedAway('maintenance', 'The service is under maintenance; it is asked again twice a minute.');
}

/** What the service answered when the breaker tripped: a citizen reads the same sentence without asking it again. */
const MAINTENANCE: UpstreamError = { status: 503, error: 'service_temporarily_unavailable', row: 'start-13' };

function tooMany(): JitsuinError {
  return turnedAway('turn', 'Too many requests to the service wait for their permit.');
}

function turnedAway(at: 'turn' | 'maintenance', message: string): JitsuinError {
  const details = at === 'maintenance' ? { at, upstream: MAINTENANCE } : { at };
  return new JitsuinError('upstream.temporary', message, details);
}
