import { describe, it } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { storeBehaviour } from './behaviour.ts';
import { postgresHarness } from './harness.ts';
import { processesBehaviour } from './processes-behaviour.ts';

if (await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the store suite')) {
  storeBehaviour('PostgreSQL', postgresHarness);
  processesBehaviour('PostgreSQL', postgresHarness);
} else {
  describe.skip('store on PostgreSQL', () =>
    it('no server answered here; JITSUIN_REQUIRE_SERVERS=1 makes that a failure', () => undefined));
}
