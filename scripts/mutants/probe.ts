/**
 * What the instrumented text asks, and the hooks of one wrapped test file. Loaded inside vitest's workers by the wrappers that
 * `trial.ts` writes.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, vi } from 'vitest';

/** A fault that makes a loop endless ends its test by this error. */
const MOST_MILLISECONDS = 10_000;
const LOOK_EVERY = 4_096;

/** What one test file reaches: by test (its full name), in its hooks (`''`), and while modules load (`load`). */
export interface Coverage {
  readonly hits: Readonly<Record<string, readonly string[]>>;
  readonly milliseconds: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
}

interface Task {
  readonly name: string;
  readonly suite?: Task;
}
const fullName = (task: Task): string =>
  task.suite === undefined ? task.name : `${fullName(task.suite)} > ${task.name}`;

type Probe = (id: string) => boolean;
const put = (probe: Probe | undefined) => Object.assign(globalThis, { __jitsuinMutant: probe });

/** Runs the file as it is and writes what it reached to `out`. */
export async function record(load: () => Promise<unknown>, out: string): Promise<void> {
  const hits = new Map<string, Set<string>>();
  const milliseconds: Record<string, number> = {};
  const failed: string[] = [];
  let now = '';
  let began = performance.now();
  let current = new Set<string>();
  const turnTo = (name: string) => {
    now = name;
    current = hits.get(name) ?? new Set<string>();
    hits.set(name, current);
  };
  turnTo('load');
  put((id) => {
    current.add(id);
    return false;
  });
  beforeEach(({ task, onTestFailed }) => {
    turnTo(fullName(task));
    began = performance.now();
    onTestFailed(() => void failed.push(fullName(task)));
  });
  afterEach(() => {
    milliseconds[now] = performance.now() - began;
    turnTo('');
  });
  afterAll(() => {
    put(undefined);
    const plain = Object.fromEntries([...hits].map(([name, ids]) => [name, [...ids]]));
    writeFileSync(out, JSON.stringify({ hits: plain, milliseconds, failed } satisfies Coverage));
  });
  await load();
  milliseconds['load'] = performance.now() - began;
  turnTo('');
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
  let asked = 0;
  const began = performance.now();
  if (anew) vi.resetModules();
  put((asking) => {
    if (asking !== id) return false;
    asked += 1;
    if (asked % LOOK_EVERY === 0 && performance.now() - began > MOST_MILLISECONDS) {
      throw new Error(`the fault ${id} does not end`);
    }
    return true;
  });
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
