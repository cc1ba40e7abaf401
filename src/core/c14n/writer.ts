import { copyOctets, newOctets, type OctetOutput } from '../xml/octet-buffer.ts';
import type { OctetSink } from './targets.ts';

const CAPACITY = 32 * 1024;
/** Runs at least this long go to the sink as they are, without being copied. */
const LONG_RUN = 4096;

/** Gathers small pieces of canonical octets for a sink, and passes long runs straight through. */
export class CanonicalWriter implements OctetOutput {
  private readonly sink: OctetSink;
  private readonly buffer: Uint8Array;
  private filled = 0;
  private passed = 0;

  constructor(sink: OctetSink, expected = CAPACITY) {
    this.sink = sink;
    this.buffer = newOctets(Math.min(CAPACITY, Math.max(expected, 64)));
  }

  /** Octets written so far. */
  get written(): number {
    return this.passed + this.filled;
  }

  append(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > this.buffer.length - this.filled) this.flush();
    if (length >= LONG_RUN || length > this.buffer.length) {
      this.flush();
      this.sink.update(source.subarray(from, to));
      this.passed += length;
      return;
    }
    copyOctets(source, from, to, this.buffer, this.filled);
    this.filled += length;
  }

  appendOctet(octet: number): void {
    if (this.filled === this.buffer.length) this.flush();
    this.buffer[this.filled] = octet;
    this.filled += 1;
  }

  flush(): void {
    if (this.filled === 0) return;
    this.sink.update(this.buffer.subarray(0, this.filled));
    this.passed += this.filled;
    this.filled = 0;
  }
}
