import type { Closing } from '../../src/adapters/closing.ts';
import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import type { RelyingPartyOverrides } from '../../src/adapters/relying-party/open-relying-party.ts';
import { openRevocationSource } from '../../src/adapters/revocation/open-revocation-source.ts';
import { askExpiry, trustAnchorEnds } from '../../src/adapters/telemetry/management.ts';
import { meteredRevocation } from '../../src/adapters/telemetry/metered-revocation.ts';
import type { JobHandlers, RunningWorker } from '../../src/ports/job-queue.ts';
import type { GovConfig } from '../../src/roles/gov/config.ts';
import { readTrustAnchors, wireGov } from '../../src/roles/gov/wiring.ts';
import type { RelyingPartyWiring } from '../../src/roles/relying-party/wiring.ts';
import { runRelyingPartyWorker } from '../relying-party/run.ts';
import { fetchResultJob } from './fetch-result.ts';
import { verifyApplicationJob } from './verify-application.ts';
import { createVerifyInside } from './verify-inside.ts';

/**
 * Runs the background jobs of an agency until it is closed: result retrieval, its own verification, the sweep.
 * @throws JitsuinError `config.*`, `certificate.syntax` (trust file), `store.*`, `queue.unavailable`
 */
export async function startGovWorker(
  config: GovConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningWorker> {
  const wiring = await wireGov(config, 'gov-worker', overrides);
  return runRelyingPartyWorker(config, wiring, (closing) => openJobs(config, wiring, closing));
}

async function openJobs(
  config: GovConfig,
  { adapters, rp }: RelyingPartyWiring,
  closing: Closing,
): Promise<JobHandlers> {
  const { store, clock, random, log, metrics } = adapters;
  const trustAnchors = await readTrustAnchors(config);
  const revocation = openRevocationSource({ ...config, clock, createHttpClient });
  closing.add(revocation.close);
  const { environment, checkMethod } = config;
  const verify = createVerifyInside({
    ...{ environment, checkMethod, trustAnchors, random, log },
    revocation: meteredRevocation(revocation.source, metrics, clock),
    evidence: store.evidence,
  });
  askExpiry(metrics, clock, async () => trustAnchorEnds(trustAnchors));
  return {
    'fetch-result': fetchResultJob(rp),
    'verify-application': verifyApplicationJob({ ...rp, verify }),
  };
}
