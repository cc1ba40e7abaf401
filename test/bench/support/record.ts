import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { comparedFigures } from './pipeline-print.ts';
import type { Compared } from './pipeline-results.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples', import.meta.url));

export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
  /** Of the minute before. */
  readonly load: number;
  readonly date: string;
}

interface Comparison {
  readonly base: string;
  readonly warmUp: number;
  readonly embedded?: Compared;
  readonly servers?: Compared;
}

/** `samples/benchmarks.json` and the page made of it alone. */
export function recordComparison(machine: Machine, results: Comparison): void {
  const file = join(SAMPLES, 'benchmarks.json');
  writeFileSync(file, `${JSON.stringify({ machine, ...results }, null, 2)}\n`);
  writeFileSync(join(SAMPLES, 'BENCHMARKS.md'), benchmarksPage(readFileSync(file, 'utf8')));
}

/** @param json the content of `samples/benchmarks.json` */
export function benchmarksPage(json: string): string {
  const { machine, base, warmUp, embedded, servers } = JSON.parse(json) as Comparison & {
    readonly machine: Machine;
  };
  const gibi = (machine.memory / 2 ** 30).toFixed(0);
  const contenders = [
    ['Embedded (SQLite)', embedded],
    ['PostgreSQL and Redis', servers],
  ] as const;
  const parts = contenders.flatMap(([name, compared]) =>
    compared === undefined ? [] : [chapter(name, compared)],
  );
  return [
    '# What an application costs',
    '',
    `Written by \`npm run bench -- pipeline --compare ${base.slice(0, 7)} --record\` from its own output (\`benchmarks.json\` beside this page).`,
    `Commit \`${base}\` and this one were measured in turns after ${warmUp} applications each, on Node ${machine.node}, ${machine.cores} ×`,
    `${machine.cpu}, ${gibi} GiB, load ${machine.load.toFixed(1)} before, ${machine.date.slice(0, 10)}. Ratios hold on other machines, times do not.`,
    '',
    ...parts,
  ].join('\n');
}

function chapter(name: string, { ratio, databaseRatio, base, change, sizes }: Compared): string {
  const rows = comparedFigures(base).map(
    ([what, of]) => `| ${what.trim()} | ${of(base).toFixed(1)} | ${of(change).toFixed(1)} |`,
  );
  const larger = sizes.map(
    (size) =>
      `| ${size.octets / 1_000} kB | ${size.ofSmallest.base.toFixed(2)} | ${size.ofSmallest.change.toFixed(2)} | ${size.ratio.toFixed(2)} |`,
  );
  return [
    `## ${name}`,
    '',
    `Processor time of sp and pf: **${ratio.toFixed(2)}** of the base's; the database's own: ${databaseRatio.toFixed(2)}. ${change.applications} applications each.`,
    '',
    '| an application | base | now |',
    '|---|---|---|',
    ...rows,
    '',
    '| document of | of the smallest, base | of the smallest, now | now by base |',
    '|---|---|---|---|',
    ...larger,
    '',
    storedLine(change),
    '',
  ].join('\n');
}

const MILLION = 1_000_000;

function storedLine({ rows, bytes }: Compared['change']): string {
  const gigabytes = (bytes * MILLION) / 1e9;
  return `Stored for 1,000,000 applications, as many octets each as here: ${gigabytes.toFixed(1)} GB in ${((rows * MILLION) / 1e6).toFixed(1)} million rows.`;
}
