import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isZip, readZip } from '../../../src/adapters/files/read-zip.ts';
import { JitsuinError } from '../../../src/core/errors.ts';

interface Entry {
  readonly name: string | Buffer;
  readonly content: string | Buffer;
  readonly method?: 0 | 8 | 12;
  readonly flags?: number;
  readonly size?: number;
  readonly crc?: number;
  readonly localName?: string;
  readonly mode?: number;
}

/** A ZIP of these entries, honest but for what an entry says. */
function zip(entries: readonly Entry[], tail: Buffer = Buffer.alloc(0)): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, method = 8, flags = 0x0800, localName, mode, ...said } of entries) {
    const octets = Buffer.from(content);
    const packed = method === 8 ? deflateRawSync(octets) : octets;
    const size = said.size ?? octets.length;
    const crc = said.crc ?? crc32(octets);
    const raw = Buffer.from(name);
    const rawLocal = Buffer.from(localName ?? name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(rawLocal.length, 26);
    locals.push(local, rawLocal, packed);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(mode === undefined ? 20 : (3 << 8) | 20, 4);
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(method, 10);
    header.writeUInt32LE(crc, 16);
    header.writeUInt32LE(packed.length, 20);
    header.writeUInt32LE(size, 24);
    header.writeUInt16LE(raw.length, 28);
    header.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 38);
    header.writeUInt32LE(offset, 42);
    central.push(header, raw);
    offset += 30 + rawLocal.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(tail.length, 20);
  return Buffer.concat([...locals, directory, end, tail]);
}

function refusal(octets: Buffer, limits?: Parameters<typeof readZip>[1]): string {
  try {
    return `read ${readZip(octets, limits).length}`;
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return thrown.code;
    throw thrown;
  }
}

const one: Entry = { name: 'f/a.xml', content: '<a/>' };
const REFUSED = 'usage.arguments';

describe('readZip', () => {
  it('reads stored and deflated files, without folders, composed, and Shift_JIS names of Windows', () => {
    const entries = readZip(
      zip([
        { name: 'f/', content: '', method: 0 },
        one,
        { name: 'f/か\u3099.pdf', content: 'x', method: 0 },
        { name: Buffer.from('905c90bf', 'hex'), content: 'y', flags: 0 },
      ]),
    );
    expect(entries.map(({ name, octets }) => [name, Buffer.from(octets).toString()])).toEqual([
      ['f/a.xml', '<a/>'],
      ['f/が.pdf', 'x'],
      ['申請', 'y'],
    ]);
    expect(readZip(zip([one], Buffer.from('a comment')))).toHaveLength(1);
    expect([isZip(zip([one])), isZip(Buffer.from('%PDF'))]).toEqual([true, false]);
  });

  it.each<[string, Buffer]>([
    ['no ZIP', Buffer.from('x'.repeat(100))],
    ['nothing', Buffer.alloc(0)],
    ['a cut end', zip([one]).subarray(0, -1)],
    ['a cut beginning', zip([one]).subarray(4)],
    ['another length than said (larger)', zip([{ ...one, size: 3 }])],
    ['another length than said (smaller)', zip([{ ...one, size: 5 }])],
    ['another CRC', zip([{ ...one, crc: 1 }])],
    ['another name in its own header', zip([{ ...one, localName: 'f/b.xml' }])],
    ['encryption', zip([{ ...one, flags: 0x0801 }])],
    ['another method', zip([{ ...one, method: 12 }])],
    ['a symbolic link', zip([{ ...one, mode: 0xa1ff }])],
    [
      'a name that is neither UTF-8 nor Shift_JIS',
      zip([{ ...one, name: Buffer.from('fffe', 'hex'), flags: 0 }]),
    ],
    ['a name that is not the UTF-8 that it claims', zip([{ ...one, name: Buffer.from('905c', 'hex') }])],
  ])('refuses %s', (_what, octets) => {
    expect(refusal(octets)).toBe(REFUSED);
  });

  it('stops at its limits before unpacking, and never unpacks more than is said', () => {
    const limits = { entries: 2, file: 1000, total: 1500 };
    expect(refusal(zip([one, one]), limits)).toBe('read 2');
    expect(refusal(zip([one, one, one]), limits)).toBe(REFUSED);
    const bomb = { name: 'b', content: Buffer.alloc(1_000_000) };
    expect(refusal(zip([bomb]), limits)).toBe(REFUSED);
    expect(refusal(zip([{ ...bomb, size: 900 }]), limits)).toBe(REFUSED);
    const large = { name: 'l', content: Buffer.alloc(900) };
    expect(refusal(zip([large, large]), limits)).toBe(REFUSED);
  });

  it.each(Array.from({ length: 40 }, (_, index) => index))('survives a damaged octet (%i)', (index) => {
    const octets = zip([one, { name: 'f/b.xml', content: 'b'.repeat(50) }]);
    const at = Math.floor((octets.length / 40) * index);
    octets[at] = (octets[at] ?? 0) ^ 0xff;
    expect(refusal(octets)).toMatch(/^(?:read 2|usage\.arguments)$/);
  });
});
