import type { EpochMillis } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import type { ApplicationState } from '../core/sign-transaction/application.ts';
import { type StepPorts, tryStep } from './step.ts';

/**
 * States whose way on leads through something that works once: a state, a nonce, a code, a refresh token. What was
 * fetched already needs none of these and goes on: handed in again it is the same verification.
 */
const HANGING_ON_ONCE: readonly ApplicationState[] = [
  'received',
  'opened',
  'authorizing',
  'exchanging',
  'authorized',
];
const PAGE = 200;
const ANY_TIME = 8_640_000_000_000_000 as EpochMillis;

/**
 * After the store was put back from a backup: every application that hangs on a value which may have been used
 * meanwhile ends as `restart-needed` (`transaction.restored`), by its machine, with its audit event. The citizen is
 * told to sign again. Gives how many; run again after a crash it goes on where it stopped.
 * @throws JitsuinError `store.conflict` when a role runs on the store
 */
export async function endRestored(ports: StepPorts): Promise<number> {
  let ended = 0;
  for (;;) {
    const open = await ports.applications.stuck(HANGING_ON_ONCE, ANY_TIME, PAGE);
    if (open.length === 0) return ended;
    for (const application of open) {
      const event = { kind: 'restart-demanded', failure: { code: 'transaction.restored' } } as const;
      if ((await tryStep(ports, application, event)) === undefined) {
        throw new JitsuinError('store.conflict', 'A role is running on this store: stop it first.');
      }
      ended += 1;
    }
  }
}
