/**
 * `npm run bench -- NAME [--out FILE] [--json] [--rounds N] [--quick] [--compare REF [--record]]`: one benchmark of this folder. Prints medians
 * and ratios with versions and machine, and writes them as JSON to FILE or, with --json, instead. --compare (pipeline): builds
 * another commit and measures both in turns; with --record `samples/BENCHMARKS.md` and its JSON are made of it.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { defined } from '../../src/core/defined.ts';
import type { Bench } from './bench.ts';
import { recordComparison } from './support/record.ts';

const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  xml: () => import('./xml.ts'),
  pki: () => import('./pki.ts'),
  verify: () => import('./verify.ts'),
  pipeline: () => import('./pipeline.ts'),
  pages: () => import('./pages.ts'),
  archive: () => import('./archive.ts'),
  audit: () => import('./audit.ts'),
  observability: () => import('./observability.ts'),
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      compare: { type: 'string' },
      json: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  });
  const name = positionals[0] ?? '';
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (load === undefined) {
    console.error(`Benchmarks: ${Object.keys(BENCHES).join(', ')}.`);
    return 2;
  }
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    load: loadavg()[0] ?? 0,
    date: new Date().toISOString(),
  };
  // with --json the result is all that stands on the standard output
  if (values.json) console.log = console.error;
  console.log(`${name}: Node ${machine.node}, ${machine.cores} x ${machine.cpu}`);
  const { bench } = await load();
  const results = await bench(
    defined({ rounds: Number(values.rounds), quick: values.quick, compare: values.compare }),
  );
  if (values.out !== undefined)
    writeFileSync(values.out, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  if (values.record && values.compare !== undefined) recordComparison(machine, results as never);
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, ...Object(results) }, null, 2)}\n`);
  return 0;
}

process.exitCode = await main();
