import { openTenantRate } from '../../adapters/rate-limit/tenant-rate.ts';
import { openWebhookApi } from '../../adapters/webhook/open-webhook-api.ts';
import { listen } from '../../http/listen.ts';
import { openManagement } from '../../http/open-management.ts';
import { createPfApp } from './app.ts';
import type { PfConfig } from './config.ts';
import { openPf, type PfOverrides } from './wiring.ts';

export interface RunningPf {
  /** `http://host:port` with the port really bound. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Runs the HTTP part of the platform operator until it is closed.
 * @throws JitsuinError `config.*`, `store.*`, `seal.integrity`
 */
export async function startPf(config: PfConfig, overrides: PfOverrides = {}): Promise<RunningPf> {
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const { operator, store, metrics, close } = await openPf(config, 'pf', publicUrl, overrides);
  try {
    const rateLimit = await openTenantRate('pf', config, operator.log);
    const probes = { store: store.ping };
    const webhooks = openWebhookApi(config, store.webhooks, operator);
    const app = createPfApp(operator, {
      bodyLimit: config.bodyLimit,
      probes,
      rateLimit,
      webhooks,
      observer: metrics,
    });
    const management = await openManagement(config.management, metrics, probes, operator.log);
    const listening = await listen(app, config);
    operator.log.info('pf.listening', { port: listening.port });
    return {
      url: listening.url,
      close: async () => {
        await listening.close();
        await rateLimit.close();
        await management?.close();
        await close();
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
