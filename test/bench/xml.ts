import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchOptions } from './bench.ts';
import { compiledFolder, compiledProgram } from './support/compiled.ts';
import { documentOf, SHAPE_NAMES } from './support/documents.ts';
import { startLibxml2 } from './support/libxml2.ts';
import { startTalk, type Talk } from './support/talk.ts';

const SUBJECTS = [
  'jitsuin',
  'jitsuin, streamed',
  'jitsuin, exclusive',
  'libxml2-wasm',
  'xml-crypto',
  'xmldsigjs',
  'xml-c14n (exclusive)',
] as const;
type SubjectName = (typeof SUBJECTS)[number];
/** Not beyond this size: minutes or gigabytes. */
const SMALL_ONLY: readonly SubjectName[] = ['xml-crypto', 'xmldsigjs', 'xml-c14n (exclusive)'];
const SMALL = 200_000;
const SIZES = { '2 KB': 2000, '100 KB': 100_000, '5 MB': 5_000_000 };
/** Processor time before the first round: on a busy machine the engine's optimizing compiler gets to its work late. */
const WARM_UP_MILLISECONDS = 1500;

/** `npm run bench -- xml`: each library in a process of its own, our code as the build compiles it, rounds interleaved. */
export async function bench({ rounds, quick }: BenchOptions): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  const libxml2 = await startLibxml2();
  console.log(
    `parse + C14N 1.0 + SHA-256, milliseconds of processor time, median of ${rounds} interleaved rounds (ratio to jitsuin); libxml2 in C ${libxml2?.version ?? 'not installed'} (no hash)`,
  );
  const results: Record<string, unknown>[] = [];
  for (const [size, length] of Object.entries(SIZES)) {
    if (quick && length > SMALL) continue;
    for (const shape of SHAPE_NAMES) {
      if (length > SMALL && shape !== 'app' && shape !== 'namespaces') continue;
      const file = join(folder, `${shape}.xml`);
      const octets = documentOf(shape, length);
      writeFileSync(file, octets);
      const row = await measure(file, octets, rounds, libxml2);
      results.push({ shape, size, octets: octets.length, ...row });
      print(`${shape} ${size} (${octets.length} octets)`, row);
    }
  }
  libxml2?.stop();
  if (!quick) results.push(...coldProcesses(folder));
  rmSync(folder, { recursive: true });
  return results;
}

interface Row {
  readonly milliseconds: Readonly<Record<string, number>>;
  /** Peers whose digest is not ours. */
  readonly differs: readonly string[];
}

async function measure(
  file: string,
  octets: Buffer,
  rounds: number,
  libxml2: Awaited<ReturnType<typeof startLibxml2>>,
): Promise<Row> {
  const small = octets.length < SMALL;
  const names = SUBJECTS.filter((name) => small || !SMALL_ONLY.includes(name));
  const subjects = new Map<SubjectName, Talk>();
  const digests = new Map<SubjectName, string>();
  for (const name of names) {
    const talk = await startSubject(name);
    subjects.set(name, talk);
    digests.set(name, await warmUp(talk, `${countOf(name, octets)} ${file}`));
  }
  const times = new Map<string, number[]>();
  const note = (name: string, time: number) => times.set(name, [...(times.get(name) ?? []), time]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, talk] of subjects)
      note(name, Number.parseFloat(await talk.ask(`${countOf(name, octets)} ${file}`)));
    if (libxml2 !== undefined) note('libxml2 in C', await libxml2.run(octets, countOf('jitsuin', octets)));
  }
  for (const talk of subjects.values()) talk.stop();
  const differs = names.filter((name) => digests.get(name) !== digests.get(expectedOf(name)));
  return {
    milliseconds: Object.fromEntries([...times].map(([name, all]) => [name, median(all)])),
    differs,
  };
}

/** Returns the digest of the canonical form. */
async function warmUp(talk: Talk, line: string): Promise<string> {
  const count = Number.parseInt(line, 10);
  for (let spent = 0; ; ) {
    const [milliseconds = '', digest = ''] = (await talk.ask(line)).split(' ');
    spent += count * Number(milliseconds);
    if (spent >= WARM_UP_MILLISECONDS) return digest;
  }
}

function startSubject(name: SubjectName): Promise<Talk> {
  return startTalk(name, process.execPath, [compiledProgram('xml-in-node'), name, compiledFolder()]);
}

/** Whose digest a subject must have. */
function expectedOf(name: SubjectName): SubjectName {
  return name.includes('exclusive') ? 'jitsuin, exclusive' : 'jitsuin';
}

/** Runs in a round: the fast ones often, the slow ones seldom. */
function countOf(name: SubjectName, { length }: Buffer): number {
  const slow = SMALL_ONLY.includes(name);
  if (length < 10_000) return slow ? 100 : 400;
  if (length < SMALL) return slow ? 4 : 40;
  return 1;
}

/** One cold process on about 50 MB of the shape app: processor time and peak resident memory, the input included. */
function coldProcesses(folder: string): Record<string, unknown>[] {
  const files = { tiny: join(folder, 'tiny.xml'), '50 MB': join(folder, 'large.xml') };
  writeFileSync(files.tiny, '<a/>');
  writeFileSync(files['50 MB'], documentOf('app', 50_000_000));
  return Object.entries(files).flatMap(([size, file]) =>
    ['parsed', 'streamed'].map((way) => {
      const program = join(import.meta.dirname, 'support/peak.mjs');
      const out = execFileSync(process.execPath, [program, file, way, compiledFolder()], {
        encoding: 'utf8',
      });
      const row = { size, way, ...(JSON.parse(out) as Peak) };
      console.log(
        `cold process, ${size}, ${way}: ${row.milliseconds.toFixed(0)} ms, ${row.beforeMebibytes.toFixed(1)} MiB with the octets read, at most ${row.peakMebibytes.toFixed(1)} MiB resident`,
      );
      return row;
    }),
  );
}

interface Peak {
  readonly milliseconds: number;
  readonly beforeMebibytes: number;
  readonly peakMebibytes: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function print(title: string, { milliseconds, differs }: Row): void {
  const own = milliseconds['jitsuin'] ?? Number.NaN;
  console.log(differs.length === 0 ? title : `${title}; another digest than ours: ${differs.join(', ')}`);
  for (const [name, time] of Object.entries(milliseconds))
    console.log(
      `  ${name.padEnd(21)} ${time.toFixed(3).padStart(9)} ms  ${(time / own).toFixed(2).padStart(7)}x`,
    );
}
