import { describe } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { storeBehaviour } from './behaviour.ts';
import { postgresHarness } from './harness.ts';
import { processesBehaviour } from './processes-behaviour.ts';

const there = await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the store suite');

describe.skipIf(!there)('with a PostgreSQL server', () => {
  storeBehaviour('PostgreSQL', postgresHarness);
  processesBehaviour('PostgreSQL', postgresHarness);
});
