import type { BarePart, BareParts } from './pipeline-bare-parts.ts';
import type { ComparedSize, Contender, Measured, Phases } from './pipeline-results.ts';

const MEBI = 2 ** 20;

function fixed(value: number, digits = 0): string {
  return value.toFixed(digits);
}

export function printBareParts({ route, signature, job, commit }: BareParts): void {
  const parts: Readonly<Record<string, BarePart | undefined>> = {
    'an Express route': route,
    'a signature at the simulated service': signature,
    'a BullMQ job': job,
    'a durable commit on SQLite': commit.sqlite,
    'a durable commit on PostgreSQL': commit.postgres,
  };
  for (const [name, part] of Object.entries(parts))
    if (part !== undefined)
      console.log(
        `nothing but ${name}: ${fixed(part.perSecond)}/s, processor time ${fixed(part.cpuMillis, 3)} ms`,
      );
}

export function printContender(contender: Contender, parts: BareParts): void {
  const { name, loaded, paced, steps, stored, width } = contender;
  console.log(
    `${name}: ${fixed(loaded.perSecond, 1)} applications/s (${loaded.applications}, ${width} citizens at once), ` +
      `p50 ${fixed(loaded.latencyP50)} ms p99 ${fixed(loaded.latencyP99)} ms`,
  );
  console.log(`  half load: p50 ${fixed(paced.latencyP50)} ms p99 ${fixed(paced.latencyP99)} ms`);
  const cpu = Object.entries(loaded.cpu).map(([process, millis]) => `${process} ${fixed(millis, 1)}`);
  console.log(
    `  processor time ${fixed(loaded.cpuMillis, 1)} ms each: ${cpu.join(', ')}; simulator and citizens ${fixed(loaded.driverMillis, 1)}`,
  );
  console.log(
    `  each: ${fixed(loaded.rows, 1)} rows, ${fixed(loaded.bytes / 1024, 1)} KiB, ${costs(loaded)}, ` +
      `${fixed(loaded.requests, 1)} HTTP requests, ${fixed(loaded.jobs, 1)} jobs, ${fixed(loaded.commits, 1)} durable commits`,
  );
  for (const at of contender.larger)
    console.log(
      `  documents of ${fixed(at.octets / 1_000)} kB: ${fixed(at.cpuMillis, 1)} ms ` +
        `(${fixed(at.cpuMillis / loaded.cpuMillis, 2)} of the smallest), ${fixed(at.bytes / 1024, 1)} KiB stored`,
    );
  console.log(`  memory of all four processes, MiB: ${memoryOverTime(loaded.memory)}`);
  for (const [event, millis] of Object.entries(steps))
    console.log(`  before ${event.padEnd(36)} ${fixed(millis)} ms`);
  for (const at of stored)
    console.log(
      `  ${String(at.filled).padStart(8)} stored: ${fixed(at.perSecond, 1)}/s, processor time ${fixed(at.cpuMillis, 1)} ms, ` +
        `p50 ${fixed(at.latencyP50)} ms, ${fixed(at.rows, 1)} rows, ${fixed(at.bytes / 1024, 1)} KiB, ${costs(at)}`,
    );
  printCeilings(contender, parts);
}

function costs({ statements, roundTrips, redisCalls, databaseMillis }: Measured): string {
  return (
    `${fixed(statements)} SQL statements, ${fixed(roundTrips)} round trips, database ${fixed(databaseMillis, 1)} ms, ` +
    `${fixed(redisCalls)} Redis commands`
  );
}

/** At the start, after a tenth, a quarter, half, three quarters, and at the end of the run. */
function memoryOverTime(seen: readonly number[]): string {
  return [0, 0.1, 0.25, 0.5, 0.75, 1]
    .map(
      (part) => `${fixed(100 * part)} % ${fixed((seen[Math.floor(part * (seen.length - 1))] ?? 0) / MEBI)}`,
    )
    .join(', ');
}

