import { afterAll, beforeAll, describe } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { effectsBehaviour } from './effects-behaviour.ts';
import type { StoreHarness } from './harness.ts';
import { lifeBehaviour } from './life-behaviour.ts';
import { loginBehaviour } from './login-behaviour.ts';
import { passkeyBehaviour } from './passkey-behaviour.ts';
import { recordsBehaviour } from './records-behaviour.ts';
import { restoreBehaviour } from './restore-behaviour.ts';
import { sealingBehaviour } from './sealing-behaviour.ts';
import { smallStoresBehaviour } from './small-stores-behaviour.ts';
import { operatorsBehaviour } from './staff-behaviour.ts';

/** What the ports promise, whatever the engine. */
export function storeBehaviour(name: string, makeHarness: () => StoreHarness): void {
  describe(`store on ${name}`, () => {
    const harness = makeHarness();
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
    });
    afterAll(async () => {
      await store.close();
      await harness.end();
    });
    const get = () => store;
    recordsBehaviour(get);
    effectsBehaviour(get);
    sealingBehaviour(get, harness);
    smallStoresBehaviour(get);
    loginBehaviour(get);
    passkeyBehaviour(get);
    operatorsBehaviour(get, harness);
    lifeBehaviour(get, harness);
    restoreBehaviour(harness);
  });
}
