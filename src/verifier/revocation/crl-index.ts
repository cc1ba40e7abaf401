import { TAG } from '../x509/der.ts';
import { entryEnd, headerLength, invalidEntry, reasonCodeAlone } from './crl-entry-form.ts';

/**
 * Where each revoked serial number stands in the raw CRL: one pass over the octets, one Uint32 for each slot of an
 * open-addressed table, no object for an entry. A CRL of a million entries costs 8 MB beside its file.
 */
export class CrlIndex {
  readonly entryCount: number;
  private readonly octets: Uint8Array;
  /** Offset of an entry's SEQUENCE; 0 is an empty slot (an entry cannot stand at offset 0). */
  private readonly slots: Uint32Array;
  private readonly mask: number;

  /**
   * @param octets the whole CRL
   * @param start offset of the first entry of revokedCertificates
   * @param end offset after the last
   * @param entryExtensions called for entries whose extensions are more than a reason code
   * @throws JitsuinError `revocation.invalid`
   */
  constructor(octets: Uint8Array, start: number, end: number, entryExtensions: EntryExtensionsReader) {
    this.octets = octets;
    this.entryCount = countEntries(octets, start, end);
    const size = 2 ** Math.ceil(Math.log2(Math.max(8, this.entryCount * 2)));
    this.slots = new Uint32Array(size);
    this.mask = size - 1;
    for (let offset = start; offset < end; offset = entryEnd(octets, offset, end)) {
      this.insert(offset, checkEntry(octets, offset, end, entryExtensions));
    }
  }

  /** Offsets of the entries with this serial number (content octets of the INTEGER), in the order of the file. */
  *offsets(serial: Uint8Array): Generator<number> {
    for (let slot = hash(serial, 0, serial.length) & this.mask; ; slot = (slot + 1) & this.mask) {
      const offset = this.slots[slot] ?? 0;
      if (offset === 0) return;
      if (this.hasSerial(offset, serial)) yield offset;
    }
  }

  /** Offset of the first entry with this serial number, or 0. */
  firstOffset(serial: Uint8Array): number {
    for (let slot = hash(serial, 0, serial.length) & this.mask; ; slot = (slot + 1) & this.mask) {
      const offset = this.slots[slot] ?? 0;
      if (offset === 0 || this.hasSerial(offset, serial)) return offset;
    }
  }

  private insert(entry: number, serialStart: number): void {
    const length = this.octets[serialStart - 1] ?? 0;
    let slot = hash(this.octets, serialStart, serialStart + length) & this.mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = entry;
  }

  private hasSerial(entry: number, serial: Uint8Array): boolean {
    const { octets } = this;
    const start = serialContent(octets, entry);
    if (octets[start - 1] !== serial.length) return false;
    for (let index = 0; index < serial.length; index++)
      if (octets[start + index] !== serial[index]) return false;
    return true;
  }
}

/** Reads the extensions element at an offset; throws when one is critical and not known. */
type EntryExtensionsReader = (entry: number, extensions: number, end: number) => void;

/** FNV-1a. Serial numbers come from a signed CRL, so nobody chooses collisions. */
function hash(octets: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let index = start; index < end; index++) value = Math.imul(value ^ (octets[index] ?? 0), 0x01000193);
  return value ^ (value >>> 15);
}

function countEntries(octets: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let offset = start; offset < end; offset = entryEnd(octets, offset, end)) count += 1;
  return count;
}

/** Offset of the serial number's content; its length is the octet before. */
function serialContent(octets: Uint8Array, entry: number): number {
  return entry + headerLength(octets, entry) + 2;
}

/** Checks the form of one entry (RFC 5280 section 5.1.2.6) and gives the offset of the serial's content. */
function checkEntry(
  octets: Uint8Array,
  entry: number,
  listEnd: number,
  entryExtensions: EntryExtensionsReader,
): number {
  const end = entryEnd(octets, entry, listEnd);
  const serial = serialContent(octets, entry);
  const length = octets[serial - 1] ?? 0;
  const date = serial + length;
  const isInteger = octets[serial - 2] === TAG.integer && length > 0 && length < 0x80 && date + 15 <= end;
  if (!isInteger || !isMinimal(octets, serial, length)) throw invalidEntry(entry);
  const dateLength = octets[date + 1] ?? 0;
  const isUtc = octets[date] === TAG.utcTime && dateLength === 13;
  const isGeneralized = octets[date] === TAG.generalizedTime && dateLength === 15;
  if (!isUtc && !isGeneralized) throw invalidEntry(entry);
  const extensions = date + 2 + dateLength;
  if (extensions > end) throw invalidEntry(entry);
  if (extensions < end && reasonCodeAlone(octets, extensions, end) < 0)
    entryExtensions(entry, extensions, end);
  return serial;
}

function isMinimal(octets: Uint8Array, start: number, length: number): boolean {
  if (length === 1) return true;
  const first = octets[start] ?? 0;
  const second = octets[start + 1] ?? 0;
  return !((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
}
