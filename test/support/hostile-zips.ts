import { crc32, deflateRawSync } from 'node:zlib';
import { FILES, KOUSEI } from './egov-application.ts';

/** What an entry of a test's ZIP is, and what it says that it is. */
export interface ZipEntry {
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
export function zip(entries: readonly ZipEntry[], tail: Buffer = Buffer.alloc(0)): Buffer {
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

const FOLDER = '900A000000000001';
const honest = (): ZipEntry[] => [
  { name: `${FOLDER}/kousei.xml`, content: KOUSEI },
  ...FILES.map(([name, content]) => ({ name: `${FOLDER}/${name}`, content })),
];
const more = (entry: ZipEntry): Buffer => zip([...honest(), entry]);

/** Offsets of the headers of a signature in a ZIP. */
function headers(octets: Buffer, signature: number): number[] {
  const found: number[] = [];
  for (let at = 0; at + 4 <= octets.length; at += 1)
    if (octets.readUInt32LE(at) === signature) found.push(at);
  return found;
}

function changed(octets: Buffer, change: (octets: Buffer, central: number[], end: number) => void): Buffer {
  change(octets, headers(octets, 0x02014b50), octets.length - 22);
  return octets;
}

interface HostileZip {
  readonly octets: Buffer;
  /** Refused by whoever reads the archive; otherwise by the form, which knows names and folders. */
  readonly reader: boolean;
}

const inReader = (octets: Buffer): HostileZip => ({ octets, reader: true });
const inForm = (octets: Buffer): HostileZip => ({ octets, reader: false });

/** An application that would be taken, with one thing about its ZIP that must not be. */
export const HOSTILE_ZIPS: Readonly<Record<string, HostileZip>> = {
  'a bomb that says what it is': inReader(more({ name: `${FOLDER}/b`, content: Buffer.alloc(50_000_000) })),
  'a bomb that says that it is small': inReader(
    more({ name: `${FOLDER}/b`, content: Buffer.alloc(50_000_000), size: 900 }),
  ),
  'a bomb of many files': inReader(
    zip(Array.from({ length: 40 }, (_, at) => ({ name: `${FOLDER}/${at}`, content: Buffer.alloc(90_000) }))),
  ),
  'ZIP64: sizes': inReader(
    changed(more({ name: `${FOLDER}/z`, content: 'z' }), (octets, central) => {
      octets.writeUInt32LE(0xffffffff, (central.at(-1) ?? 0) + 20);
      octets.writeUInt32LE(0xffffffff, (central.at(-1) ?? 0) + 24);
    }),
  ),
  'ZIP64: an offset': inReader(
    changed(zip(honest()), (octets, central) => {
      octets.writeUInt32LE(0xffffffff, (central[0] ?? 0) + 42);
    }),
  ),
  'ZIP64: the number of entries and the directory': inReader(
    changed(zip(honest()), (octets, _central, end) => {
      octets.writeUInt16LE(0xffff, end + 8);
      octets.writeUInt16LE(0xffff, end + 10);
      octets.writeUInt32LE(0xffffffff, end + 16);
    }),
  ),
  'more entries than there are': inReader(
    changed(zip(honest()), (octets, _central, end) => {
      octets.writeUInt16LE(400, end + 8);
      octets.writeUInt16LE(400, end + 10);
    }),
  ),
  'a huge number of entries': inReader(
    zip(Array.from({ length: 2000 }, (_, at) => ({ name: `${FOLDER}/${at}`, content: '' }))),
  ),
  encryption: inReader(more({ name: `${FOLDER}/e`, content: 'e', flags: 0x0801 })),
  'an unknown method': inReader(more({ name: `${FOLDER}/m`, content: 'm', method: 12 })),
  'a wrong CRC': inReader(more({ name: `${FOLDER}/c`, content: 'c', crc: 1 })),
  'a data descriptor over another size': inReader(
    more({ name: `${FOLDER}/d`, content: 'd', flags: 0x0808, size: 2 }),
  ),
  'a symbolic link': inReader(more({ name: `${FOLDER}/l`, content: '/etc/passwd', mode: 0xa1ff })),
  'another name in a file’s own header': inReader(
    more({ name: `${FOLDER}/n`, content: 'n', localName: 'n' }),
  ),
  'two entries of one file’s octets': inReader(
    changed(
      more({ name: `${FOLDER}/申請 2.xml`, content: 'x', localName: `${FOLDER}/申請 1.xml` }),
      (octets, central) => {
        const [, first = 0] = central;
        const last = central.at(-1) ?? 0;
        for (const at of [16, 20, 24, 42]) octets.writeUInt32LE(octets.readUInt32LE(first + at), last + at);
        octets.write('1', last + 46 + Buffer.byteLength(`${FOLDER}/申請 `));
      },
    ),
  ),
  'a file inside of the directory': inReader(
    changed(zip(honest()), (octets, central, end) => {
      octets.writeUInt32LE(octets.readUInt32LE(central[0] ?? 0) === 0 ? 0 : 4, end + 16);
    }),
  ),
  'a cut end': inReader(zip(honest()).subarray(0, -4)),
  'a name twice': inForm(more({ name: `${FOLDER}/kousei.xml`, content: '<DataRoot/>' })),
  'names that differ in case only': inForm(more({ name: `${FOLDER}/添付.PDF`, content: 'x' })),
  'names that differ in composition only': inForm(
    zip([...honest(), { name: `${FOLDER}/が`, content: 'x' }, { name: `${FOLDER}/か\u3099`, content: 'x' }]),
  ),
  'a path that climbs': inForm(more({ name: '../evil.xml', content: 'x' })),
  'a path that climbs inside of the folder': inForm(more({ name: `${FOLDER}/../evil.xml`, content: 'x' })),
  'an absolute path': inForm(more({ name: '/etc/passwd', content: 'x' })),
  'a path of Windows': inForm(more({ name: `${FOLDER}/..\\evil.xml`, content: 'x' })),
  'a drive of Windows': inForm(more({ name: `${FOLDER}/C:evil.xml`, content: 'x' })),
  'a stream of NTFS': inForm(more({ name: `${FOLDER}/kousei.xml:x`, content: 'x' })),
  'a folder in the folder': inForm(more({ name: `${FOLDER}/more/x`, content: 'x' })),
  'two folders': inForm(more({ name: 'other/x', content: 'x' })),
  'no folder': inForm(zip([{ name: 'kousei.xml', content: KOUSEI }])),
  'no document': inForm(zip([{ name: `${FOLDER}/x.xml`, content: KOUSEI }])),
  'a control character in a name': inForm(more({ name: `${FOLDER}/a\u0000.xml`, content: 'x' })),
  'a name that turns its direction': inForm(more({ name: `${FOLDER}/a\u202egnp.xml`, content: 'x' })),
};

/** The same application, as it is taken. */
export const honestZip = (): Buffer => zip(honest());
