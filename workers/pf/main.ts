import { closingOnFailure, createClosing } from '../../src/adapters/closing.ts';
import { repeat } from '../../src/adapters/repeat.ts';
import type { Store } from '../../src/adapters/store/open-store.ts';
import { openStoreClockOf } from '../../src/adapters/store-clock.ts';
import { askQueue } from '../../src/adapters/telemetry/management.ts';
import { askSilentGrowth, askUnstamped } from '../../src/adapters/telemetry/silent-growth.ts';
import { tracedJobs } from '../../src/adapters/telemetry/traced-jobs.ts';
import { deliverWebhookJob } from '../../src/adapters/webhook/deliver.ts';
import { webhookSlots } from '../../src/adapters/webhook/endpoint-slots.ts';
import { beatAsWorker } from '../../src/adapters/worker-heartbeat.ts';
import type { PfConfig } from '../../src/config/pf.ts';
import { WEBHOOK_KEPT } from '../../src/contracts/webhooks.ts';
import { asJitsuinError } from '../../src/core/errors.ts';
import { HOUR_MILLIS } from '../../src/core/spans.ts';
import { openManagement } from '../../src/http/open-management.ts';
import { housekeeping } from '../../src/pf/housekeeping.ts';
import { verify } from '../../src/pf/judge-verification.ts';
import type { PlatformOperator } from '../../src/pf/platform-operator.ts';
import { type LogPublishing, publishLog } from '../../src/pf/publish-log.ts';
import { noticeStatus } from '../../src/pf/status-notices.ts';
import { sweep } from '../../src/pf/sweep.ts';
import { verifySlots } from '../../src/pf/verify-job.ts';
import type { JobHandlers, RunningWorker } from '../../src/ports/job-queue.ts';
import { openPf, type PfOverrides } from '../../src/roles/pf/wiring.ts';
import { stampEvidence, stampPause } from '../../src/verification/evidence/stamp-evidence.ts';

const SWEEP_PAUSE = 30_000;
const NOTICE_PAUSE = HOUR_MILLIS;
const DRAIN = 25_000;

/**
 * Runs the background jobs of the platform operator until it is closed: `verify` from the queue, `sweep` by its own
 * clock.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`, `seal.integrity`
 */
export async function startPfWorker(config: PfConfig, overrides: PfOverrides = {}): Promise<RunningWorker> {
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const { operator, store, queue, metrics, close } = await openPf(config, 'pf-worker', publicUrl, overrides);
  const closing = createClosing();
  closing.add(close);
  return closingOnFailure(closing, async () => {
    const { clock, log } = operator;
    askQueue(metrics, queue, store, clock);
    askSilentGrowth(metrics, store, clock);
    const storeClock = await openStoreClockOf(store, clock, log);
    closing.add(storeClock.stop);
    const worker = queue.work(tracedJobs(jobsOf(config, operator, store), store), {
      mayTakeWork: storeClock.isRight,
      concurrency: config.concurrency,
      slots: {
        verify: verifySlots(config.concurrency),
        'deliver-webhook': webhookSlots(config.webhookConcurrency),
      },
    });
    closing.add(() => worker.close(DRAIN));
    const { operators, webhooks } = store;
    const round = async () => {
      if (!storeClock.isRight()) return;
      await housekeeping({ operator, queue, operators, webhooks, webhooksKept: WEBHOOK_KEPT });
    };
    closing.add(repeat(round, SWEEP_PAUSE, log, 'sweep.failed').stop);
    const stamp = async () => void (await stampEvidence(operator));
    if (config.tsa !== undefined) {
      askUnstamped(metrics, store.archive, clock);
      closing.add(repeat(stamp, stampPause(config.tsa), log, 'evidence.stamping-failed').stop);
    }
    const notice = async () => {
      if (storeClock.isRight()) await noticeStatus(operator);
    };
    closing.add(repeat(notice, NOTICE_PAUSE, log, 'status-notices.failed').stop);
    const { publicLog } = operator;
    if (publicLog !== undefined) {
      const interval = config.tlogInterval;
      const publishing = { interval, publicLog, heads: store.chainHeads, trail: store.audit, operator };
      closing.add(publishRegularly(publishing).stop);
    }
    closing.add(beatAsWorker(store.leases, clock, log, storeClock.isRight).stop);
    const probes = { store: store.trial, queue: queue.ready, clock: storeClock.require };
    const management = await openManagement(config.management, metrics, probes, log);
    if (management !== undefined) closing.add(management.close);
    return { close: closing.close };
  });
}

/** `tlog.broken` in the log: the store, or the log, is not what was published; nothing is published until it is. */
function publishRegularly(publishing: LogPublishing) {
  const { log } = publishing.operator;
  const round = async () => {
    try {
      await publishLog(publishing);
    } catch (thrown) {
      const { code } = asJitsuinError(thrown);
      log.error(code === 'tlog.broken' ? 'tlog.broken' : 'tlog.failed', { code });
    }
  };
  return repeat(round, publishing.interval, log, 'tlog.failed');
}

function jobsOf(config: PfConfig, operator: PlatformOperator, { webhooks }: Store): JobHandlers {
  const { clock, log } = operator;
  const addresses = { loopback: config.webhookLoopback };
  return {
    verify: (job) => verify(operator, job),
    'deliver-webhook': deliverWebhookJob({ webhooks, clock, log, addresses, proxy: config }),
    sweep: async () => {
      await sweep(operator);
      return { kind: 'done' };
    },
  };
}
