import { randomBytes } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { systemClock } from './clock.ts';

const DRAWN = 4_096;
let drawn: Uint8Array = new Uint8Array();
let used = 0;

/**
 * Random octets for ids and initialization vectors, which are no secrets: drawn 4,096 at a time, since each call of
 * node:crypto costs 6 µs however few octets it brings. None is given out twice.
 */
export function drawnOctets(count: number): Uint8Array {
  if (used + count > drawn.length) {
    drawn = randomBytes(Math.max(DRAWN, count));
    used = 0;
  }
  used += count;
  return drawn.subarray(used - count, used);
}

/** Randomness of node:crypto; ids are UUIDv7 by the given clock. */
export function systemRandom(clock: Clock = systemClock): Random {
  let millis = 0;
  let counter = 0;
  return {
    octets: (count) => new Uint8Array(randomBytes(count)),
    id: () => {
      const now = clock.now();
      counter = now > millis ? 0 : counter + 1;
      millis = Math.max(millis, now) + (counter > 0xfff ? 1 : 0);
      counter &= 0xfff;
      return uuidV7(millis, counter, drawnOctets(8));
    },
  };
}

/**
 * UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, 12 bits that count within the millisecond (method 1 of
 * section 6.2, so that ids of one process sort in the order of their making), 62 random bits. Lower-case text.
 */
export function uuidV7(millis: number, counter: number, random: Uint8Array): string {
  const time = Math.trunc(millis).toString(16).padStart(12, '0').slice(-12);
  const high = counter.toString(16).padStart(3, '0').slice(-3);
  const tail = Buffer.from(random.subarray(0, 8));
  tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
  const low = tail.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${low.slice(0, 4)}-${low.slice(4)}`;
}
