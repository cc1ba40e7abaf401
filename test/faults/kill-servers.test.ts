import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { notRun } from '../support/not-run.ts';
import { serverReachable, TEST_DATABASE_URL, TEST_REDIS_URL } from '../support/servers.ts';
import { killLoop } from './support/kill-loop.ts';

const half = 'kill loop on PostgreSQL and Redis';
const there =
  spawnSync('psql', ['--version']).status === 0 &&
  (await serverReachable(TEST_DATABASE_URL, half)) &&
  (await serverReachable(TEST_REDIS_URL, half));
if (!there) notRun(half, 'no psql, or no server');

describe.skipIf(!there)('outgrown', () => killLoop('sp and pf on PostgreSQL and Redis', { servers: 'both' }));
