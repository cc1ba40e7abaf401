import { rotateSealKeyAt } from '../../../adapters/keys/seal-keys.ts';
import { openStaffPorts } from '../../../adapters/passkey/open-staff-ports.ts';
import { openQueueAdmin } from '../../../adapters/queue/queue-admin.ts';
import { openHistory } from '../../../adapters/telemetry/history.ts';
import type { PfConfig } from '../../../config/pf.ts';
import { listen } from '../../../http/listen.ts';
import type { WebhookApi } from '../../../http/webhooks/endpoints.ts';
import { createConsoleApp } from '../../../web/console/app.ts';
import { shownAgeing } from '../../signature-verifier/shown-ageing.ts';
import type { OpenedPf } from '../wiring.ts';
import { pfChanges, pfFees, pfKeys, pfMetrics, pfTenants, type SealKeys } from './console-ports.ts';
import { pfRecords } from './records.ts';

/** The operator's console on its own port, where one is configured. */
export async function openPfConsole(
  config: PfConfig,
  opened: OpenedPf,
  webhooks: WebhookApi,
): Promise<{ close(): Promise<void> } | undefined> {
  const { console: place, environment } = config;
  if (place === undefined) return undefined;
  const { operator, store, metrics, sealer, keystore, tenantsFile } = opened;
  const { clock, random, log, archive } = operator;
  const ports = await openStaffPorts({ ...place, role: 'pf' }, store, { clock, random, sealer });
  const work = openQueueAdmin(store, clock);
  const history = openHistory(metrics, work, clock, log);
  const seal: SealKeys = {
    get activeKey() {
      return sealer.activeKey;
    },
    get keys() {
      return sealer.keys;
    },
    rotate: async () => void (await rotateSealKeyAt(config)),
  };
  const records = pfRecords(operator);
  const app = createConsoleApp(
    {
      role: 'pf',
      environment,
      ports,
      log,
      origin: place.origin,
      basePath: place.basePath,
      work,
      archive,
      ageing: shownAgeing(archive, operator.timeStamping?.algorithmEnds),
      records,
      metrics: pfMetrics(operator, history.samples),
      keys: pfKeys(operator, keystore, seal, tenantsFile),
      tenants: pfTenants(tenantsFile),
      fees: pfFees(operator, config.taxPercent),
      webhooks: { api: webhooks, tenants: records.tenants },
      changes: pfChanges(operator, keystore, seal, tenantsFile),
    },
    metrics,
  );
  const listening = await listen(app, { ...place, variable: 'JITSUIN_CONSOLE_PORT' }).catch(
    async (thrown: unknown) => {
      await history.close();
      throw thrown;
    },
  );
  log.info('console.listening', { port: listening.port });
  return {
    close: async () => {
      await listening.close();
      await history.close();
    },
  };
}
