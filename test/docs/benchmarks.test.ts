import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { benchmarksPage } from '../bench/support/record.ts';

const JSON_FILE = 'samples/benchmarks.json';

const cost = (millis: number, bytes: number) => ({
  applications: 1_000,
  unfinished: 0,
  cpu: { 'sp serve': millis },
  cpuMillis: millis,
  databaseMillis: 2,
  statements: 100,
  roundTrips: 0,
  commits: 12,
  requests: 14,
  redisCalls: 0,
  redisCommands: 0,
  rows: 30,
  bytes,
});
const base = cost(50, 40_000);
const change = cost(20, 38_000);
const RECORD = {
  machine: {
    node: 'v20.20.2',
    cpu: 'a machine',
    cores: 2,
    memory: 2 ** 33,
    load: 0.4,
    date: '2026-11-30T00:00:00Z',
  },
  base: '617333d0000000000000000000000000000000aa',
  warmUp: 1_000,
  embedded: {
    ratio: 0.4,
    databaseRatio: 0.5,
    base,
    change,
    sizes: [{ octets: 100_000, ratio: 0.3, ofSmallest: { base: 1.6, change: 1.2 }, base, change }],
  },
};

it('the page of benchmarks names machine, commit, ratio, figures, sizes and what a million applications take', () => {
  const page = benchmarksPage(JSON.stringify(RECORD));
  for (const part of [
    'on Node v20.20.2, 2 ×\na machine, 8 GiB, load 0.4 before, 2026-11-30',
    'Commit `617333d0000000000000000000000000000000aa`',
    '**0.40** of the base',
    'own: 0.50. 1000 applications each',
    '| processor time of our roles, ms | 50.0 | 20.0 |',
    '| commits that wait for the disk | 12.0 | 12.0 |',
    '| 100 kB | 1.60 | 1.20 | 0.30 |',
    '38.0 GB in 30.0 million rows',
  ])
    expect(page).toContain(part);
  expect(page).not.toContain('PostgreSQL and Redis');
});

it.runIf(existsSync(JSON_FILE))('the page that is kept is made of the record beside it alone', () => {
  expect(readFileSync('samples/BENCHMARKS.md', 'utf8')).toBe(benchmarksPage(readFileSync(JSON_FILE, 'utf8')));
});
