/** One run of vitest in this process over wrapped test files, with the instrumented text of the source files in question. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BaseSequencer, startVitest, type TestModule, type TestSpecification } from 'vitest/node';
import { defined } from '../../src/core/defined.ts';
import { instrumented } from './instrumented.ts';
import type { Mutant } from './mutators.ts';
import type { Awake, Coverage } from './probe.ts';
import type { SweepPlan } from './sweep-runner.ts';

/** Pure code first: what it notices need not be tried on whole roles. */
const orderOf = ({ moduleId }: TestSpecification) =>
  `${['/test/unit/', '/test/properties/', '/test/attacks/'].findIndex((folder) => moduleId.includes(folder)) >>> 0}`.padStart(
    10,
    '0',
  ) + moduleId;

class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }
}

/** A fault to be woken in one test file. */
export interface Attempt extends Awake {
  readonly testFile: string;
}

export class Trial {
  readonly #root: string;
  readonly #folder: string;
  readonly #texts: ReadonlyMap<string, string>;

  /** `mutants`: all faults of the files in question. `folder` is made and removed by `close`. */
  constructor(root: string, folder: string, mutants: readonly Mutant[]) {
    this.#root = root;
    this.#folder = folder;
    const files = new Set(mutants.map(({ file }) => file));
    this.#texts = new Map(
      [...files].map((file) => [
        join(root, file),
        instrumented(
          readFileSync(join(root, file), 'utf8'),
          mutants.filter((mutant) => mutant.file === file),
        ),
      ]),
    );
  }

  /**
   * Runs each test file once, and in it each of its tests once for each fault of `mutants` that the test reaches. `near` are the
   * source files whose faults a test file tries. Gives what each file reached (one that could not be loaded is missing), and the
   * faults that a test noticed, with that test.
   */
  async sweep(
    testFiles: readonly string[],
    near: (testFile: string) => readonly string[],
    mutants: readonly Mutant[],
  ): Promise<{ coverage: ReadonlyMap<string, Coverage>; killed: ReadonlyMap<string, string> }> {
    this.#clean();
    const outOf = (index: number) => join(this.#folder, `${index}.json`);
    const plan: SweepPlan = {
      root: this.#root,
      files: Object.fromEntries(
        testFiles.map((file, index) => [file, { out: outOf(index), sources: near(file) }]),
      ),
      marks: Object.fromEntries(mutants.map(({ id }, index) => [id, join(this.#folder, `killed-${index}`)])),
    };
    const planFile = join(this.#folder, 'plan.json');
    writeFileSync(planFile, JSON.stringify(plan));
    process.env['MUTANTS_PLAN'] = planFile;
    if (testFiles.length > 0) {
      const include = testFiles.map((file) => join(this.#root, file));
      await this.#run(include, () => undefined, join(this.#root, 'scripts/mutants/sweep-runner.ts'));
    }
    const written = new Set(readdirSync(this.#folder));
    const coverage = testFiles.flatMap((file, index): [string, Coverage][] =>
      written.has(`${index}.json`)
        ? [[file, JSON.parse(readFileSync(outOf(index), 'utf8')) as Coverage]]
        : [],
    );
    const killed = mutants.flatMap(({ id }): [string, string][] => {
      const mark = plan.marks[id] ?? '';
      return written.has(basename(mark)) ? [[id, readFileSync(mark, 'utf8')]] : [];
    });
    return { coverage: new Map(coverage), killed: new Map(killed) };
  }

  /** What a sweep that was cut off left in its folder. */
  static leftIn(folder: string): {
    coverage: ReadonlyMap<string, Coverage>;
    killed: ReadonlyMap<string, string>;
  } {
    const { files, marks } = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as SweepPlan;
    const coverage = Object.entries(files).flatMap(([file, { out }]): [string, Coverage][] =>
      existsSync(out) ? [[file, JSON.parse(readFileSync(out, 'utf8')) as Coverage]] : [],
    );
    const killed = Object.entries(marks).flatMap(([id, mark]): [string, string][] =>
      existsSync(mark) ? [[id, readFileSync(mark, 'utf8')]] : [],
    );
    return { coverage: new Map(coverage), killed: new Map(killed) };
  }

  /** The faults that a test noticed, with its file. Attempts run in their order; one whose fault is noticed already is left out. */
  async killed(
    attempts: readonly Attempt[],
    each: (id: string) => void,
  ): Promise<ReadonlyMap<string, string>> {
    this.#clean();
    const ids = [...new Set(attempts.map(({ id }) => id))];
    const markOf = (id: string) => join(this.#folder, `killed-${ids.indexOf(id)}`);
    const probe = JSON.stringify(join(this.#root, 'scripts/mutants/probe.ts'));
    for (const [index, { testFile, ...awake }] of attempts.entries()) {
      const path = JSON.stringify(`${join(this.#root, testFile)}?${index}`);
      this.#write(
        String(index).padStart(6, '0'),
        `import { existsSync } from 'node:fs';\nimport { it } from 'vitest';\nimport { wake } from ${probe};\n` +
          `if (existsSync(${JSON.stringify(markOf(awake.id))})) it.skip('noticed already');\n` +
          `else await wake(${JSON.stringify(awake)}, () => import(${path}));\n`,
      );
    }
    const killed = new Map<string, string>();
    await this.#run([`${this.#folder}/*.test.ts`], (module) => {
      const attempt = attempts[Number(/(\d+)\.test\.ts$/.exec(module.moduleId)?.[1])];
      if (attempt === undefined || module.ok() || killed.has(attempt.id)) return;
      killed.set(attempt.id, attempt.testFile);
      writeFileSync(markOf(attempt.id), '');
      each(attempt.id);
    });
    return killed;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #clean(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, `${name}.test.ts`), text);
  }

  async #run(
    include: string[],
    onTestModuleEnd: (module: TestModule) => void,
    runner?: string,
  ): Promise<void> {
    const texts = this.#texts;
    const vitest = await startVitest(
      'test',
      [],
      {
        config: false,
        root: this.#root,
        include,
        ...defined({ runner }),
        exclude: [],
        watch: false,
        pool: 'threads',
        isolate: false,
        maxWorkers: 2,
        testTimeout: 30_000,
        hookTimeout: 60_000,
        expect: { poll: { timeout: 8_000 } },
        dangerouslyIgnoreUnhandledErrors: true,
        silent: true,
        reporters: [{ onTestModuleEnd }],
        sequence: { sequencer: ByName },
      },
      { plugins: [{ name: 'jitsuin-mutants', enforce: 'pre', load: (id) => texts.get(id) }] },
    );
    await vitest.close();
    // a fault is allowed to fail tests; the exit status is this tool's own
    process.exitCode = 0;
  }
}
