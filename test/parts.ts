/**
 * The parts of the tests: each test file belongs to exactly one (`test/boundaries/parts.test.ts` proves it).
 * `npm test` runs those marked `everyday`; `npm run test:all` runs all, one after the other. A part is a project of vitest.
 */
export interface Part {
  readonly name: string;
  /** What it needs or why it is not everyday, for the lines that say what did not run. */
  readonly about: string;
  readonly everyday: boolean;
  /** Paths of test files from the root, as vitest's globs. */
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** Two workers unless the part disturbs itself: kills, restarts and measured times run alone. */
  readonly workers: 1 | 2;
  /** Files share a worker's modules, so nothing is imported twice. Where a test changes its process, it may not. */
  readonly sharesModules: boolean;
}

const PACKAGES = [
  'test/packages/**/*.test.ts',
  'test/unit/client/package.test.ts',
  'test/unit/client/runtimes.test.ts',
  'test/unit/deployment/helm.test.ts',
];
const SERVERS = [
  'test/integration/canary/canary-servers.test.ts',
  'test/integration/pf/hand-over.test.ts',
  'test/integration/pf/strangers.test.ts',
  'test/integration/queue/bullmq.test.ts',
  'test/integration/queue/redis-servers.test.ts',
  'test/integration/queue/sql-postgres.test.ts',
  'test/integration/rp/outgrown.test.ts',
  'test/integration/rp/restore.test.ts',
  'test/integration/store/move.test.ts',
  'test/integration/store/one-way.test.ts',
  'test/integration/store/postgres-field.test.ts',
  'test/integration/store/postgres.test.ts',
];
const PROGRAMS = [
  'test/docs/commands.test.ts',
  'test/integration/demo/**/*.test.ts',
  'test/integration/pkcs11/**/*.test.ts',
  'test/integration/samples/**/*.test.ts',
  'test/integration/rehearse/**/*.test.ts',
  'test/integration/rp-test/**/*.test.ts',
  'test/integration/rp/went-back.test.ts',
  'test/integration/stock-tools/**/*.test.ts',
  'test/integration/transparency/**/*.test.ts',
  'test/integration/pf/tampered-faces.test.ts',
  'test/integration/rp/tampered-faces.test.ts',
  'test/integration/rp/waiting-room.test.ts',
  'test/integration/api/slow-and-many.test.ts',
  'test/integration/api/rolling-restart.test.ts',
  'test/integration/store/first-start.test.ts',
];

export const PARTS: readonly Part[] = [
  {
    name: 'unit',
    about: 'pure code, attacks, short properties',
    everyday: true,
    include: ['test/unit/**/*.test.ts', 'test/attacks/**/*.test.ts', 'test/properties/**/*.test.ts'],
    exclude: PACKAGES,
    workers: 2,
    sharesModules: true,
  },
  {
    name: 'house',
    about: 'arrows, documents, contracts, whole roles in one process',
    everyday: true,
    include: [
      'test/boundaries/**/*.test.ts',
      'test/docs/**/*.test.ts',
      'test/contract/**/*.test.ts',
      'test/integration/**/*.test.ts',
    ],
    exclude: [...SERVERS, ...PROGRAMS],
    workers: 2,
    sharesModules: true,
  },
  {
    name: 'packages',
    about: 'the package as somebody installs it, the chart under the real helm',
    everyday: false,
    include: PACKAGES,
    workers: 2,
    sharesModules: true,
  },
  {
    name: 'programs',
    about:
      'documented commands, the demo, samples in other languages, slow clients, EU DSS (node scripts/get-dss.mjs)',
    everyday: false,
    include: PROGRAMS,
    workers: 2,
    sharesModules: true,
  },
  {
    name: 'generators',
    about:
      'clients that stock generators make, linters and a fuzzer of the API (node scripts/get-generators.mjs)',
    everyday: false,
    include: ['test/generators/**/*.test.ts'],
    workers: 1,
    sharesModules: true,
  },
  {
    name: 'servers',
    about: 'PostgreSQL and Redis (eval "$(scripts/servers.sh up)")',
    everyday: false,
    include: SERVERS,
    workers: 2,
    sharesModules: true,
  },
  {
    name: 'browser',
    about:
      'pages in Chromium, Firefox and WebKit (chromium fonts-noto-cjk firefox-esr webkit2gtk-driver xvfb)',
    everyday: false,
    include: ['test/browser/**/*.test.ts'],
    workers: 2,
    sharesModules: true,
  },
  {
    name: 'faults',
    about: 'kills, restarts, silence, full disks',
    everyday: false,
    include: ['test/faults/**/*.test.ts'],
    workers: 1,
    sharesModules: false,
  },
  {
    name: 'containers',
    about: 'docker-compose.yml and the images in a real engine (JITSUIN_TEST_ENGINE)',
    everyday: false,
    include: ['test/containers/**/*.test.ts'],
    workers: 1,
    sharesModules: false,
  },
  {
    name: 'timing',
    about: 'bounds of time, measured alone',
    everyday: false,
    include: ['test/timing/**/*.test.ts'],
    workers: 1,
    sharesModules: false,
  },
];
