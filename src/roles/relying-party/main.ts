import type { Express } from 'express';
import { type Closing, closingOnFailure, createClosing } from '../../adapters/closing.ts';
import { readZip } from '../../adapters/files/read-zip.ts';
import { openTenantRate } from '../../adapters/rate-limit/tenant-rate.ts';
import { openLogin } from '../../adapters/relying-party/open-login.ts';
import { openStoreClockOf } from '../../adapters/store-clock.ts';
import { openWebhookApi } from '../../adapters/webhook/open-webhook-api.ts';
import { requireWorker } from '../../adapters/worker-heartbeat.ts';
import type { LoginPart } from '../../config/login.ts';
import type { RelyingPartyConfig } from '../../config/relying-party.ts';
import { defined } from '../../core/defined.ts';
import { listen, type RunningServer } from '../../http/listen.ts';
import { openManagement } from '../../http/open-management.ts';
import { demoOf, tenantsOf } from '../../http/relying-party/tenants.ts';
import { limitedTenants } from '../../http/tenants.ts';
import { createWaitingRoom } from '../../rp/waiting-room.ts';
import type { RelyingPartyParts } from './app.ts';
import { readSite } from './site.ts';
import type { RelyingPartyWiring } from './wiring.ts';

interface RelyingPartyServer {
  readonly role: 'sp' | 'gov';
  readonly config: RelyingPartyConfig & LoginPart;
  readonly wiring: RelyingPartyWiring;
  /** Opens what the role alone has, and puts its application together. */
  readonly createApp: (parts: RelyingPartyParts, closing: Closing) => Promise<Express> | Express;
}

/**
 * Starts the HTTP part of an sp or an agency: API, citizen's pages, callback, logout.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`
 */
export async function startRelyingParty({
  role,
  config,
  wiring: { adapters, rp },
  createApp,
}: RelyingPartyServer): Promise<RunningServer> {
  const closing = createClosing();
  closing.add(adapters.close);
  return closingOnFailure(closing, async () => {
    const { store, log, metrics, apiKeys } = adapters;
    const opened = await openLogin(config, adapters);
    if (opened !== undefined) closing.add(opened.close);
    const { tenants, returnUrls } = tenantsOf(apiKeys.current);
    const rateLimit = await openTenantRate(role, config, log);
    closing.add(rateLimit.close);
    const storeClock = await openStoreClockOf(store, adapters.clock, log);
    closing.add(storeClock.stop);
    const probes = {
      clock: storeClock.require,
      store: store.trial,
      queue: adapters.queue.ready,
      worker: () => requireWorker(role, store.leases, adapters.clock),
    };
    const management = await openManagement(config.management, metrics, probes, log);
    if (management !== undefined) closing.add(management.close);
    const parts: RelyingPartyParts = defined({
      rp,
      log,
      observer: metrics,
      returnUrls,
      idempotency: store.idempotency,
      probes,
      room: createWaitingRoom({
        waiting: store.waiting,
        leases: store.leases,
        clock: adapters.clock,
        service: new URL(config.issuer).host,
        rate: config.serviceRate,
      }),
      site: readSite(config.siteFile, config.environment),
      publicUrl: config.publicUrl,
      environment: config.environment,
      bodyLimit: config.bodyLimit,
      files: { most: config.filesMost, file: config.fileLimit, total: config.filesLimit },
      unpack: readZip,
      login: opened === undefined ? undefined : opened.login,
      ...demoOf(config, apiKeys.current()),
      tenants: limitedTenants(tenants, rateLimit),
      webhooks: openWebhookApi(config, store.webhooks, rp),
    });
    const listening = await listen(await createApp(parts, closing), config);
    closing.add(listening.close);
    log.info('server.listening', { port: listening.port });
    return { url: listening.url, close: closing.close };
  });
}
