import { describe, expect, it } from 'vitest';
import { readZip } from '../../../src/adapters/files/read-zip.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { isZip } from '../../../src/core/forms/package.ts';
import { HOSTILE_ZIPS, type ZipEntry, zip } from '../../support/hostile-zips.ts';

function refusal(octets: Buffer, limits?: Parameters<typeof readZip>[1]): string {
  try {
    return `read ${readZip(octets, limits).length}`;
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return thrown.code;
    throw thrown;
  }
}

const one: ZipEntry = { name: 'f/a.xml', content: '<a/>' };
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

  it.each(Object.entries(HOSTILE_ZIPS).filter(([, { reader }]) => reader))(
    'refuses what a stranger may send: %s',
    (_what, { octets }) => {
      expect(refusal(octets, { entries: 500, file: 100_000, total: 200_000 })).toBe(REFUSED);
    },
  );

  it('reads an honest data descriptor: sizes and CRC are those of the directory', () => {
    expect(refusal(zip([{ ...one, flags: 0x0808 }]))).toBe('read 1');
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
