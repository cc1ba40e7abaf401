import { describe } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness, sqliteHarness } from '../store/harness.ts';
import { webhookBehaviour } from './deliver-behaviour.ts';

const there = await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the webhook suite');

webhookBehaviour('SQLite', sqliteHarness);
describe.skipIf(!there)('with a PostgreSQL server', () => webhookBehaviour('PostgreSQL', postgresHarness));
