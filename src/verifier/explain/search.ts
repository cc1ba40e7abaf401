import { createHash } from 'node:crypto';
import type { Sha256Digest } from '../../core/brand.ts';
import { digestInfo } from '../../core/digest/signing-input.ts';
import { toHex } from '../../core/encoding.ts';
import { OWN, type Reading } from './readings.ts';
import { hashedAgain, type Spelled, type Step } from './spellings.ts';

/** A reading that gives exactly what was looked for. */
export interface Found {
  readonly cause: string;
  readonly explanation: string;
  /** The octets that were hashed first. */
  readonly octets: Uint8Array;
}

interface Tried {
  readonly cause: string;
  /** SHA-256 of the reading's octets. */
  readonly digest: Sha256Digest;
}

const OTHER_HASHES: Readonly<Record<string, readonly string[]>> = {
  16: ['md5'],
  20: ['sha1'],
  28: ['sha224'],
  48: ['sha384'],
  64: ['sha512'],
};

/** Tried on the own reading only. */
const SAME_LENGTH = ['sha512-256', 'sha3-256'];

/**
 * The first reading whose hash, as it is or after one of the known steps, is one of the spelled values. Each reading
 * costs one pass, the steps a constant.
 * @param said what is told of a reading: what was digested, or what was signed
 */
export function search(
  readings: Iterable<Reading>,
  spelled: readonly Spelled[],
  heard: (tried: Tried) => void = () => undefined,
): Found | undefined {
  const wanted = new Map<string, Spelled>();
  for (const each of spelled) {
    for (const turned of [each, reversed(each)]) {
      const key = toHex(turned.octets);
      if (!wanted.has(key)) wanted.set(key, turned);
    }
  }
  const others = [...new Set(spelled.flatMap(({ octets }) => OTHER_HASHES[octets.length] ?? []))];
  for (const reading of readings) {
    const digest = hashed('sha256', reading.octets) as Sha256Digest;
    heard({ cause: reading.cause, digest });
    const direct = wanted.get(toHex(digest));
    if (direct !== undefined) return found(reading, [], direct);
    for (const { octets, cause, explanation } of hashedAgain(digest, digestInfo(digest))) {
      const again = wanted.get(toHex(hashed('sha256', octets)));
      if (again !== undefined) return found(reading, [{ cause, explanation }], again);
    }
    for (const name of reading.cause === OWN ? [...others, ...SAME_LENGTH] : others) {
      const other = wanted.get(toHex(hashed(name, reading.octets)));
      if (other !== undefined) return found(reading, [otherHash(name)], other);
    }
  }
  return undefined;
}

function otherHash(name: string): Step {
  return { cause: `hash-${name}`, explanation: `hashed by ${name.toUpperCase()} instead of SHA-256` };
}

function hashed(name: string, octets: Uint8Array): Uint8Array {
  return createHash(name).update(octets).digest();
}

function reversed({ octets, causes }: Spelled): Spelled {
  const step = { cause: 'byte-order', explanation: 'with its octets in reverse order' };
  return { octets: Uint8Array.from(octets).reverse(), causes: [...causes, step] };
}

function found(reading: Reading, steps: readonly Step[], { causes }: Spelled): Found {
  return foundBy(reading, [...steps, ...causes]);
}

/** The reading with what was done otherwise after it. */
export function foundBy(reading: Reading, steps: readonly Step[]): Found {
  if (steps.length === 0) return reading;
  const own = reading.cause === OWN;
  const all: readonly Step[] = own ? steps : [reading, ...steps];
  const explanation = all.map((each) => each.explanation).join('; and ');
  return {
    cause: all.map(({ cause }) => cause).join(', '),
    explanation: own ? `the right octets, but ${explanation}` : explanation,
    octets: reading.octets,
  };
}
