import { afterEach, beforeEach, describe } from 'vitest';
import type { StoreHarness } from '../store/harness.ts';
import { deliveryBehaviour } from './delivery-behaviour.ts';
import { failureBehaviour } from './failure-behaviour.ts';
import { type QueueHarness, queueHarness } from './harness.ts';
import { laneBehaviour } from './lane-behaviour.ts';
import { drainBehaviour, lossBehaviour, processBehaviour } from './loss-behaviour.ts';

/** What the JobQueue port promises, whatever dispatches the jobs. */
export function queueBehaviour(name: string, makeStore: () => StoreHarness, withRedis: boolean): void {
  describe(`queue: ${name}`, () => {
    let harness: QueueHarness;
    beforeEach(async () => {
      harness = await queueHarness(makeStore, withRedis);
    });
    afterEach(() => harness.end());
    const get = () => harness;
    deliveryBehaviour(get);
    failureBehaviour(get);
    laneBehaviour(get);
    lossBehaviour(get);
    drainBehaviour(get);
    processBehaviour(get);
  });
}
