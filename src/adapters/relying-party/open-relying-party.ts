import { existsSync, mkdirSync } from 'node:fs';
import type { RelyingPartyConfig } from '../../config/relying-party.ts';
import { defined } from '../../core/defined.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { AuthAndSignOptions } from '../auth-and-sign/options.ts';
import { connectionsFor, guardService } from '../auth-and-sign/service-guard.ts';
import { systemClock } from '../clock.ts';
import { createHttpClient } from '../http-client/http-client.ts';
import { loadClientKeys } from '../keys/client-key-file.ts';
import { makeSealKey, openSealer } from '../keys/seal-keys.ts';
import { ensureSubjectKey, openSubjectHash } from '../keys/subject-key-file.ts';
import { openLog } from '../log/open-log.ts';
import { openQueue } from '../queue/open-queue.ts';
import { systemRandom } from '../random.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { sealAuditRegularly } from '../store/seal-audit.ts';
import { askDroppedLines, askQueue } from '../telemetry/management.ts';
import { meteredLog } from '../telemetry/metered-log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { askSilentGrowth } from '../telemetry/silent-growth.ts';
import { type ApiKeys, openApiKeys } from './api-keys.ts';

/** What tests and the demonstration may put in the place of the machine's own. */
export interface RelyingPartyOverrides {
  readonly clock?: Clock;
  readonly log?: Log;
  /** Of another part of the same role in this process. */
  readonly metrics?: Metrics;
}

/** The adapters that sp and gov share, opened from configuration; each role adds its own client of the service. */
export interface RelyingPartyAdapters {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly queue: JobQueue;
  readonly apiKeys: ApiKeys;
  readonly hashSubject: (subject: string) => string;
  /** For the client of the service, private or government. */
  readonly serviceOptions: AuthAndSignOptions;
  close(): Promise<void>;
}

/** The time from nonce to ID token that is still believed, beyond the life of a state. */
const IAT_MARGIN = 5 * MINUTE_MILLIS;

/**
 * Opens store, queue, keys and the way to the service.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`, `key.*`
 */
export async function openRelyingParty(
  config: RelyingPartyConfig & { readonly environment: 'test' | 'production' },
  part: { readonly role: 'sp' | 'gov'; readonly name: string },
  overrides: RelyingPartyOverrides = {},
): Promise<RelyingPartyAdapters> {
  const clock = overrides.clock ?? systemClock;
  const random = systemRandom(clock);
  const metrics = overrides.metrics ?? createMetrics();
  const opened = openLog(part.name, config.log, clock, overrides.log);
  const log = meteredLog(opened.log, metrics);
  askDroppedLines(metrics, opened);
  const { clientKeys } = await loadClientKeys(config.clientKeyFile, config.environment);
  const apiKeys = openApiKeys(config.apiKeysFile);
  await makeLocalKeys(config);
  const hashSubject = openSubjectHash(config.subjectKeyFile);
  const store = await openStoreOf(config, part.role, clock);
  const queue = await openQueueOf(config, { store, clock, log });
  const http = createHttpClient({
    allowedHosts: [new URL(config.issuer).host],
    proxy: config,
    loopbackHttp: config.loopbackHttp,
    maxSockets: connectionsFor(config.serviceRate),
  });
  const serviceOptions: AuthAndSignOptions = defined({
    issuer: config.issuer,
    clientId: config.clientId,
    clientKeys,
    http: guardService({
      http,
      leases: store.leases,
      clock,
      random,
      log,
      name: new URL(config.issuer).host,
      rate: config.serviceRate,
    }),
    clock,
    random,
    leases: store.leases,
    allowLoopbackHttp: config.loopbackHttp === 'allowed',
    iatWindowMillis: config.stateLife + IAT_MARGIN,
    acrValues: config.acrValues,
    logoutIssuers: config.logoutIssuers,
    log,
  });
  const sealing = sealAuditRegularly(store, log);
  const close = async () => {
    http.close();
    await queue.close();
    await sealing.stop();
    await store.close();
    opened.close();
  };
  askQueue(metrics, queue, store, clock);
  askSilentGrowth(metrics, store, clock);
  return { clock, random, log, metrics, store, queue, apiKeys, hashSubject, serviceOptions, close };
}

/** With the embedded database everything lies on this machine, and so do its keys, made at the first start. */
async function makeLocalKeys(config: RelyingPartyConfig): Promise<void> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  if (config.databaseUrl !== undefined) return;
  if (!existsSync(config.subjectKeyFile)) ensureSubjectKey(config.subjectKeyFile);
  if (existsSync(config.sealKeyFile)) return;
  try {
    await makeSealKey(config);
  } catch (thrown) {
    // the worker of the same role may have been first
    if (!existsSync(config.sealKeyFile)) throw thrown;
  }
}

async function openStoreOf(config: RelyingPartyConfig, role: 'sp' | 'gov', clock: Clock): Promise<Store> {
  return openStore(
    defined({
      role,
      sealer: await openSealer(config),
      clock,
      dataDir: config.dataDir,
      databaseUrl: config.databaseUrl,
      schema: config.databaseSchema,
    }),
  );
}

async function openQueueOf(
  config: RelyingPartyConfig,
  parts: { readonly store: Store; readonly clock: Clock; readonly log: Log },
): Promise<JobQueue> {
  try {
    return await openQueue(
      defined({
        ...parts,
        limits: { 'fetch-result': { max: config.serviceRate, durationMillis: 1000 } },
        redisUrl: config.redisUrl,
        prefix: config.queuePrefix,
      }),
    );
  } catch (thrown) {
    await parts.store.close();
    throw thrown;
  }
}
