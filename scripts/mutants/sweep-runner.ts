/**
 * vitest's runner for a sweep: each test runs once as it is, which records what it reaches, and then once for each fault that it
 * reaches and nobody has noticed, within one load of its file. Whatever a fault left behind shows: after a test went red it must be
 * green again without the fault, else its word does not count and the fault is tried alone.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type RunnerTestCase, type RunnerTestFile, type RunnerTestSuite, TestRunner } from 'vitest';
import { type Coverage, fullName, put, spent, waker } from './probe.ts';

/** What `trial.ts` writes for this runner. */
export interface SweepPlan {
  readonly root: string;
  /** Test file → where its coverage is written, and the source files whose faults it tries. */
  readonly files: Readonly<Record<string, { readonly out: string; readonly sources: readonly string[] }>>;
  /** Fault → the file that says that somebody noticed it. */
  readonly marks: Readonly<Record<string, string>>;
}
export const PLAN_VARIABLE = 'MUTANTS_PLAN';

/** Milliseconds of one file's tests that one fault may cost, and of all files in one thread. */
const MOST_IN_FILE = 3_000;
const MOST_IN_ALL = 12_000;
const ENOUGH_TRIES = 1_000_000;
/** A test that takes less than this unharmed hangs by the fault when it runs into its timeout, not by a busy machine. */
const QUICK = 2_000;

const costOfAll = new Map<string, number>();
const killed = new Set<string>();

interface FileState {
  readonly name: string;
  readonly hits: Map<string, Set<string>>;
  readonly milliseconds: Record<string, number>;
  readonly failed: string[];
  readonly untrusted: string[];
  readonly cost: Map<string, number>;
}

interface TestState {
  readonly name: string;
  phase: 'unharmed' | 'fault' | 'again' | 'ended';
  id: string;
  queue: string[];
  cost: number;
}

export default class SweepRunner extends TestRunner {
  readonly #plan = JSON.parse(readFileSync(process.env[PLAN_VARIABLE] ?? '', 'utf8')) as SweepPlan;
  #file: FileState | undefined;
  #test: TestState | undefined;
  #current = new Set<string>();
  #began = 0;

  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    const name = file.filepath.slice(this.#plan.root.length + 1);
    this.#file = {
      name,
      hits: new Map(),
      milliseconds: {},
      failed: [],
      untrusted: [],
      cost: new Map(),
    };
    this.#recordInto('load');
  }

  onCollected(): void {
    this.#count('load');
    this.#recordInto('');
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    const runs = test.type === 'test' && (test.mode === 'run' || test.mode === 'queued');
    if (!runs || test.concurrent || test.fails) return;
    const name = fullName(test);
    this.#test = { name, phase: 'unharmed', id: '', queue: [], cost: 0 };
    Object.assign(test, { retry: ENOUGH_TRIES });
    this.#recordInto(name);
  }

  onAfterRetryTask(test: RunnerTestCase): void {
    const state = this.#test;
    if (state === undefined) return;
    const red = test.result?.state === 'fail';
    const took = spent() - this.#began;
    if (state.phase === 'unharmed') {
      state.cost = took;
      this.#count(state.name);
      if (red) this.#file?.failed.push(state.name);
      else state.queue = [...this.#current].filter((id) => this.#isWanted(id));
    } else if (state.phase === 'fault') {
      this.#pay(state.id, took);
      const late = /timed out/.test(test.result?.errors?.[0]?.message ?? '');
      if (red && (!late || state.cost < QUICK)) {
        state.phase = 'again';
        this.#goOn(test, undefined);
        return;
      }
    } else if (state.phase === 'again') {
      if (red) this.#file?.untrusted.push(state.id);
      else this.#kill(state.id);
      if (red) state.queue = [];
    }
    this.#next(test, state);
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    super.onAfterRunTask(test);
    this.#test = undefined;
    this.#recordInto('');
  }

  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    await super.onAfterRunSuite(suite);
    const file = this.#file;
    if (!('filepath' in suite) || file === undefined) return;
    put(undefined);
    const { out = '', sources = [] } = this.#plan.files[file.name] ?? {};
    const hits = Object.fromEntries([...file.hits].map(([name, ids]) => [name, [...ids]]));
    const { milliseconds, failed, untrusted } = file;
    writeFileSync(out, JSON.stringify({ hits, milliseconds, failed, sources, untrusted } satisfies Coverage));
  }

  #recordInto(name: string): void {
    const file = this.#file;
    if (file === undefined) return;
    const into = file.hits.get(name) ?? new Set<string>();
    file.hits.set(name, into);
    this.#current = into;
    put((id) => {
      if (id !== '') into.add(id);
      return false;
    });
    this.#began = spent();
  }

  #count(name: string): void {
    if (this.#file) this.#file.milliseconds[name] = spent() - this.#began;
  }

  #isWanted(id: string): boolean {
    const file = this.#file;
    if (file === undefined || this.#isKilled(id)) return false;
    const source = id.slice(0, id.lastIndexOf('#'));
    return this.#plan.files[file.name]?.sources.includes(source) === true;
  }

  #isKilled(id: string): boolean {
    if (killed.has(id)) return true;
    if (!existsSync(this.#plan.marks[id] ?? '')) return false;
    killed.add(id);
    return true;
  }

  #kill(id: string): void {
    killed.add(id);
    const mark = this.#plan.marks[id];
    if (mark !== undefined) writeFileSync(mark, `${this.#file?.name}: ${this.#test?.name}`);
  }

  #pay(id: string, took: number): void {
    const { cost } = this.#file ?? {};
    cost?.set(id, (cost.get(id) ?? 0) + took);
    costOfAll.set(id, (costOfAll.get(id) ?? 0) + took);
  }

  #next(test: RunnerTestCase, state: TestState): void {
    for (let id = state.queue.shift(); id !== undefined; id = state.queue.shift()) {
      const inFile = this.#file?.cost.get(id) ?? 0;
      const inAll = costOfAll.get(id) ?? 0;
      const affordable = inFile + state.cost <= MOST_IN_FILE || inFile === 0;
      if (!affordable || (inAll + state.cost > MOST_IN_ALL && inAll > 0) || this.#isKilled(id)) continue;
      state.phase = 'fault';
      state.id = id;
      this.#goOn(test, id);
      return;
    }
    state.phase = 'ended';
    if (test.result) Object.assign(test.result, { state: 'pass', errors: undefined });
  }

  /** vitest tries a red test again: the next try is with this fault, or with none. */
  #goOn(test: RunnerTestCase, id: string | undefined): void {
    put(id === undefined ? () => false : waker(id));
    if (test.result) Object.assign(test.result, { state: 'fail', errors: [{ message: 'next' }] });
    this.#began = spent();
  }
}
