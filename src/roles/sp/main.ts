import { openTenantRate } from '../../adapters/rate-limit/tenant-rate.ts';
import { openLogin } from '../../adapters/relying-party/open-login.ts';
import type { RelyingPartyOverrides } from '../../adapters/relying-party/open-relying-party.ts';
import { openWebhookApi } from '../../adapters/webhook/open-webhook-api.ts';
import { openManagement } from '../../http/open-management.ts';
import { demoOf, type RunningServer, runServer, tenantsOf } from '../../http/relying-party/listen.ts';
import { limitedTenants } from '../../http/tenants.ts';
import { createSpApp } from './app.ts';
import type { SpConfig } from './config.ts';
import { wireSp } from './wiring.ts';

/**
 * Starts the HTTP part of an sp: API, citizen's pages, callback, logout.
 * @throws JitsuinError `config.*` (`config.role-key` when a platform operator's key lies here), `store.*`, `queue.unavailable`
 */
export async function startSp(
  config: SpConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningServer> {
  const { adapters, rp } = await wireSp(config, 'sp', overrides);
  const { store, log, metrics } = adapters;
  const opened = await openLogin(config, adapters).catch(async (thrown: unknown) => {
    await adapters.close();
    throw thrown;
  });
  const { tenants, returnUrls } = tenantsOf(adapters.apiKeys);
  const rateLimit = await openTenantRate('sp', config, log);
  const probes = { store: () => store.ping() };
  const management = await openManagement(config.management, metrics, probes, log);
  const app = createSpApp({
    rp,
    log,
    observer: metrics,
    ...(opened === undefined ? {} : { login: opened.login }),
    ...demoOf(config, adapters.apiKeys),
    tenants: limitedTenants(tenants, rateLimit),
    returnUrls,
    idempotency: store.idempotency,
    webhooks: openWebhookApi(config, store.webhooks, rp),
    publicUrl: config.publicUrl,
    bodyLimit: config.bodyLimit,
    serviceOrigin: new URL(config.issuer).origin,
    probes,
  });
  const running = await runServer(app, config, async () => {
    opened?.close();
    await rateLimit.close();
    await management?.close();
    await adapters.close();
  });
  log.info('server.listening', { role: 'sp', port: Number(new URL(running.url).port) });
  return running;
}
