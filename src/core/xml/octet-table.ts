import { toUtf8 } from '../encoding.ts';
import { newIntegers, newOctets, OctetBuffer } from './octet-buffer.ts';
import { isNameOctet, sameOctets } from './octets.ts';

const NONE = -1;
/**
 * Longest search in the open-addressed table; what does not fit goes to a Map, so that crafted collisions cost
 * nothing.
 */
const MOST_PROBES = 24;
/** Above this length the engine's comparison is faster than a loop. */
const SHORT_COMPARE = 24;
/** How many results of long comparisons are remembered at a time. */
const MOST_REMEMBERED = 8192;
const KEY_FACTOR = 2 ** 26;
/** Hashes stay in the range of the engine's small integers. */
const HASH_BITS = 0x3fffffff;

/**
 * Octet strings, each kept once and known by a small integer from 0 upwards. Equal strings have equal numbers.
 */
export class OctetTable {
  /** All strings one after the other; string `id` is from `starts[id]` to `starts[id + 1]`. */
  readonly pool = new OctetBuffer(newOctets(512));
  readonly starts: number[] = [0];
  count = 0;
  private slots: Int32Array<ArrayBuffer>;
  private readonly hashes: number[] = [];
  private readonly strings: (string | undefined)[] = [];
  private overflow: Map<string, number> | undefined;
  private compared: Map<number, number> | undefined;

  /** @param slots a power of two, twice the number of strings that most documents have */
  constructor(slots: number) {
    this.slots = newIntegers(slots);
  }

  /** The number of the string in `octets` from `from` to `to`. */
  intern(octets: Uint8Array, from: number, to: number): number {
    let hash = 0;
    for (let p = from; p < to; p += 1) hash = Math.imul(hash ^ (octets[p] as number), 0x01000193);
    return this.find(octets, from, to, hash);
  }

  /** The number of the run of name octets that begins at `from`; its length is `lengthOf` that number. */
  internNameAt(octets: Uint8Array, from: number, end: number): number {
    let hash = 0;
    let p = from;
    while (p < end) {
      const octet = octets[p] as number;
      if (!isNameOctet(octet)) break;
      hash = Math.imul(hash ^ octet, 0x01000193);
      p += 1;
    }
    return this.find(octets, from, p, hash);
  }

  internText(text: string): number {
    const octets = toUtf8(text);
    return this.intern(octets, 0, octets.length);
  }

  lengthOf(id: number): number {
    return (this.starts[id + 1] as number) - (this.starts[id] as number);
  }

  /** The string as text; decoded once. */
  textOf(id: number): string {
    let text = this.strings[id];
    if (text === undefined) {
      const octets = this.pool.octets.subarray(this.starts[id], this.starts[id + 1]);
      text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('utf8');
      this.strings[id] = text;
    }
    return text;
  }

  /** Order of two strings by their octets, which for UTF-8 is the order by code points. */
  compare(a: number, b: number): number {
    if (a === b) return 0;
    const { octets } = this.pool;
    const startA = this.starts[a] as number;
    const startB = this.starts[b] as number;
    const lengthA = (this.starts[a + 1] as number) - startA;
    const lengthB = (this.starts[b + 1] as number) - startB;
    const shorter = Math.min(lengthA, lengthB);
    if (shorter > SHORT_COMPARE) return this.compareLong(a, b);
    for (let i = 0; i < shorter; i += 1) {
      const difference = (octets[startA + i] as number) - (octets[startB + i] as number);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  private compareLong(a: number, b: number): number {
    this.compared ??= new Map();
    const key = a * KEY_FACTOR + b;
    const known = this.compared.get(key);
    if (known !== undefined) return known;
    const { octets } = this.pool;
    const order = Buffer.compare(
      octets.subarray(this.starts[a], this.starts[a + 1]),
      octets.subarray(this.starts[b], this.starts[b + 1]),
    );
    if (this.compared.size >= MOST_REMEMBERED) this.compared.clear();
    this.compared.set(key, order);
    return order;
  }

  /** Whether the octets at `at` begin with string `id`. */
  matches(id: number, octets: Uint8Array, at: number): boolean {
    const start = this.starts[id] as number;
    return sameOctets(this.pool.octets, start, octets, at, (this.starts[id + 1] as number) - start);
  }

  /** Whether string `id` is exactly these octets. */
  equals(id: number, octets: Uint8Array): boolean {
    return this.lengthOf(id) === octets.length && this.matches(id, octets, 0);
  }

  private find(octets: Uint8Array, from: number, to: number, rawHash: number): number {
    const hash = (rawHash ^ (rawHash >>> 15)) & HASH_BITS;
    const mask = this.slots.length - 1;
    for (let probe = 0; probe < MOST_PROBES; probe += 1) {
      const slot = (hash + probe) & mask;
      const id = (this.slots[slot] as number) - 1;
      if (id === NONE) {
        this.slots[slot] = this.count + 1;
        return this.add(octets, from, to, hash);
      }
      if (this.hashes[id] === hash && this.lengthOf(id) === to - from && this.matches(id, octets, from))
        return id;
    }
    return this.findInOverflow(octets, from, to, hash);
  }

  private findInOverflow(octets: Uint8Array, from: number, to: number, hash: number): number {
    this.overflow ??= new Map();
    const key = latin1(octets, from, to);
    const known = this.overflow.get(key);
    if (known !== undefined) return known;
    this.overflow.set(key, this.count);
    return this.add(octets, from, to, hash);
  }

  private add(octets: Uint8Array, from: number, to: number, hash: number): number {
    const id = this.count;
    this.count += 1;
    this.pool.append(octets, from, to);
    this.starts.push(this.pool.length);
    this.hashes.push(hash);
    if (this.count * 2 > this.slots.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const slots = newIntegers(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.count; id += 1) this.place(id, slots, mask);
    this.slots = slots;
  }

  private place(id: number, slots: Int32Array, mask: number): void {
    for (let probe = 0; probe < MOST_PROBES; probe += 1) {
      const slot = ((this.hashes[id] as number) + probe) & mask;
      if (slots[slot] === 0) {
        slots[slot] = id + 1;
        return;
      }
    }
    this.overflow ??= new Map();
    const key = latin1(this.pool.octets, this.starts[id] as number, this.starts[id + 1] as number);
    this.overflow.set(key, id);
  }
}

function latin1(octets: Uint8Array, from: number, to: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset + from, to - from).toString('latin1');
}
