/**
 * `npm test` and `npm run test:all` (`--all`). Arguments without a dash are vitest's filters, over all parts; `--part=NAME` is one part.
 * At its end: the time of each part, what did not run and how to run it, each test that failed with its first line, and the line
 * `N passed, N failed, N skipped`. With `CI` set, the files that failed run once more alone; what is green then does not fail the run,
 * and is named at the end as unsteady: a test of that kind is a defect to repair.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PARTS, type Part } from '../test/parts.ts';
import type { Failure } from '../test/support/count-reporter.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
/** The long form of the properties, for `--all`; what the environment says already stays. */
const LONG = { JITSUIN_FUZZ_DOCS: '20000', JITSUIN_FUZZ_RUNS: '4000', JITSUIN_LONG_TESTS: '1' };
/** More files than this do not fail by chance. */
const MANY = 8;
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-test-'));

interface Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly status: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notRun: readonly string[];
  readonly failures: readonly Failure[];
  /** Failed in the first run and green when run once more, alone. */
  readonly unsteady: readonly Failure[];
}

const linesOf = (file: string): readonly string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];

/** One run of vitest; its output goes on as it comes. */
async function run(name: string, args: readonly string[], long: boolean): Promise<Outcome> {
  const file = (kind: string) => join(folder, `${name}.${kind}`);
  const started = Date.now();
  const child = spawn(process.execPath, [VITEST, 'run', '--passWithNoTests', ...args], {
    cwd: ROOT,
    env: {
      ...(long ? LONG : {}),
      ...process.env,
      JITSUIN_NOT_RUN: file('not-run'),
      JITSUIN_FAILED_FILES: file('failed'),
    },
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  let counts = '';
  child.stdout.on('data', (piece: Buffer) => {
    process.stdout.write(piece);
    counts = (counts + piece.toString()).slice(-4_000);
  });
  const status = await new Promise<number>((resolve) =>
    child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 1)),
  );
  const [, passed = 0, failed = 0, skipped = 0] =
    /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(counts)?.map(Number) ?? [];
  return {
    name,
    seconds: (Date.now() - started) / 1_000,
    status,
    passed,
    // a run that ends badly without a failed test, as one that was killed, is a failure too
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped,
    notRun: linesOf(file('not-run')),
    failures: linesOf(file('failed')).map((line) => JSON.parse(line) as Failure),
    unsteady: [],
  };
}

/** A run, and where CI asks for it, the failed files once more. */
async function runTwiceInCi(
  name: string,
  args: readonly string[],
  long: boolean,
): Promise<readonly Outcome[]> {
  const first = await run(name, args, long);
  if (first.status === 0 || process.env['CI'] === undefined || first.failures.length === 0) return [first];
  const files = [...new Set(first.failures.map(({ file }) => file.replace(ROOT, '')))];
  if (files.length > MANY) return [first];
  process.stdout.write(`\n*** FAILED ONCE, RUN ONCE MORE: ${files.join(' ')} ***\n`);
  const again = await run(`${name}, once more`.replaceAll('/', '-'), files, long);
  if (again.status !== 0) return [first, again];
  return [{ ...first, status: 0, failed: 0, failures: [], unsteady: first.failures }, again];
}

async function runPart(part: Part): Promise<readonly Outcome[]> {
  process.stdout.write(`\n== ${part.name}: ${part.about}\n`);
  return runTwiceInCi(part.name, ['--project', part.name], true);
}

function printEnd(outcomes: readonly Outcome[], left: readonly Part[]): void {
  const out = (line: string) => process.stdout.write(`${line}\n`);
  out('');
  for (const { name, seconds, passed, failed, skipped } of outcomes) {
    out(
      `${seconds.toFixed(1).padStart(8)} s  ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`,
    );
  }
  const notRun = [...new Set(outcomes.flatMap((outcome) => outcome.notRun))].sort();
  if (left.length + notRun.length > 0) out('\nNot run here ("npm run test:all" runs every part):');
  for (const { name, about } of left) out(`  part ${name}: ${about}; npm test -- --part=${name}`);
  for (const line of notRun) out(`  ${line}`);
  const named = ({ file, test, message }: Failure) =>
    `  ${file.replace(ROOT, '')} > ${test ?? '(file)'}: ${message}`;
  const unsteady = outcomes.flatMap((outcome) => outcome.unsteady);
  if (unsteady.length > 0) out('\nUNSTEADY (failed once, green when run once more; repair these):');
  for (const failure of unsteady) out(named(failure));
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  if (failures.length > 0) out('\nFAILED:');
  for (const failure of failures) out(named(failure));
  const sum = (key: 'passed' | 'failed' | 'skipped') =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  out(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
}

const args = process.argv.slice(2);
const named = args.filter((arg) => arg.startsWith('--part=')).map((arg) => arg.slice('--part='.length));
const rest = args.filter((arg) => arg !== '--all' && !arg.startsWith('--part='));
const outcomes: Outcome[] = [];
let left: readonly Part[] = [];
if (args.includes('--all')) {
  for (const part of PARTS) outcomes.push(...(await runPart(part)));
} else if (rest.some((arg) => !arg.startsWith('-'))) {
  outcomes.push(...(await runTwiceInCi('chosen', rest, false)));
} else {
  const chosen = PARTS.filter(({ name, everyday }) => (named.length === 0 ? everyday : named.includes(name)));
  if (chosen.length === 0) throw new Error(`--part is one of: ${PARTS.map(({ name }) => name).join(', ')}`);
  const projects = chosen.map(({ name }) => `--project=${name}`);
  outcomes.push(
    ...(await runTwiceInCi(chosen.map(({ name }) => name).join(', '), [...projects, ...rest], false)),
  );
  if (named.length === 0) left = PARTS.filter(({ everyday }) => !everyday);
}
printEnd(outcomes, left);
rmSync(folder, { recursive: true, force: true });
process.exitCode = outcomes.some(({ status }) => status !== 0) ? 1 : 0;
