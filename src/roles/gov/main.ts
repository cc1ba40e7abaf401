import { openTenantRate } from '../../adapters/rate-limit/tenant-rate.ts';
import { openLogin } from '../../adapters/relying-party/open-login.ts';
import type { RelyingPartyOverrides } from '../../adapters/relying-party/open-relying-party.ts';
import { openWebhookApi } from '../../adapters/webhook/open-webhook-api.ts';
import { openManagement } from '../../http/open-management.ts';
import { demoOf, type RunningServer, runServer, tenantsOf } from '../../http/relying-party/listen.ts';
import { limitedTenants } from '../../http/tenants.ts';
import { createGovApp } from './app.ts';
import type { GovConfig } from './config.ts';
import { openUploadJudge, wireGov } from './wiring.ts';

/**
 * Starts the HTTP part of an administrative agency.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`
 */
export async function startGov(
  config: GovConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningServer> {
  const { adapters, rp } = await wireGov(config, 'gov', overrides);
  const { store, log, metrics } = adapters;
  const opened = await openLogin(config, adapters).catch(async (thrown: unknown) => {
    await adapters.close();
    throw thrown;
  });
  const upload = await openUploadJudge(config, adapters.clock).catch(async (thrown: unknown) => {
    opened?.close();
    await adapters.close();
    throw thrown;
  });
  const { tenants, returnUrls } = tenantsOf(adapters.apiKeys);
  const rateLimit = await openTenantRate('gov', config, log);
  const probes = { store: () => store.ping() };
  const management = await openManagement(config.management, metrics, probes, log);
  const app = createGovApp({
    rp,
    log,
    observer: metrics,
    ...(opened === undefined ? {} : { login: opened.login }),
    ...demoOf(config, adapters.apiKeys),
    tenants: limitedTenants(tenants, rateLimit),
    returnUrls,
    idempotency: store.idempotency,
    webhooks: openWebhookApi(config, store.webhooks, rp),
    evidence: store.evidence,
    judge: upload.judge,
    publicUrl: config.publicUrl,
    bodyLimit: config.bodyLimit,
    serviceOrigin: new URL(config.issuer).origin,
    probes,
  });
  const running = await runServer(app, config, async () => {
    opened?.close();
    upload.close();
    await rateLimit.close();
    await management?.close();
    await adapters.close();
  });
  log.info('server.listening', { role: 'gov', port: Number(new URL(running.url).port) });
  return running;
}
