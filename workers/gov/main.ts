import type { Closing } from '../../src/adapters/closing.ts';
import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import type { RelyingPartyOverrides } from '../../src/adapters/relying-party/open-relying-party.ts';
import { repeat } from '../../src/adapters/repeat.ts';
import { openRevocationSource } from '../../src/adapters/revocation/open-revocation-source.ts';
import { askExpiry, namedEnds, trustAnchorEnds } from '../../src/adapters/telemetry/management.ts';
import { meteredRevocation } from '../../src/adapters/telemetry/metered-revocation.ts';
import { askUnstamped } from '../../src/adapters/telemetry/silent-growth.ts';
import type { GovConfig } from '../../src/config/gov.ts';
import type { JobHandlers, RunningWorker } from '../../src/ports/job-queue.ts';
import { readTrustAnchors, wireGov } from '../../src/roles/gov/wiring.ts';
import type { RelyingPartyWiring } from '../../src/roles/relying-party/wiring.ts';
import { openTimeStamping, readOcspSigner, readPolicy } from '../../src/roles/signature-verifier/wiring.ts';
import { fetchResult } from '../../src/rp/fetch-result.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';
import { startByItself } from '../../src/rp/start-signature.ts';
import { verifyApplication } from '../../src/rp/verify-application.ts';
import { stampEvidence, stampPause } from '../../src/verification/evidence/stamp-evidence.ts';
import { createVerifyInside } from '../../src/verification/judge-clear-result.ts';
import { newestCrls } from '../../src/verification/revocation/newest-crls.ts';
import { createResponderCache } from '../../src/verification/revocation/responder-cache.ts';
import { createRevocationWatch } from '../../src/verification/revocation/revocation-watch.ts';
import { signedQuestions } from '../../src/verification/revocation/signed-questions.ts';
import { algorithmEndsOf } from '../../src/verifier/policy/policy-file.ts';
import { compareSignerName } from '../../src/verifier/signer-name.ts';
import { runRelyingPartyWorker } from '../relying-party/run.ts';

const WATCH_PAUSE = 30_000;

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
  const revocation = openRevocationSource({ ...config, clock, createHttpClient, proxy: config });
  closing.add(revocation.close);
  const { checkMethod, clockTolerance } = config;
  const policy = await readPolicy(config);
  const revocationWatch = createRevocationWatch(clock, log);
  const verify = createVerifyInside({
    policy,
    forms: rp.forms,
    checkMethod,
    clockTolerance,
    trustAnchors,
    random,
    log,
    revocationWatch,
    responderCache: createResponderCache(),
    ocsp: { nonce: config.ocspNonce, certId: config.ocspCertId },
    revocation: newestCrls(
      meteredRevocation(signedQuestions(revocation.source, readOcspSigner(config)), metrics, clock),
      trustAnchors,
      log,
      clock,
      store.crlMarks,
    ),
    evidence: store.evidence,
  });
  askExpiry(metrics, clock, async () => ({
    ...trustAnchorEnds(trustAnchors),
    ...namedEnds(algorithmEndsOf(policy)),
  }));
  closing.add(
    repeat(async () => void revocationWatch.check(), WATCH_PAUSE, log, 'revocation-watch.failed').stop,
  );
  await openUpkeep(config, adapters, closing);
  return {
    'start-signature': applicationJob(clock, (id) => startByItself(rp, id)),
    'fetch-result': applicationJob(clock, (id) => fetchResult({ ...rp, compareSignerName }, id)),
    'verify-application': applicationJob(clock, (id) => verifyApplication({ ...rp, verify }, id)),
  };
}

/** An agency's evidence is time-stamped and renewed as a platform operator's is. */
async function openUpkeep(
  config: GovConfig,
  { store, clock, random, log, metrics }: RelyingPartyWiring['adapters'],
  closing: Closing,
): Promise<void> {
  const tsa = await openTimeStamping(config, clock);
  if (tsa === undefined) return;
  closing.add(tsa.close);
  const { archive, evidence, leases } = store;
  const { timeStamping } = tsa;
  const ports = { archive, evidence, leases, clock, random, log, timeStamping };
  const stamp = async () => void (await stampEvidence(ports));
  askUnstamped(metrics, archive, clock);
  closing.add(repeat(stamp, stampPause(timeStamping), log, 'evidence.stamping-failed').stop);
}
