import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints the closing line that CI counts: `N passed, N failed, N skipped`, alone on its line.
 * Where `JITSUIN_FAILED_FILES` names a file, the paths of the failed test files are written there, one a line.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const failedFiles: string[] = [];
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state !== 'pending') count[state] += 1;
      }
      if (!module.ok()) failedFiles.push(module.moduleId);
    }
    const list = process.env['JITSUIN_FAILED_FILES'];
    if (list !== undefined) writeFileSync(list, failedFiles.map((path) => `${path}\n`).join(''));
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
