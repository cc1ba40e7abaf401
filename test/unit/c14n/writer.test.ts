import { describe, expect, it } from 'vitest';
import { CanonicalWriter } from '../../../src/core/c14n/writer.ts';

const SMALLEST = 64;

describe('the writer in front of a sink', () => {
  it.each([1, 7, SMALLEST - 1, SMALLEST, SMALLEST + 1, 5000])(
    'keeps octets that follow a run of %s',
    (length) => {
      const pieces: Buffer[] = [];
      const writer = new CanonicalWriter({ update: (octets) => pieces.push(Buffer.from(octets)) }, SMALLEST);
      const run = Uint8Array.from({ length }, (_, n) => n);
      for (let turn = 0; turn < 3; turn += 1) {
        writer.append(run, 0, length);
        writer.appendOctet(0xaa);
      }
      writer.flush();
      const expected = Buffer.concat([run, Uint8Array.of(0xaa)]);
      expect(Buffer.concat(pieces).equals(Buffer.concat([expected, expected, expected]))).toBe(true);
      expect(writer.written).toBe(3 * (length + 1));
    },
  );
});
