import { openSealer, rotateSealKeyAt } from '../../../adapters/keys/seal-keys.ts';
import { openStaffPorts } from '../../../adapters/passkey/open-staff-ports.ts';
import { openQueueAdmin } from '../../../adapters/queue/queue-admin.ts';
import type { RelyingPartyAdapters } from '../../../adapters/relying-party/open-relying-party.ts';
import { openHistory } from '../../../adapters/telemetry/history.ts';
import type { GovConfig } from '../../../config/gov.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { listen } from '../../../http/listen.ts';
import { algorithmEndsOf } from '../../../verifier/policy/policy-file.ts';
import { createConsoleApp } from '../../../web/console/app.ts';
import { shownAgeing } from '../../signature-verifier/shown-ageing.ts';
import { readPolicy, readTsaTrustAnchors } from '../../signature-verifier/wiring.ts';
import { readTrustAnchors } from '../wiring.ts';
import { govRecords } from './records.ts';

const LATEST = 200;

/** The agency's console on its own port, where one is configured. */
export async function openGovConsole(
  config: GovConfig,
  { store, clock, random, log, metrics, apiKeys }: RelyingPartyAdapters,
): Promise<{ close(): Promise<void> } | undefined> {
  const { console: place, environment } = config;
  if (place === undefined) return undefined;
  const trustAnchors = await readTrustAnchors(config);
  const policy = await readPolicy(config);
  const sealer = await openSealer(config);
  const tsaTrustAnchors =
    config.tsa === undefined ? undefined : await readTsaTrustAnchors(config.tsa.trustFile);
  const ports = await openStaffPorts({ ...place, role: 'gov' }, store, { clock, random, sealer });
  const work = openQueueAdmin(store, clock);
  const history = openHistory(metrics, work, clock, log);
  const { applications, evidence, archive, audit } = store;
  const tenants = apiKeys.tenants.map(({ tenant }) => tenant);
  const app = createConsoleApp(
    {
      role: 'gov',
      environment,
      ports,
      log,
      origin: place.origin,
      basePath: place.basePath,
      work,
      archive,
      ageing: shownAgeing(archive, config.tsa?.algorithmEnds),
      records: govRecords(
        defined({
          applications,
          evidence,
          archive,
          audit,
          clock,
          tenants,
          trustAnchors,
          policy,
          tsaTrustAnchors,
          algorithmEnds: config.tsa?.algorithmEnds,
        }),
      ),
      metrics: {
        samples: history.samples,
        decisions: async () => {
          const decided = await applications.list({ states: ['decided'], limit: LATEST });
          return decided.map(({ createdAt, updatedAt }) => ({
            at: updatedAt,
            millis: updatedAt - createdAt,
          }));
        },
      },
      keys: {
        list: async () => [],
        services: () => [],
        sealKeys: () => ({ active: sealer.activeKey, keys: sealer.keys }),
        ends: () => [
          ...trustAnchors.map(({ notAfter }, n) => ({ use: `trust-anchor-${n + 1}`, at: notAfter })),
          ...(tsaTrustAnchors ?? []).map(({ notAfter }, n) => ({ use: `tsa-anchor-${n + 1}`, at: notAfter })),
          ...algorithmEndsOf(policy),
        ],
      },
      changes: {
        'seal-key.rotate': async ({ subject }, again) => {
          if (again && sealer.activeKey !== subject) return;
          if (sealer.activeKey !== subject)
            throw new JitsuinError('key.state', 'Another key seals already: this rotation was made before.');
          await rotateSealKeyAt(config);
        },
      },
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
