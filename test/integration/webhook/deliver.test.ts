import { describe, it } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness, sqliteHarness } from '../store/harness.ts';
import { webhookBehaviour } from './deliver-behaviour.ts';

webhookBehaviour('SQLite', sqliteHarness);

if (await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the webhook suite')) {
  webhookBehaviour('PostgreSQL', postgresHarness);
} else {
  describe.skip('webhooks on PostgreSQL', () =>
    it('no server answered here; JITSUIN_REQUIRE_SERVERS=1 makes that a failure', () => undefined));
}
