/**
 * `npm run bench -- NAME [--out FILE] [--rounds N] [--quick]`: one benchmark of this folder. Prints medians and ratios with
 * versions and machine, and writes them as JSON to FILE.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  xml: () => import('./xml.ts'),
  pki: () => import('./pki.ts'),
  verify: () => import('./verify.ts'),
  pipeline: () => import('./pipeline.ts'),
  pages: () => import('./pages.ts'),
  observability: () => import('./observability.ts'),
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
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
    date: new Date().toISOString(),
  };
  console.log(`${name}: Node ${machine.node}, ${machine.cores} x ${machine.cpu}`);
  const { bench } = await load();
  const results = await bench({ rounds: Number(values.rounds), quick: values.quick });
  if (values.out !== undefined)
    writeFileSync(values.out, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  return 0;
}

process.exitCode = await main();
