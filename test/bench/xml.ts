import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMImplementation, DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { XmlDocument } from 'libxml2-wasm';
import { C14nCanonicalization } from 'xml-crypto/lib/c14n-canonicalization.js';
import type * as XmlDsigJs from 'xmldsigjs';
import { C14N_1_0, EXC_C14N } from '../../src/core/c14n/algorithms.ts';
import { canonicalize } from '../../src/core/c14n/canonicalize.ts';
import { canonicalizeOctets } from '../../src/core/c14n/stream.ts';
import { Sha256Sink } from '../../src/core/digest/sha256.ts';
import { parseXml } from '../../src/core/xml/parse.ts';
import type { BenchOptions } from './bench.ts';
import { documentOf, type Shape } from './support/documents.ts';
import { startLibxml2 } from './support/libxml2.ts';

/** Parses, canonicalizes (C14N 1.0 unless said) and hashes; returns the digest in hexadecimal. */
type Subject = (octets: Buffer) => string | Promise<string>;

const hex = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

function ours(octets: Buffer): string {
  const sink = new Sha256Sink();
  canonicalize(parseXml(octets), { kind: 'document' }, { algorithm: C14N_1_0 }, sink);
  return Buffer.from(sink.digest()).toString('hex');
}

function oursStreamed(octets: Buffer): string {
  const sink = new Sha256Sink();
  canonicalizeOctets(octets, { algorithm: C14N_1_0 }, sink);
  return Buffer.from(sink.digest()).toString('hex');
}

function oursExclusive(octets: Buffer): string {
  const sink = new Sha256Sink();
  canonicalize(parseXml(octets), { kind: 'document' }, { algorithm: EXC_C14N }, sink);
  return Buffer.from(sink.digest()).toString('hex');
}

function libxml2Wasm(octets: Buffer): string {
  const document = XmlDocument.fromBuffer(octets);
  const digest = hex(document.canonicalizeToString());
  document.dispose();
  return digest;
}

const require = createRequire(import.meta.url);
const parserOfXmlCrypto = createRequire(require.resolve('xml-crypto'))('@xmldom/xmldom') as {
  readonly DOMParser: new () => { parseFromString(text: string, type: string): never };
};
const canonicalizer = new C14nCanonicalization();

function xmlCrypto(octets: Buffer): string {
  const document: { readonly documentElement: never } = new parserOfXmlCrypto.DOMParser().parseFromString(
    octets.toString(),
    'text/xml',
  );
  return hex(canonicalizer.process(document.documentElement, {}).toString());
}

const xmldsigjs = require('xmldsigjs') as typeof XmlDsigJs;
const requireAsXmldsigjs = createRequire(require.resolve('xmldsigjs'));
const xmlCore = requireAsXmldsigjs('xml-core') as { setNodeDependencies(dependencies: object): void };
xmlCore.setNodeDependencies({
  DOMParser,
  DOMImplementation,
  XMLSerializer,
  xpath: requireAsXmldsigjs('xpath'),
});

function xmldsigJs(octets: Buffer): string {
  const document = xmldsigjs.Parse(octets.toString());
  return hex(new xmldsigjs.XmlCanonicalizer(false, false).Canonicalize(document) as string);
}

const xmlC14n = (
  require('xml-c14n') as () => {
    createCanonicaliser(uri: string): {
      canonicalise(node: unknown, done: (error: unknown, text: string) => void): void;
    };
  }
)();

function xmlC14nExclusive(octets: Buffer): Promise<string> {
  const document = new DOMParser().parseFromString(octets.toString(), 'text/xml');
  return new Promise((resolve, reject) => {
    xmlC14n.createCanonicaliser(EXC_C14N).canonicalise(document.documentElement, (error, text) => {
      if (error === null || error === undefined) resolve(hex(text));
      else reject(error);
    });
  });
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  jitsuin: ours,
  'jitsuin, streamed': oursStreamed,
  'jitsuin, exclusive': oursExclusive,
  'libxml2-wasm': libxml2Wasm,
  'xml-crypto': xmlCrypto,
  xmldsigjs: xmldsigJs,
  'xml-c14n (exclusive)': xmlC14nExclusive,
};
/** Not beyond this size: minutes or gigabytes. */
const SMALL_ONLY = new Set(['xml-crypto', 'xmldsigjs', 'xml-c14n (exclusive)']);
const SMALL = 200_000;
const WARM_UP_MICROSECONDS = 500_000;
const SIZES = { '2 KB': 2000, '100 KB': 100_000, '5 MB': 5_000_000 };

