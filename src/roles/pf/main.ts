import { join } from 'node:path';
import { closingOnFailure, createClosing } from '../../adapters/closing.ts';
import { readZip } from '../../adapters/files/read-zip.ts';
import { openTenantRate } from '../../adapters/rate-limit/tenant-rate.ts';
import { openStoreClockOf } from '../../adapters/store-clock.ts';
import { openWebhookApi } from '../../adapters/webhook/open-webhook-api.ts';
import { requireWorker } from '../../adapters/worker-heartbeat.ts';
import type { PfConfig } from '../../config/pf.ts';
import { defined } from '../../core/defined.ts';
import { listen, type RunningServer } from '../../http/listen.ts';
import { openManagement } from '../../http/open-management.ts';
import { openUploadJudge } from '../signature-verifier/wiring.ts';
import { createPfApp } from './app.ts';
import { openPfConsole } from './console/wiring.ts';
import { openPf, type PfOverrides } from './wiring.ts';

/**
 * Runs the HTTP part of the platform operator until it is closed.
 * @throws JitsuinError `config.*`, `store.*`, `seal.integrity`
 */
export async function startPf(config: PfConfig, overrides: PfOverrides = {}): Promise<RunningServer> {
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const opened = await openPf(config, 'pf', publicUrl, overrides);
  const { operator, store, metrics } = opened;
  const closing = createClosing();
  closing.add(opened.close);
  return closingOnFailure(closing, async () => {
    const { log } = operator;
    const rateLimit = await openTenantRate('pf', config, log);
    closing.add(rateLimit.close);
    const storeClock = await openStoreClockOf(store, operator.clock, log);
    closing.add(storeClock.stop);
    const probes = {
      clock: storeClock.require,
      store: store.trial,
      queue: opened.queue.ready,
      worker: () => requireWorker('pf', store.leases, operator.clock),
    };
    const management = await openManagement(config.management, metrics, probes, log);
    if (management !== undefined) closing.add(management.close);
    const webhooks = openWebhookApi(config, store.webhooks, operator);
    const console = await openPfConsole(config, opened, webhooks);
    if (console !== undefined) closing.add(console.close);
    const { bodyLimit } = config;
    const { policy, trustAnchors, intermediates, revocation, clock } = operator;
    const { judge, offlinePage, close } = openUploadJudge(
      defined({ policy, trustAnchors, intermediates, crl: revocation.crl, clock }),
    );
    closing.add(close);
    const app = createPfApp(
      operator,
      defined({
        bodyLimit,
        environment: config.environment,
        probes,
        rateLimit,
        webhooks,
        judge,
        unpack: readZip,
        offlinePage,
        observer: metrics,
        publicLogFolder: config.tlogDir === undefined ? undefined : join(config.tlogDir, 'public'),
      }),
    );
    const listening = await listen(app, config);
    closing.add(listening.close);
    log.info('pf.listening', { port: listening.port });
    return { url: listening.url, close: closing.close };
  });
}
