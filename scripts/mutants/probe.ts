/**
 * What the instrumented text asks, and the hooks of one wrapped test file. Loaded inside vitest's workers by the wrappers that
 * `trial.ts` writes.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeEach, vi } from 'vitest';

/** A fault that makes a loop endless ends its test by this error. */
const MOST_MILLISECONDS = 10_000;
const LOOK_EVERY = 4_096;

/** What one test file reaches: by test (its full name), in its hooks (`''`), and while modules load (`load`). */
export interface Coverage {
  readonly hits: Readonly<Record<string, readonly string[]>>;
  readonly milliseconds: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
  /** Source files whose faults a sweep tried in this file, and the faults that it could not judge. */
  readonly sources: readonly string[];
  readonly untrusted: readonly string[];
}

interface Task {
  readonly name: string;
  readonly suite?: Task;
}
export const fullName = (task: Task): string =>
  task.suite === undefined ? task.name : `${fullName(task.suite)} > ${task.name}`;

/** Milliseconds that this thread had a processor, which Linux tells; elsewhere the wall clock. */
function worked(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now() - performance.eventLoopUtilization().idle;
  }
}

/** Milliseconds that this thread worked or waited for an event: a busy machine makes no test dearer. */
export const spent = () => worked() + performance.eventLoopUtilization().idle;

type Probe = (id: string) => boolean;
export const put = (probe: Probe | undefined) => Object.assign(globalThis, { __jitsuinMutant: probe });

/** Wakes one fault. Loops ask too, under no name: one that the fault makes endless ends by an error. */
export function waker(awake: string): Probe {
  let asked = 0;
  const began = worked();
  return (id) => {
    asked += 1;
    if (asked % LOOK_EVERY === 0 && worked() - began > MOST_MILLISECONDS) {
      throw new Error(`the fault ${awake} does not end`);
    }
    return id === awake;
  };
}

export interface Awake {
  readonly id: string;
  /** Full names of the tests that reach the fault; undefined: all. */
  readonly tests?: readonly string[];
  /** Modules are loaded anew, for a fault that acts while they load. */
  readonly anew: boolean;
}

/** Runs the tests of the file that reach the fault, until one fails. */
export async function wake({ id, tests, anew }: Awake, load: () => Promise<unknown>): Promise<void> {
  let failed = false;
  if (anew) vi.resetModules();
  put(waker(id));
  beforeEach(({ task, skip, onTestFailed }) => {
    if (failed || (tests !== undefined && !tests.includes(fullName(task)))) skip();
    onTestFailed(() => {
      failed = true;
    });
  });
  afterAll(() => {
    put(undefined);
    if (anew) vi.resetModules();
  });
  await load();
}