export async function bench({ rounds, quick }: BenchOptions): Promise<unknown> {
  const libxml2 = await startLibxml2();
  console.log(
    `parse + C14N 1.0 + SHA-256, processor time, median of ${rounds} interleaved rounds; libxml2 in C ${libxml2?.version ?? 'not installed'} (no hash)`,
  );
  const results: Record<string, unknown>[] = [];
  for (const [size, length] of Object.entries(SIZES)) {
    if (quick && length > SMALL) continue;
    for (const shape of ['app', 'wide', 'deep', 'namespaces'] as const) {
      if (length > SMALL && shape !== 'app' && shape !== 'namespaces') continue;
      const row = await measure(shape, documentOf(shape, length), rounds, libxml2);
      results.push({ shape, size, octets: row.octets, milliseconds: row.medians, differs: row.differs });
      print(shape, size, row);
    }
  }
  libxml2?.stop();
  if (!quick) results.push(...coldProcesses());
  return results;
}

/** One cold process on about 50 MB of the shape app: processor time and peak resident memory, the input included. */
function coldProcesses(): Record<string, unknown>[] {
  const directory = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  const files = { tiny: join(directory, 'tiny.xml'), '50 MB': join(directory, 'large.xml') };
  writeFileSync(files.tiny, '<a/>');
  writeFileSync(files['50 MB'], documentOf('app', 50_000_000));
  const rows = Object.entries(files).flatMap(([size, file]) =>
    ['parsed', 'streamed'].map((way) => {
      const program = join(import.meta.dirname, 'support/peak.ts');
      const out = execFileSync(process.execPath, ['--import', 'tsx', program, file, way], {
        encoding: 'utf8',
      });
      const row = { size, way, ...(JSON.parse(out) as { milliseconds: number; peakMegabytes: number }) };
      console.log(
        `cold process, ${size}, ${way}: ${row.milliseconds.toFixed(0)} ms, peak ${row.peakMegabytes.toFixed(1)} MB resident`,
      );
      return row;
    }),
  );
  rmSync(directory, { recursive: true });
  return rows;
}

interface Row {
  readonly octets: number;
  readonly medians: Record<string, number>;
  /** Peers whose digest is not ours. */
  readonly differs: readonly string[];
}

async function measure(
  shape: Shape,
  octets: Buffer,
  rounds: number,
  libxml2: Awaited<ReturnType<typeof startLibxml2>>,
): Promise<Row> {
  const subjects = Object.entries(SUBJECTS).filter(
    ([name]) => octets.length < SMALL || !SMALL_ONLY.has(name),
  );
  const repeat = octets.length < 10_000 ? 200 : octets.length < SMALL ? 8 : 1;
  const times: Record<string, number[]> = Object.fromEntries(subjects.map(([name]) => [name, []]));
  if (libxml2 !== undefined) times['libxml2 in C'] = [];
  const differs: string[] = [];
  const [expected, exclusive] = [ours(octets), oursExclusive(octets)];
  for (const [name, subject] of subjects) {
    const digest = await subject(octets);
    if (digest !== (name.includes('exclusive') ? exclusive : expected)) differs.push(name);
    await warmUp(subject, octets);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, subject] of subjects) {
      const begin = process.cpuUsage();
      for (let n = 0; n < repeat; n += 1) await subject(octets);
      times[name]?.push(process.cpuUsage(begin).user / 1000 / repeat);
    }
    if (libxml2 !== undefined) times['libxml2 in C']?.push(await libxml2.run(octets, repeat));
  }
  if (differs.length > 0) console.log(`  ${shape}: another digest than ours from ${differs.join(', ')}`);
  return {
    octets: octets.length,
    medians: Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])),
    differs,
  };
}

/** Runs a subject until the engine has compiled it. */
async function warmUp(subject: Subject, octets: Buffer): Promise<void> {
  const begin = process.cpuUsage();
  while (process.cpuUsage(begin).user < WARM_UP_MICROSECONDS) await subject(octets);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function print(shape: Shape, size: string, { octets, medians }: Row): void {
  const own = medians['jitsuin'] ?? Number.NaN;
  const cells = Object.entries(medians).map(
    ([name, time]) => `${name} ${time.toFixed(3)} ms (${(time / own).toFixed(2)}x)`,
  );
  console.log(
    `${shape} ${size} (${octets} octets, ${(octets / own / 1000).toFixed(0)} MB/s): ${cells.join(', ')}`,
  );
}
