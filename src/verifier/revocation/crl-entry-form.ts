import { JitsuinError } from '../../core/errors.ts';
import { TAG } from '../x509/der.ts';

/** Octets of the header of an entry: two, or three for an entry of 128 to 255 octets, and so on. */
export function headerLength(octets: Uint8Array, offset: number): number {
  const first = octets[offset + 1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}

/** Offset after an entry, which must be a SEQUENCE with a minimal length within the list. */
export function entryEnd(octets: Uint8Array, offset: number, end: number): number {
  const first = octets[offset + 1] ?? 0;
  let length = first;
  if (first >= 0x80) {
    const second = octets[offset + 2] ?? 0;
    if (first === 0x81 && second >= 0x80) length = second;
    else if (first === 0x82 && second !== 0) length = second * 256 + (octets[offset + 3] ?? 0);
    else throw invalidEntry(offset);
  }
  const next = offset + headerLength(octets, offset) + length;
  if (octets[offset] !== TAG.sequence || next > end) throw invalidEntry(offset);
  return next;
}

/** SEQUENCE { SEQUENCE { reasonCode, OCTET STRING { ENUMERATED } } }: what nearly every entry has. */
const REASON_CODE_ALONE = Uint8Array.of(
  0x30,
  0x0c,
  0x30,
  0x0a,
  0x06,
  0x03,
  0x55,
  0x1d,
  0x15,
  0x04,
  0x03,
  0x0a,
  0x01,
);

/** The number of the reason when the extensions between two offsets are a reason code and nothing more, else -1. */
export function reasonCodeAlone(octets: Uint8Array, start: number, end: number): number {
  if (end - start !== REASON_CODE_ALONE.length + 1) return -1;
  for (let index = 0; index < REASON_CODE_ALONE.length; index++) {
    if (octets[start + index] !== REASON_CODE_ALONE[index]) return -1;
  }
  return octets[end - 1] ?? -1;
}

export function invalidEntry(offset: number): JitsuinError {
  return new JitsuinError('revocation.invalid', 'A CRL entry is not DER (X.690).', { at: `octet ${offset}` });
}
