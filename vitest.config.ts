import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { PARTS } from './test/parts.ts';

const THREADS_FROM_SOURCE = fileURLToPath(new URL('./test/support/threads-from-source.mjs', import.meta.url));

export default defineConfig({
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 45_000 } },
    projects: PARTS.map(({ name, include, exclude = [], workers, sharesModules }, index) => ({
      extends: true,
      test: {
        name,
        include: [...include],
        setupFiles: ['./test/support/form-answers.ts'],
        exclude: ['**/node_modules/**', ...exclude],
        pool: sharesModules ? ('threads' as const) : ('forks' as const),
        execArgv: ['--import', THREADS_FROM_SOURCE],
        isolate: !sharesModules,
        maxWorkers: workers,
        sequence: { groupOrder: index },
      },
    })),
  },
});
