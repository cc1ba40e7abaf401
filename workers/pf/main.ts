import { openQueue } from '../../src/adapters/queue/open-queue.ts';
import { repeat } from '../../src/adapters/repeat.ts';
import { askQueue } from '../../src/adapters/telemetry/management.ts';
import { tracedJobs } from '../../src/adapters/telemetry/traced-jobs.ts';
import { deliverWebhookJob } from '../../src/adapters/webhook/deliver.ts';
import { asJitsuinError } from '../../src/core/errors.ts';
import { openManagement } from '../../src/http/open-management.ts';
import type { PfConfig } from '../../src/roles/pf/config.ts';
import { openPf, type PfOverrides } from '../../src/roles/pf/wiring.ts';
import { stampEvidence } from './stamp-evidence.ts';
import { sweep } from './sweep.ts';
import { verify } from './verify.ts';

export interface RunningWorker {
  close(): Promise<void>;
}

const SWEEP_EVERY = 30_000;
const DRAIN = 30_000;

/** Half the period, so that evidence waits for its time-stamp no longer than one and a half. */
function stampEvery({ tsa }: PfConfig): number {
  return Math.max(500, Math.min(SWEEP_EVERY, (tsa?.period ?? SWEEP_EVERY) / 2));
}

/**
 * Runs the background jobs of the platform operator until it is closed: `verify` from the queue, `sweep` by its own clock.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`, `seal.integrity`
 */
export async function startPfWorker(config: PfConfig, overrides: PfOverrides = {}): Promise<RunningWorker> {
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const opened = await openPf(config, 'pf-worker', publicUrl, overrides);
  const { operator, store } = opened;
  try {
    const { clock, log } = operator;
    const queue = await openQueue({
      ...{ store, clock, log },
      ...(config.redisUrl === undefined ? {} : { redisUrl: config.redisUrl }),
      ...(config.queuePrefix === undefined ? {} : { prefix: config.queuePrefix }),
    });
    const addresses = { loopback: config.webhookLoopback };
    askQueue(opened.metrics, queue, store, clock);
    const management = await openManagement(config.management, opened.metrics, { store: store.ping }, log);
    const worker = queue.work(
      tracedJobs(
        {
          verify: (job) => verify(operator, job),
          'deliver-webhook': deliverWebhookJob({ webhooks: store.webhooks, clock, log, addresses }),
          sweep: async () => {
            await sweep(operator);
            return { kind: 'done' };
          },
        },
        store,
      ),
      { concurrency: config.concurrency },
    );
    const stopSweeping = sweepRegularly(async () => {
      await sweep(operator);
      operator.revocationWatch.check();
      await queue.relay();
    }, log);
    const stamping = repeat(async () => void (await stampEvidence(operator)), stampEvery(config), log);
    return {
      close: async () => {
        await stamping.stop();
        await management?.close();
        await stopSweeping();
        await worker.close(DRAIN);
        await queue.close();
        await opened.close();
      },
    };
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

/** Runs at once and every half minute, never twice at a time. Returns the way to stop, which waits for a run under way. */
function sweepRegularly(
  run: () => Promise<void>,
  log: { error(event: string, fields: { code: string }): void },
) {
  let running: Promise<void> | undefined;
  const round = () => {
    running ??= run()
      .catch((thrown: unknown) => log.error('sweep.failed', { code: asJitsuinError(thrown).code }))
      .finally(() => {
        running = undefined;
      });
  };
  round();
  const timer = setInterval(round, SWEEP_EVERY);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
