import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import { loadClientKeys } from '../../src/adapters/keys/client-key-file.ts';
import { createPfVerificationService } from '../../src/adapters/pf-verification/pf-verification-service.ts';
import {
  createReceiptJudge,
  fetchedReceiptKeys,
  receiptKeysFromFile,
} from '../../src/adapters/pf-verification/receipt-judge.ts';
import type { RelyingPartyOverrides } from '../../src/adapters/relying-party/open-relying-party.ts';
import { repeat } from '../../src/adapters/repeat.ts';
import { tracedJobs } from '../../src/adapters/telemetry/traced-jobs.ts';
import { deliverWebhookJob } from '../../src/adapters/webhook/deliver.ts';
import { openManagement } from '../../src/http/open-management.ts';
import type { SpConfig } from '../../src/roles/sp/config.ts';
import { wireSp } from '../../src/roles/sp/wiring.ts';
import { housekeeping } from '../../src/rp/housekeeping.ts';
import { awaitVerificationJob } from './await-verification.ts';
import { fetchResultJob } from './fetch-result.ts';
import { submitVerificationJob } from './submit-verification.ts';

export interface RunningWorker {
  close(): Promise<void>;
}

const CONCURRENCY = 4;
const SWEEP_PAUSE = 15_000;
const DRAIN = 30_000;

/**
 * Runs the background jobs of an sp until it is closed: result retrieval, hand-off, the question for the verdict, the sweep.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`
 */
export async function startSpWorker(
  config: SpConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningWorker> {
  const { clientKeys } = await loadClientKeys(config.pfClientKeyFile);
  const { adapters, rp } = await wireSp(config, 'sp-worker', overrides);
  const { store, queue, clock, random, log, metrics } = adapters;
  const { pfUrl: url, pfClientId: clientId, loopbackHttp, service, environment, checkMethod } = config;
  const http = createHttpClient({ allowedHosts: [new URL(url).host], loopbackHttp });
  const keys =
    config.pfReceiptJwksFile === undefined
      ? fetchedReceiptKeys({ http, url, clock })
      : await receiptKeysFromFile(config.pfReceiptJwksFile);
  const receipts = createReceiptJudge({ issuer: url, keys, clock });
  const verifications = createPfVerificationService({ http, url, clientId, clientKeys, clock, random });
  const ports = { ...rp, verifications, receipts, service, environment, checkMethod };
  const addresses = { loopback: config.webhookLoopback };
  const worker = queue.work(
    tracedJobs(
      {
        'fetch-result': fetchResultJob(rp),
        'submit-verification': submitVerificationJob(ports),
        'await-verification': awaitVerificationJob(ports),
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
      http.close();
      await adapters.close();
    },
  };
}
