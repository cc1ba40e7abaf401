import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import type { RelyingPartyOverrides } from '../../src/adapters/relying-party/open-relying-party.ts';
import { repeat } from '../../src/adapters/repeat.ts';
import { openRevocationSource } from '../../src/adapters/revocation/open-revocation-source.ts';
import { askExpiry, trustAnchorEnds } from '../../src/adapters/telemetry/management.ts';
import { meteredRevocation } from '../../src/adapters/telemetry/metered-revocation.ts';
import { tracedJobs } from '../../src/adapters/telemetry/traced-jobs.ts';
import { deliverWebhookJob } from '../../src/adapters/webhook/deliver.ts';
import { openManagement } from '../../src/http/open-management.ts';
import type { GovConfig } from '../../src/roles/gov/config.ts';
import { readTrustAnchors, wireGov } from '../../src/roles/gov/wiring.ts';
import { housekeeping } from '../../src/rp/housekeeping.ts';
import { fetchResultJob } from './fetch-result.ts';
import { verifyApplicationJob } from './verify-application.ts';
import { createVerifyInside } from './verify-inside.ts';

export interface RunningWorker {
  close(): Promise<void>;
}

const CONCURRENCY = 4;
const SWEEP_PAUSE = 15_000;
const DRAIN = 30_000;

/**
 * Runs the background jobs of an agency until it is closed: result retrieval, its own verification, the sweep.
 * @throws JitsuinError `config.*`, `certificate.syntax` (trust file), `store.*`, `queue.unavailable`
 */
export async function startGovWorker(
  config: GovConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningWorker> {
  const trustAnchors = await readTrustAnchors(config);
  const { adapters, rp } = await wireGov(config, 'gov-worker', overrides);
  const { store, queue, clock, random, log, metrics } = adapters;
  const revocation = openRevocationSource({ ...config, clock, createHttpClient });
  const { environment, checkMethod } = config;
  const verify = createVerifyInside({
    ...{ environment, checkMethod, trustAnchors, random, log },
    revocation: meteredRevocation(revocation.source, metrics, clock),
    evidence: store.evidence,
  });
  askExpiry(metrics, clock, async () => trustAnchorEnds(trustAnchors));
  const addresses = { loopback: config.webhookLoopback };
  const worker = queue.work(
    tracedJobs(
      {
        'fetch-result': fetchResultJob(rp),
        'verify-application': verifyApplicationJob({ ...rp, verify }),
        'deliver-webhook': deliverWebhookJob({ webhooks: store.webhooks, clock, log, addresses }),
      },
      store,
    ),
    { concurrency: CONCURRENCY },
  );
  const management = await openManagement(config.management, metrics, { store: () => store.ping() }, log);
  const sweeping = repeat(
    () => housekeeping({ ...rp, idempotency: store.idempotency, logins: store.logins, queue }),
    SWEEP_PAUSE,
    log,
  );
  return {
    close: async () => {
      await management?.close();
      await sweeping.stop();
      await worker.close(DRAIN);
      revocation.close();
      await adapters.close();
    },
  };
}
