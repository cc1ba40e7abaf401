import { readFile } from 'node:fs/promises';
import type { ProxySettings } from '../../adapters/http-client/forward-proxy.ts';
import { createHttpClient } from '../../adapters/http-client/http-client.ts';
import { openRevocationSource } from '../../adapters/revocation/open-revocation-source.ts';
import { readKeyPair } from '../../adapters/revocation/tls-client.ts';
import { openBoundedThreads } from '../../adapters/threads/bounded-threads.ts';
import { httpTimeStampSource } from '../../adapters/timestamp/http-time-stamp-source.ts';
import type { TsaConfig } from '../../config/parts.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { conclude, finding } from '../../core/report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import type { TimeStamping } from '../../verification/evidence/time-stamping.ts';
import { type PolicyFile, readPolicyFile } from '../../verifier/policy/policy-file.ts';
import { shippedFor } from '../../verifier/policy/shipped.ts';
import { type OcspSigner, ocspSigner } from '../../verifier/revocation/signed-ocsp-request.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { certificatesFromPem } from '../../verifier/x509/pem.ts';
import type { CrlQuestion, JudgeResult, JudgeThreadData, JudgeWork } from './judge-messages.ts';
import { offlinePageWith } from './offline-page.ts';

/** A TSA that takes longer is asked again in the next round. */
const TSA_TIMEOUT = 10_000;

interface TimeStampingConfig extends ProxySettings {
  readonly tsa?: TsaConfig;
  readonly loopbackHttp: 'refused' | 'allowed';
}

interface OpenedTimeStamping {
  readonly timeStamping: TimeStamping;
  close(): void;
}

/** The TSA of the configuration; undefined when none is. @throws JitsuinError `config.invalid`, `certificate.syntax` */
export async function openTimeStamping(
  config: TimeStampingConfig,
  clock: Clock,
): Promise<OpenedTimeStamping | undefined> {
  const { tsa, loopbackHttp } = config;
  if (tsa === undefined) return undefined;
  const { url, trustFile, revocation, ...rest } = tsa;
  const trustAnchors = await readTsaTrustAnchors(trustFile);
  const allowedHosts = [new URL(url).host];
  const http = createHttpClient({
    allowedHosts,
    loopbackHttp,
    totalTimeoutMillis: TSA_TIMEOUT,
    proxy: config,
  });
  const status = openRevocationSource({
    ...revocation,
    loopbackHttp,
    clock,
    createHttpClient,
    proxy: config,
  });
  return {
    timeStamping: {
      ...rest,
      trustAnchors,
      revocation: status.source,
      source: httpTimeStampSource(http, url),
      method: revocation.ocspUrl === undefined ? 'CRL' : 'OCSP',
    },
    close: () => {
      http.close();
      status.close();
    },
  };
}

/** The roots of the TSAs. @throws JitsuinError `config.invalid`, `certificate.syntax` */
export function readTsaTrustAnchors(trustFile: string): Promise<readonly Certificate[]> {
  return readCertificates(trustFile, 'JITSUIN_TSA_TRUST_FILE');
}

/**
 * The certificates of a PEM file that the variable `at` names. @throws JitsuinError `config.invalid`,
 * `certificate.syntax`
 */
export async function readCertificates(path: string, at: string): Promise<readonly Certificate[]> {
  return certificatesFromPem(Buffer.from(await readNamedFile(path, at)).toString('utf8'));
}

export interface PolicySettings {
  readonly environment: 'test' | 'production';
  readonly policyFile?: string;
  readonly tsa?: object;
  readonly ocspNonce?: 'required' | 'not-sent';
}

/**
 * The policy of the operator's file, or the shipped one of the environment.
 * @throws JitsuinError `config.invalid`, `config.environment-mixed`
 */
export async function readPolicy(settings: PolicySettings): Promise<PolicyFile> {
  const policy = await policyNamed(settings);
  const { name, revocation } = policy.content;
  if (settings.ocspNonce === 'not-sent' && revocation.maximumAgeSeconds === undefined) {
    const at = 'JITSUIN_OCSP_NONCE';
    const says = `${at} is not-sent, and the policy "${name}" bounds no answer: give JITSUIN_POLICY_FILE with `;
    throw new JitsuinError('config.invalid', `${says}revocation.maximumAgeSeconds.`, { at });
  }
  return policy;
}

