import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSignedArchive } from '../support/signed-archive.ts';
import type { BenchOptions } from './bench.ts';
import { compiledFolder, compiledProgram } from './support/compiled.ts';

const COUNT = 10_000;
const QUICK = 1_000;

interface Took {
  readonly passed: number;
  /** Milliseconds. */
  readonly wall: number;
  readonly processor: number;
}

/**
 * `npm run bench -- archive`: `jitsuin verify FOLDER` over 10,000 documents of 2 KB (files read, lines written, threads started and
 * all), beside the engine alone over the same octets in memory, in turns; each in a process of its own.
 */
export async function bench({ rounds, quick }: BenchOptions): Promise<unknown> {
  const count = quick ? QUICK : COUNT;
  const place = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  const { documents, trust, crl, at } = writeSignedArchive(place, count);
  const own = compiledFolder();
  const engine = compiledProgram('judge-in-node');
  const [alone, archive]: [Took[], Took[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    alone.push(
      JSON.parse(
        execFileSync(process.execPath, [engine, own, documents, trust, crl, at], { encoding: 'utf8' }),
      ),
    );
    archive.push(judgeArchive(['verify', documents, '--trust', trust, '--crl', crl, '--at', at], own));
  }
  rmSync(place, { recursive: true });
  for (const { passed } of [...alone, ...archive])
    if (passed !== count) throw new Error(`${passed} of ${count} documents passed`);
  const results = { count, engine: medians(alone), command: medians(archive) };
  const ratios = {
    wall: results.command.wall / results.engine.wall,
    processor: results.command.processor / results.engine.processor,
  };
  console.log(`${count} documents of 2 KB, median of ${rounds} rounds in turns`);
  for (const of1 of ['wall', 'processor'] as const)
    console.log(
      `  ${of1.padEnd(10)} engine ${results.engine[of1].toFixed(0)} ms, command ${results.command[of1].toFixed(0)} ms: ${ratios[of1].toFixed(2)}x (${availableParallelism()} processors)`,
    );
  return { ...results, ratios };
}

function judgeArchive(args: readonly string[], own: string): Took {
  const began = performance.now();
  const timed = join(own, 'cli/main.js');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', USAGE, timed, ...args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`the command ended with ${status}: ${stderr}`);
  const [, processor = 'NaN'] = /processor ([0-9.]+)/.exec(stderr) ?? [];
  return {
    passed: stdout.split('"TOTAL-PASSED"').length - 1,
    wall: performance.now() - began,
    processor: Number(processor),
  };
}

/** The command's own processor time, its threads' too, said when it ends. */
const USAGE = `data:text/javascript,${encodeURIComponent(`import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write('processor ' + (user + system) / 1000 + '\\n'); });`)}`;

function medians(all: readonly Took[]) {
  return {
    wall: median(all.map(({ wall }) => wall)),
    processor: median(all.map(({ processor }) => processor)),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
