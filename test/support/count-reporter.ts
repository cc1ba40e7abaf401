import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** A line of the file that `JITSUIN_FAILED_FILES` names. */
export interface Failure {
  readonly file: string;
  readonly test: string | null;
  readonly message: string;
}

const firstLine = (error: { readonly message?: string } | undefined): string =>
  (error?.message ?? '').split('\n', 1)[0]?.slice(0, 200) ?? '';

/**
 * Prints the closing line that CI counts: `N passed, N failed, N skipped`, alone on its line.
 * Where `JITSUIN_FAILED_FILES` names a file, what failed is written there, one JSON object a line:
 * `file` (path), `test` (full name; null where the file itself failed), `message` (first line of the error).
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const failures: Failure[] = [];
    for (const module of modules) {
      const file = module.moduleId;
      if (module.errors().length > 0) count.failed += 1;
      for (const error of module.errors()) failures.push({ file, test: null, message: firstLine(error) });
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state !== 'pending') count[state] += 1;
        if (state === 'failed') failures.push({ file, test: test.fullName, message: firstLine(errors?.[0]) });
      }
      // a hook after the tests fails its suite, not a test
      if (!module.ok() && !failures.some((failure) => failure.file === file)) {
        failures.push({ file, test: null, message: 'the file did not end well' });
      }
    }
    const list = process.env['JITSUIN_FAILED_FILES'];
    if (list !== undefined)
      writeFileSync(list, failures.map((failure) => `${JSON.stringify(failure)}\n`).join(''));
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
