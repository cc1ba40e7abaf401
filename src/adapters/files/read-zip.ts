import { crc32, inflateRawSync } from 'node:zlib';
import { JitsuinError } from '../../core/errors.ts';
import { composedName } from '../../core/forms/file-names.ts';
import type { PackedFile } from '../../core/forms/package.ts';

interface ZipLimits {
  readonly entries: number;
  /** Octets of one file when unpacked. */
  readonly file: number;
  /** Octets of all files when unpacked. */
  readonly total: number;
}

const ZIP_LIMITS: ZipLimits = { entries: 500, file: 64 * 1024 * 1024, total: 256 * 1024 * 1024 };

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const UTF8_NAME = 0x0800;
const ENCRYPTED = 0x0001;
const STORED = 0;
const DEFLATED = 8;
const UNIX = 3;
const SYMBOLIC_LINK = 0xa000;
const FILE_TYPE = 0xf000;

/**
 * The files of a ZIP (APPNOTE 6.3, without ZIP64, encryption and parts), by its central directory, each compared with
 * its own header and
 * its CRC. Folders are left out. Nothing is written anywhere.
 * @throws JitsuinError `usage.arguments` for what is no such ZIP, or is above the limits
 */
export function readZip(octets: Uint8Array, limits: ZipLimits = ZIP_LIMITS): readonly PackedFile[] {
  const zip = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const end = endRecord(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count > limits.entries) throw tooLarge(`has ${count} entries; at most ${limits.entries} are read`);
  const entries: PackedFile[] = [];
  const spans: Span[] = [];
  const directory = zip.readUInt32LE(end + 16);
  let at = directory;
  let left = limits.total;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || zip.readUInt32LE(at) !== CENTRAL) throw broken('its directory is cut');
    const header = centralHeader(zip, at, end);
    at = header.next;
    if (header.name.endsWith('/')) continue;
    if (header.size > limits.file)
      throw tooLarge(`holds a file of ${header.size} octets; at most ${limits.file} are read`);
    if (header.size > left) throw tooLarge(`unpacks to more than ${limits.total} octets`);
    left -= header.size;
    const { octets, span } = unpacked(zip, header);
    spans.push(span);
    entries.push({ name: header.name, octets });
  }
  expectApart(spans, directory);
  return entries;
}

/** Where an entry stands, its own header included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Octets that belong to two entries are unpacked twice, and two readers may see two archives. */
function expectApart(spans: readonly Span[], directory: number): void {
  let free = 0;
  for (const { from, to } of [...spans].sort((one, other) => one.from - other.from)) {
    if (from < free || to > directory) throw broken('its files overlap');
    free = to;
  }
}

function endRecord(zip: Buffer): number {
  const lowest = Math.max(0, zip.length - END_LENGTH - LONGEST_COMMENT);
  for (let at = zip.length - END_LENGTH; at >= lowest; at -= 1) {
    if (zip.readUInt32LE(at) !== END || at + END_LENGTH + zip.readUInt16LE(at + 20) !== zip.length) continue;
    if (zip.readUInt16LE(at + 4) !== 0 || zip.readUInt16LE(at + 8) !== zip.readUInt16LE(at + 10))
      throw broken('it is one of several parts');
    return at;
  }
  throw broken('it has no directory');
}

interface CentralHeader {
  readonly name: string;
  readonly rawName: Buffer;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly local: number;
  readonly next: number;
}

function centralHeader(zip: Buffer, at: number, end: number): CentralHeader {
  const flags = zip.readUInt16LE(at + 8);
  if ((flags & ENCRYPTED) !== 0) throw broken('it is encrypted');
  const nameLength = zip.readUInt16LE(at + 28);
  const next = at + 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  if (next > end) throw broken('its directory is cut');
  const rawName = zip.subarray(at + 46, at + 46 + nameLength);
  const type = (zip.readUInt32LE(at + 38) >>> 16) & FILE_TYPE;
  if (zip.readUInt16LE(at + 4) >>> 8 === UNIX && type === SYMBOLIC_LINK)
    throw broken('it holds a symbolic link');
  return {
    name: nameOf(rawName, (flags & UTF8_NAME) !== 0),
    rawName,
    method: zip.readUInt16LE(at + 10),
    crc: zip.readUInt32LE(at + 16),
    packed: zip.readUInt32LE(at + 20),
    size: zip.readUInt32LE(at + 24),
    local: zip.readUInt32LE(at + 42),
    next,
  };
}

/** UTF-8, or as Windows in Japan writes it; composed, as a ZIP that came through macOS is not. */
function nameOf(raw: Buffer, utf8: boolean): string {
  for (const encoding of utf8 ? ['utf-8'] : ['utf-8', 'shift_jis']) {
    try {
      return composedName(new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(raw));
    } catch {
      // the next encoding
    }
  }
  throw broken('a name in it is neither UTF-8 nor Shift_JIS');
}

function unpacked(zip: Buffer, header: CentralHeader): { readonly octets: Uint8Array; readonly span: Span } {
  const { local, method, packed, size, crc, rawName } = header;
  if (local + 30 > zip.length || zip.readUInt32LE(local) !== LOCAL)
    throw broken('the header of a file is missing');
  const nameEnd = local + 30 + zip.readUInt16LE(local + 26);
  const start = nameEnd + zip.readUInt16LE(local + 28);
  if (start + packed > zip.length || !zip.subarray(local + 30, nameEnd).equals(rawName))
    throw broken('a file and the directory do not agree');
  const octets = inflated(zip.subarray(start, start + packed), method, size);
  if (octets.length !== size || crc32(octets) !== crc) throw broken('a file in it is damaged');
  return { octets, span: { from: local, to: start + packed } };
}

function inflated(packed: Buffer, method: number, size: number): Uint8Array {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw broken(`a file is packed by method ${method}; stored and deflated are read`);
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    throw broken('a file in it is damaged or larger than it says', cause);
  }
}

function broken(what: string, cause?: unknown): JitsuinError {
  return new JitsuinError('usage.arguments', `The ZIP cannot be read: ${what}.`, { at: 'zip', cause });
}

function tooLarge(what: string): JitsuinError {
  return new JitsuinError('usage.arguments', `The ZIP ${what}.`, { at: 'zip' });
}