/**
 * What each necessary part would allow if nothing else were done, and what was reached of the least of these. The first is not
 * measured alone: it is what the answering service and the asking citizens and tenants took of their one thread in this run.
 */
function printCeilings({ engine, loaded }: Contender, { route, signature, job, commit }: BareParts): void {
  const bareCommit = commit[engine];
  const ceilings: Readonly<Record<string, number | undefined>> = {
    'simulator and citizens, one process that is never idle': 1_000 / loaded.driverMillis,
    'one signature at the simulated service': signature.perSecond,
    [`${fixed(loaded.requests, 1)} routes`]: route.perSecond / loaded.requests,
    [`${fixed(loaded.jobs, 1)} jobs`]: job && job.perSecond / loaded.jobs,
    [`${fixed(loaded.commits, 1)} durable commits`]: bareCommit && bareCommit.perSecond / loaded.commits,
  };
  const known = Object.entries(ceilings).filter((entry): entry is [string, number] => entry[1] !== undefined);
  const reached = (ceiling: number) => `${fixed((100 * loaded.perSecond) / ceiling)} %`;
  for (const [name, rate] of known)
    console.log(`  alone: ${name} ${fixed(rate)}/s; reached of it: ${reached(rate)}`);
  const slowest = Math.min(...known.map(([, rate]) => rate));
  console.log(`  reached: ${reached(slowest)} of what the slowest of these allows`);
}

/** One engine at two commits: figures an application, the base first. */
export function printCompared(name: string, ratio: number, base: Measured, change: Measured): void {
  console.log(
    `\n${name}: ${ratio.toFixed(3)} of the base's processor time, ${change.applications} applications each`,
  );
  for (const line of comparedLines(base, change)) console.log(`  ${line}`);
}

/** What of an application is compared, by name; each an average. */
export function comparedFigures(base: Measured): readonly (readonly [string, (one: Measured) => number])[] {
  return [
    ['processor time of our roles, ms', (one) => one.cpuMillis],
    ...Object.keys(base.cpu).map((role) => [`  ${role}, ms`, (one: Measured) => one.cpu[role] ?? 0] as const),
    ['the database itself, ms', (one) => one.databaseMillis],
    ['statements', (one) => one.statements],
    ['round trips to PostgreSQL', (one) => one.roundTrips],
    ['commits that wait for the disk', (one) => one.commits],
    ['HTTP requests', (one) => one.requests],
    ['commands sent to Redis', (one) => one.redisCalls],
    ['commands that Redis counted', (one) => one.redisCommands],
    ['rows stored', (one) => one.rows],
    ['octets stored', (one) => one.bytes],
    ['ended without a verdict, in all', (one) => one.unfinished],
  ];
}

function comparedLines(base: Measured, change: Measured): readonly string[] {
  return comparedFigures(base).map(
    ([what, of]) =>
      `${what.padEnd(34)} ${of(base).toFixed(1).padStart(10)} ${of(change).toFixed(1).padStart(10)}`,
  );
}

/** Processor time by phase and process, of one commit or of several. */
export function printPhases(of: Readonly<Record<string, Phases>>): void {
  for (const [commit, phases] of Object.entries(of))
    for (const [phase, cpu] of Object.entries(phases)) {
      const parts = Object.entries(cpu).map(([process, millis]) => `${process} ${fixed(millis, 1)}`);
      console.log(`  ${commit}, ${phase}, ms: ${parts.join(', ')}`);
    }
}

export function printSize({ octets, ratio, ofSmallest, base, change }: ComparedSize): void {
  console.log(
    `  documents of ${fixed(octets / 1_000)} kB: ${fixed(base.cpuMillis, 1)} → ${fixed(change.cpuMillis, 1)} ms ` +
      `(${fixed(ratio, 3)}); of the smallest ${fixed(ofSmallest.base, 2)} → ${fixed(ofSmallest.change, 2)}; ` +
      `stored ${fixed(base.bytes / 1024, 1)} → ${fixed(change.bytes / 1024, 1)} KiB`,
  );
}
