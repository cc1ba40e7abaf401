import { describe } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness, sqliteHarness } from './harness.ts';
import { introduceBehaviour } from './introduce-behaviour.ts';
import { tamperBehaviour } from './tamper-behaviour.ts';

const there = await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the tampering suite');

tamperBehaviour('SQLite', sqliteHarness);
introduceBehaviour('SQLite', sqliteHarness);
describe.skipIf(!there)('with a PostgreSQL server', () => {
  tamperBehaviour('PostgreSQL', postgresHarness);
  introduceBehaviour('PostgreSQL', postgresHarness);
});
