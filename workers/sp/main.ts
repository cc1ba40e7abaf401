import type { Closing } from '../../src/adapters/closing.ts';
import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import { loadClientKeys } from '../../src/adapters/keys/client-key-file.ts';
import { createPfVerificationService } from '../../src/adapters/pf-verification/pf-verification-service.ts';
import {
  createReceiptJudge,
  fetchedReceiptKeys,
  receiptKeysFromFile,
} from '../../src/adapters/pf-verification/receipt-judge.ts';
import type { RelyingPartyOverrides } from '../../src/adapters/relying-party/open-relying-party.ts';
import type { SpConfig } from '../../src/config/sp.ts';
import type { JobHandlers, RunningWorker } from '../../src/ports/job-queue.ts';
import type { RelyingPartyWiring } from '../../src/roles/relying-party/wiring.ts';
import { wireSp } from '../../src/roles/sp/wiring.ts';
import { awaitVerification } from '../../src/rp/await-verification.ts';
import { fetchResult } from '../../src/rp/fetch-result.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';
import { startByItself } from '../../src/rp/start-signature.ts';
import { submitVerification } from '../../src/rp/submit-verification.ts';
import { runRelyingPartyWorker } from '../relying-party/run.ts';

/**
 * Runs the background jobs of an sp until it is closed: result retrieval, hand-off, the question for the verdict,
 * the sweep.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`
 */
export async function startSpWorker(
  config: SpConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningWorker> {
  const wiring = await wireSp(config, 'sp-worker', overrides);
  return runRelyingPartyWorker(config, wiring, (closing) => openJobs(config, wiring, closing));
}

async function openJobs(
  config: SpConfig,
  { adapters, rp }: RelyingPartyWiring,
  closing: Closing,
): Promise<JobHandlers> {
  const { clock, random } = adapters;
  const { pfUrl: url, pfClientId: clientId, loopbackHttp, service, environment, checkMethod } = config;
  const { clientKeys } = await loadClientKeys(config.pfClientKeyFile);
  const http = createHttpClient({ allowedHosts: [new URL(url).host], loopbackHttp, proxy: config });
  closing.add(http.close);
  const keys =
    config.pfReceiptJwksFile === undefined
      ? fetchedReceiptKeys({ http, url, clock })
      : await receiptKeysFromFile(config.pfReceiptJwksFile);
  const receipts = createReceiptJudge({ issuer: url, audience: config.pfTenant, keys, clock });
  const verifications = createPfVerificationService({ http, url, clientId, clientKeys, clock, random });
  const ports = { ...rp, verifications, receipts, service, environment, checkMethod };
  return {
    'start-signature': applicationJob(clock, (id) => startByItself(rp, id)),
    'fetch-result': applicationJob(clock, (id) => fetchResult(rp, id)),
    'submit-verification': applicationJob(clock, (id) => submitVerification(ports, id)),
    'await-verification': applicationJob(clock, (id) => awaitVerification(ports, id)),
  };
}