async function policyNamed({ environment, policyFile, tsa }: PolicySettings): Promise<PolicyFile> {
  if (policyFile === undefined) return shippedFor(environment);
  const at = 'JITSUIN_POLICY_FILE';
  const policy = readPolicyFile(await readNamedFile(policyFile, at), at);
  const { name, environment: other, timeStamp } = policy.content;
  if (other !== environment) {
    const says = `The policy "${name}" of ${at} is for "${other}", and this process serves "${environment}".`;
    throw new JitsuinError('config.environment-mixed', says, { at });
  }
  if (timeStamp === 'demanded' && tsa === undefined) {
    const says = `The policy "${name}" of ${at} demands time-stamps, and no authority is given: set JITSUIN_TSA_URL.`;
    throw new JitsuinError('config.invalid', says, { at });
  }
  return policy;
}

async function readNamedFile(path: string, at: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new JitsuinError('config.invalid', `The file of ${at} cannot be read.`, { at, cause });
  }
}

interface UploadJudgeOptions {
  readonly policy: PolicyFile;
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly crl?: RevocationSource['crl'];
  readonly clock: Clock;
}

export interface UploadJudge {
  /** A judgement that took more than it may is INDETERMINATE. */
  readonly judge: (upload: JudgeWork['upload']) => Promise<JudgeResult>;
  /** What the reader's own browser judges with, by the same anchors; absent in a build without it. */
  readonly offlinePage?: string;
  close(): Promise<void>;
}

/** Two at once: whoever has the other processor serves everybody else. */
const JUDGES = 2;
const JUDGEMENT_MILLIS = 10_000;
/** MiB. What is read of a document beside the heap (its octets, canonical forms) has its own limits. */
const JUDGE_HEAP = 160;

/** What judges strangers' documents by the role's anchors and CRLs, in threads with a limit of time and memory. */
export function openUploadJudge(options: UploadJudgeOptions): UploadJudge {
  const { crl, clock, trustAnchors, intermediates = [] } = options;
  const data: JudgeThreadData = {
    policy: options.policy,
    trustAnchors: trustAnchors.map(({ der }) => der),
    intermediates: intermediates.map(({ der }) => der),
    crls: crl === undefined ? 'none' : 'asked',
  };
  const entry = new URL(`./judge-thread${import.meta.url.slice(-3)}`, import.meta.url);
  const threads = openBoundedThreads({
    entry,
    data,
    threads: JUDGES,
    millis: JUDGEMENT_MILLIS,
    heap: JUDGE_HEAP,
  });
  const answer = async (question: unknown): Promise<Uint8Array> => {
    const { distributionPoint, authorityKeyIdentifier } = question as CrlQuestion;
    if (crl === undefined) throw new JitsuinError('revocation.unavailable', 'No CRL source is configured.');
    return crl(distributionPoint, authorityKeyIdentifier);
  };
  const trust = trustAnchors.map(({ der: octets }, index) => ({ name: `anchor-${index + 1}`, octets }));
  return defined({
    offlinePage: offlinePageWith({ trust }),
    judge: async (upload: JudgeWork['upload']) => {
      const work: JudgeWork = { upload, at: clock.now() };
      try {
        return (await threads.run(work, answer)) as JudgeResult;
      } catch (thrown) {
        if (asJitsuinError(thrown).code !== 'judgement.too-costly') throw thrown;
        return tooCostly(work);
      }
    },
    close: threads.close,
  });
}

function tooCostly({ at }: JudgeWork): JudgeResult {
  return { report: conclude([finding('cost', 'judgement.too-costly')], at) };
}

const OCSP_SIGNER = 'JITSUIN_OCSP_SIGNER_FILE';

/**
 * Who signs our questions to the OCSP responder; undefined where no file is configured.
 * @throws JitsuinError `config.key-mode`, `config.invalid` (not readable, no pair, a key that signs none),
 * `certificate.syntax`
 */
export function readOcspSigner({
  ocspSignerFile: file,
}: {
  readonly ocspSignerFile?: string | undefined;
}): OcspSigner | undefined {
  if (file === undefined) return undefined;
  const { cert, key } = readKeyPair(file, OCSP_SIGNER);
  const [own, ...between] = certificatesFromPem(cert);
  try {
    if (own !== undefined) return ocspSigner([own, ...between], key);
  } catch (cause) {
    const message = 'Questions to a responder are signed by RSA, P-256 or P-384, and this is another key.';
    throw new JitsuinError('config.invalid', message, { at: OCSP_SIGNER, cause });
  }
  return undefined;
}
