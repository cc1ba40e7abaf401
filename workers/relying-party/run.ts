import { type Closing, closingOnFailure, createClosing } from '../../src/adapters/closing.ts';
import { repeat } from '../../src/adapters/repeat.ts';
import { openStoreClockOf } from '../../src/adapters/store-clock.ts';
import { tracedJobs } from '../../src/adapters/telemetry/traced-jobs.ts';
import { deliverWebhookJob } from '../../src/adapters/webhook/deliver.ts';
import { webhookSlots } from '../../src/adapters/webhook/endpoint-slots.ts';
import { beatAsWorker } from '../../src/adapters/worker-heartbeat.ts';
import type { LoginPart } from '../../src/config/login.ts';
import type { RelyingPartyConfig } from '../../src/config/relying-party.ts';
import { WEBHOOK_KEPT } from '../../src/contracts/webhooks.ts';
import { openManagement } from '../../src/http/open-management.ts';
import type { JobHandlers, RunningWorker } from '../../src/ports/job-queue.ts';
import type { RelyingPartyWiring } from '../../src/roles/relying-party/wiring.ts';
import { housekeeping } from '../../src/rp/housekeeping.ts';

const SWEEP_PAUSE = 15_000;
const DRAIN = 25_000;

/**
 * Runs a relying party's background jobs until closed: the role's own, webhooks, and the sweep by its own clock.
 * `openJobs` opens what the role's jobs need and hands what must be closed to `closing`.
 */
export async function runRelyingPartyWorker(
  config: RelyingPartyConfig & LoginPart,
  { adapters, rp }: RelyingPartyWiring,
  openJobs: (closing: Closing) => Promise<JobHandlers>,
): Promise<RunningWorker> {
  const closing = createClosing();
  closing.add(adapters.close);
  return closingOnFailure(closing, async () => {
    const { store, queue, clock, log, metrics } = adapters;
    const jobs = await openJobs(closing);
    const storeClock = await openStoreClockOf(store, clock, log);
    closing.add(storeClock.stop);
    const addresses = { loopback: config.webhookLoopback };
    const webhooks = deliverWebhookJob({ webhooks: store.webhooks, clock, log, addresses, proxy: config });
    const worker = queue.work(tracedJobs({ ...jobs, 'deliver-webhook': webhooks }, store), {
      mayTakeWork: storeClock.isRight,
      concurrency: config.concurrency,
      slots: { 'deliver-webhook': webhookSlots(config.webhookConcurrency) },
    });
    closing.add(() => worker.close(DRAIN));
    const { passkeyLife } = config;
    const sweeping = repeat(
      async () => {
        if (!storeClock.isRight()) return;
        const { idempotency, logins, operators, waiting, webhooks: deliveries } = store;
        await housekeeping({
          ...rp,
          passkeyLife,
          idempotency,
          logins,
          operators,
          queue,
          waiting,
          webhooks: deliveries,
          webhooksKept: WEBHOOK_KEPT,
        });
      },
      SWEEP_PAUSE,
      log,
      'sweep.failed',
    );
    closing.add(sweeping.stop);
    closing.add(beatAsWorker(store.leases, clock, log, storeClock.isRight).stop);
    const probes = { store: store.trial, queue: queue.ready, clock: storeClock.require };
    const management = await openManagement(config.management, metrics, probes, log);
    if (management !== undefined) closing.add(management.close);
    return { close: closing.close };
  });
}
