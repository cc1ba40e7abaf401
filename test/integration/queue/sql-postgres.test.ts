import { describe } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness } from '../store/harness.ts';
import { queueBehaviour } from './behaviour.ts';

const there = await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the queue suite');

describe.skipIf(!there)('with a PostgreSQL server', () =>
  queueBehaviour('SQL on PostgreSQL', postgresHarness, false),
);
