import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { FaultWorld } from '../../faults/support/fault-world.ts';
import type { Counts } from '../../faults/support/role-process.ts';

/** What the processes of a world have used since they started. */
export interface Usage extends Counts {
  /** Processor time, user and system, of each process; ms. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Resident memory of each process; octets. */
  readonly memory: Readonly<Record<string, number>>;
}

/** `USER_HZ` of Linux on every architecture that Node runs on. */
const TICK_MILLIS = 10;

export async function usageOf(world: FaultWorld): Promise<Usage> {
  const processes = world.names.map((name) => [name, world.process(name)] as const);
  const counts = await Promise.all(processes.map(([, process]) => process.counts()));
  const sum = (of: (one: Counts) => number) => counts.reduce((total, one) => total + of(one), 0);
  return {
    cpu: Object.fromEntries(processes.map(([name, { pid }]) => [name, cpuOf(pid)])),
    memory: memoryOf(world),
    statements: sum(({ statements }) => statements),
    roundTrips: sum(({ roundTrips }) => roundTrips),
    sqliteMillis: sum(({ sqliteMillis }) => sqliteMillis),
    redisCalls: sum(({ redisCalls }) => redisCalls),
    durable: sum(({ durable }) => durable),
    requests: sum(({ requests }) => requests),
  };
}

/** Resident memory of each process; octets. */
export function memoryOf(world: FaultWorld): Readonly<Record<string, number>> {
  return Object.fromEntries(world.names.map((name) => [name, residentOf(world.process(name).pid)]));
}

/** State, parent, … of a process: what stands behind its name, which is in parentheses and may hold blanks. */
function statOf(pid: number | string): readonly string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
}

function cpuOf(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MILLIS;
}

/** Processor time of a server and of all its children, those that have ended included; ms. */
export function cpuOfServer(pid: number): number {
  const ended = statOf(pid).slice(13, 15).map(Number);
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  const past = ended.reduce((sum, ticks) => sum + ticks * TICK_MILLIS, 0);
  return children.reduce((sum, child) => sum + cpuOf(Number(child)), cpuOf(pid) + past);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return undefined; // ended meanwhile
  }
}

/** 0 for one that has ended. */
function residentOf(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 0;
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}
