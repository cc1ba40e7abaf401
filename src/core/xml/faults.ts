import type { ErrorCode } from '../errors.ts';
import { JitsuinError } from '../errors.ts';
import { OCTET } from './octets.ts';

const { LF } = OCTET;

/** The input ended inside a piece of markup. With more input to come it is read again, else it is a fault. */
export class TruncatedInput extends Error {}

/** The octets being read and how many octets of the input came before them (0 unless streamed). */
export interface Window {
  readonly octets: Uint8Array;
  readonly before: number;
}

/**
 * An error about one place of the input. `at` reads `line:column (octet n)`, line and column from 1, column in
 * characters; for streamed input, whose beginning is gone, `octet n`.
 */
export function fault(code: ErrorCode, message: string, window: Window, offset: number): JitsuinError {
  return new JitsuinError(code, message, { at: place(window, offset) });
}

function place(window: Window, offset: number): string {
  if (window.before > 0) return `octet ${window.before + offset}`;
  let line = 1;
  let lineStart = 0;
  for (let p = 0; p < offset; p += 1) {
    if (window.octets[p] === LF) {
      line += 1;
      lineStart = p + 1;
    }
  }
  let column = 1;
  for (let p = lineStart; p < offset; p += 1) if (((window.octets[p] ?? 0) & 0xc0) !== 0x80) column += 1;
  return `${line}:${column} (octet ${offset})`;
}
