import { readFileSync } from 'node:fs';
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
    durable: sum(({ durable }) => durable),
    requests: sum(({ requests }) => requests),
  };
}

/** Resident memory of each process; octets. */
export function memoryOf(world: FaultWorld): Readonly<Record<string, number>> {
  return Object.fromEntries(world.names.map((name) => [name, residentOf(world.process(name).pid)]));
}

function cpuOf(pid: number): number {
  // the name in parentheses may hold blanks; the fields after it do not
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MILLIS;
}

function residentOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) * 1024;
}
