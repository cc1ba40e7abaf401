import { systemClock } from '../../adapters/clock.ts';
import { openSealer } from '../../adapters/keys/seal-keys.ts';
import { createLog } from '../../adapters/log/pino-log.ts';
import { openStore, type Store } from '../../adapters/store/open-store.ts';
import { declareRestored } from '../../adapters/store/upkeep/restore.ts';
import { storageConfig } from '../../config/storage.ts';
import { CLOCKS } from '../../core/sign-transaction/machine-table.ts';
import { endRestored } from '../../rp/end-restored.ts';
import type { Command, CommandIo } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { storeOptions } from '../storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from '../store-options.ts';

export const storeRestored: Command = declareCommand({
  name: 'store restored',
  about: `After a backup was put back, before the role starts (samples/RESTORE.md). What may have been used since the
backup was taken must not work a second time:

- applications that wait for a citizen, a code or a result end as restart-needed; the citizen is told to sign again
- sessions and logins under way end; the client token is fetched anew
- logout tokens and assertions from before this moment are refused
- for 24 hours new Idempotency-Keys must begin with the prefix that this command prints and every refusal names

What was fetched already goes on, verdicts stay. Run it again when it was interrupted. Stop the role and its worker
first.`,
  options: {
    'accept-any-key': {
      type: 'boolean',
      means: 'take any new Idempotency-Key: one that was used after the backup then works a second time',
    },
    ...STORE_OPTIONS,
  },
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const store = await openPutBack(io, values.role);
    try {
      const ended = await endOpen(store);
      const keys = values['accept-any-key'] ? 'any' : 'new-prefix';
      const restored = await declareRestored(store, { now: systemClock.now(), ended, keys });
      if (values.json) io.stdout(`${JSON.stringify({ ended, ...restored })}\n`);
      else {
        const { sessions, logins, keyPrefix } = restored;
        io.stdout(`ended ${ended} applications, ${sessions} sessions, ${logins} logins\n`);
        if (keyPrefix !== undefined) io.stdout(`new Idempotency-Keys begin with ${keyPrefix} for 24 hours\n`);
      }
      return 0;
    } finally {
      await store.close();
    }
  },
});

async function openPutBack(io: CommandIo, role: Store['role']): Promise<Store> {
  const config = storageConfig(io.env, role, io);
  return openStore(storeOptions(config, { role, sealer: await openSealer(config), putBack: 'accepted' }));
}

async function endOpen(store: Store): Promise<number> {
  if (store.role === 'pf') return 0;
  const log = createLog({ role: `${store.role}-restore`, destination: { write: () => undefined } });
  return endRestored({
    applications: store.applications,
    clock: systemClock,
    log,
    settings: { clocks: CLOCKS },
  });
}
