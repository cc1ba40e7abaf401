import { JitsuinError } from '../../core/errors.ts';

/** Tags used by X.509, CRL, OCSP and TSP structures (X.690 section 8.1.2, X.680 section 8.6). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Context-specific primitive tag `[n]` IMPLICIT over a primitive type. */
export const contextPrimitive = (number: number): number => 0x80 | number;
/** Context-specific constructed tag `[n]`. */
export const contextConstructed = (number: number): number => 0xa0 | number;

/** Greatest nesting of elements. A certificate needs about 12. */
const MAXIMUM_DEPTH = 32;
/** Elements read from one input unless the caller says otherwise. */
const DEFAULT_STEPS = 200_000;

/** Elements that may still be read from one input; shared by all readers over it. */
interface DerBudget {
  remaining: number;
}

/**
 * One DER element (X.690 section 10) and a cursor over its content. Zero-copy: octets are views of the input.
 * Strict: definite minimal lengths, low tag numbers only, content inside its parent, bounded depth and count.
 * Every fault is a JitsuinError `der.invalid` (`der.limit` for the bounds) whose `at` is the octet offset.
 */
export class DerReader {
  readonly tag: number;
  private readonly input: Uint8Array;
  /** Offset of the first octet of the header. */
  readonly start: number;
  /** Offset of the first octet of the content. */
  readonly contentStart: number;
  /** Offset after the last octet of the content. */
  readonly end: number;
  private position: number;
  private readonly depth: number;
  private readonly budget: DerBudget;

  constructor(
    input: Uint8Array,
    tag: number,
    start: number,
    contentStart: number,
    end: number,
    depth: number,
    budget: DerBudget,
  ) {
    this.input = input;
    this.tag = tag;
    this.start = start;
    this.contentStart = contentStart;
    this.end = end;
    this.position = contentStart;
    this.depth = depth;
    this.budget = budget;
  }

  /** The content octets, without the header. */
  get content(): Uint8Array {
    return this.input.subarray(this.contentStart, this.end);
  }

  /** The whole element with its header. */
  get der(): Uint8Array {
    return this.input.subarray(this.start, this.end);
  }

  get length(): number {
    return this.end - this.contentStart;
  }

  /** Content octet at `index`; the caller has checked `length`. */
  octet(index: number): number {
    return this.input[this.contentStart + index] ?? 0;
  }

  /** Whether all of the content was read. */
  get exhausted(): boolean {
    return this.position === this.end;
  }

  /** Tag of the next element, or -1 at the end. */
  peek(): number {
    return this.position < this.end ? (this.input[this.position] ?? -1) : -1;
  }

  /** The next element, whatever its tag. */
  next(): DerReader {
    const start = this.position;
    if (this.depth >= MAXIMUM_DEPTH) throw derLimit('nested too deeply', start);
    if (--this.budget.remaining < 0) throw derLimit('too many elements', start);
    if (start + 2 > this.end) throw derInvalid('element cut short', start);
    const tag = this.input[start] ?? 0;
    if ((tag & 0x1f) === 0x1f) throw derInvalid('high tag number', start);
    if (tag === 0) throw derInvalid('end-of-contents octets', start);
    const first = this.input[start + 1] ?? 0;
    const headerLength = first < 0x80 ? 2 : 2 + (first & 0x7f);
    const contentStart = start + headerLength;
    const length = first < 0x80 ? first : this.longLength(start, first & 0x7f);
    const end = contentStart + length;
    if (end > this.end) throw derInvalid('content beyond its parent', start);
    this.position = end;
    return new DerReader(this.input, tag, start, contentStart, end, this.depth + 1, this.budget);
  }

  /** The next element, which must have this tag. */
  read(tag: number): DerReader {
    if (this.peek() !== tag) throw derInvalid('unexpected element', this.position);
    return this.next();
  }

  /** The next element if it has this tag. */
  optional(tag: number): DerReader | undefined {
    return this.peek() === tag ? this.next() : undefined;
  }

  /** Refuses content that was not read. */
  finish(): void {
    if (this.position !== this.end) throw derInvalid('trailing octets', this.position);
  }

  /** A fault at this element. */
  invalid(what: string): JitsuinError {
    return derInvalid(what, this.start);
  }

  private longLength(start: number, count: number): number {
    if (count === 0) throw derInvalid('indefinite length', start);
    if (count > 4) throw derInvalid('length of more than four octets', start);
    if (start + 2 + count > this.end) throw derInvalid('length cut short', start);
    let length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + (this.input[start + 2 + index] ?? 0);
    const minimal = count === 1 ? 0x80 : 256 ** (count - 1);
    if (length < minimal) throw derInvalid('length not minimal', start);
    return length;
  }
}

/**
 * Opens an input that must be exactly one element with this tag and nothing after it.
 * @param input DER octets; kept, not copied
 * @throws JitsuinError `der.invalid`, `der.limit`
 */
export function openDer(input: Uint8Array, tag: number, steps: number = DEFAULT_STEPS): DerReader {
  const outer = overContent(input, steps);
  const element = outer.read(tag);
  outer.finish();
  return element;
}

/** A cursor over octets that are a series of elements, for example the content of an OCTET STRING. */
export function overContent(input: Uint8Array, steps: number = DEFAULT_STEPS): DerReader {
  const plain = plainView(input);
  return new DerReader(plain, 0, 0, 0, plain.length, 0, { remaining: steps });
}

/** Buffers make slow views; a plain Uint8Array over the same octets makes fast ones. */
function plainView(input: Uint8Array): Uint8Array {
  if (!Buffer.isBuffer(input)) return input;
  return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
}

function derInvalid(what: string, offset: number): JitsuinError {
  return new JitsuinError('der.invalid', `Not DER (X.690): ${what}.`, { at: `octet ${offset}` });
}

function derLimit(what: string, offset: number): JitsuinError {
  return new JitsuinError('der.limit', `DER beyond the limits of this software: ${what}.`, {
    at: `octet ${offset}`,
  });
}
