import { describe, it } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness } from '../store/harness.ts';
import { queueBehaviour } from './behaviour.ts';

if (await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the queue suite')) {
  queueBehaviour('SQL on PostgreSQL', postgresHarness, false);
} else {
  describe.skip('queue: SQL on PostgreSQL', () =>
    it('no server answered here; JITSUIN_REQUIRE_SERVERS=1 makes that a failure', () => undefined));
}
