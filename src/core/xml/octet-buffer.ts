import { JitsuinError } from '../errors.ts';

/** Where octets are appended: a growing buffer, or a canonical writer in front of a sink. */
export interface OctetOutput {
  append(source: Uint8Array, from: number, to: number): void;
  appendOctet(octet: number): void;
}

/** Below this many octets a plain loop copies faster than a call into the engine. */
const SHORT_COPY = 64;

export function copyOctets(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): void {
  if (to - from > SHORT_COPY) {
    target.set(source.subarray(from, to), at);
    return;
  }
  let write = at;
  for (let p = from; p < to; p += 1) {
    target[write] = source[p] as number;
    write += 1;
  }
}

const SMALL = 4096;
const CHUNK = 32 * 1024;
let chunk = new ArrayBuffer(CHUNK);
let used = 0;

/** Where the next part of this many octets begins in `chunk`, aligned for integers. No part is given out twice. */
function cut(octets: number): number {
  if (used + octets > CHUNK) {
    chunk = new ArrayBuffer(CHUNK);
    used = 0;
  }
  const at = used;
  used += (octets + 3) & ~3;
  return at;
}

/** Zeroed octets. Small ones are parts of a larger piece of memory: memory of their own would cost a microsecond. */
export function newOctets(length: number): Uint8Array<ArrayBuffer> {
  if (length > SMALL) return new Uint8Array(length);
  const at = cut(length);
  return new Uint8Array(chunk, at, length);
}

/** The same for integers. */
export function newIntegers(length: number): Int32Array<ArrayBuffer> {
  if (length * 4 > SMALL) return new Int32Array(length);
  const at = cut(length * 4);
  return new Int32Array(chunk, at, length);
}

/** Octets in memory that grow by doubling. */
export class OctetBuffer implements OctetOutput {
  octets: Uint8Array;
  length = 0;
  private readonly most: number;

  /**
   * @param octets the first memory to append to, which is this buffer's from now on
   * @param most octets that it may grow to
   */
  constructor(octets: Uint8Array, most = Number.MAX_SAFE_INTEGER) {
    this.octets = octets;
    this.most = most;
  }

  append(source: Uint8Array, from: number, to: number): void {
    const length = this.length + (to - from);
    if (length > this.octets.length) this.grow(length);
    copyOctets(source, from, to, this.octets, this.length);
    this.length = length;
  }

  appendOctet(octet: number): void {
    if (this.length === this.octets.length) this.grow(this.length + 1);
    this.octets[this.length] = octet;
    this.length += 1;
  }

  /** What was appended, without a copy unless half the memory would lie idle; nothing may be appended afterwards. */
  take(): Uint8Array {
    const half = this.length * 2 < this.octets.length;
    return half ? this.octets.slice(0, this.length) : this.octets.subarray(0, this.length);
  }

  private grow(needed: number): void {
    if (needed > this.most)
      throw new JitsuinError('xml.limit', `More than ${this.most} octets would be written.`);
    const grown = new Uint8Array(Math.min(this.most, Math.max(needed, this.octets.length * 2, 16)));
    grown.set(this.octets.subarray(0, this.length));
    this.octets = grown;
  }
}
