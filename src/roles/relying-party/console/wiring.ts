import { rotateSealKeyAt, type SealKeySettings } from '../../../adapters/keys/seal-keys.ts';
import type { FileSealer } from '../../../adapters/keys/sealer-file.ts';
import { openStaffPorts } from '../../../adapters/passkey/open-staff-ports.ts';
import { openQueueAdmin } from '../../../adapters/queue/queue-admin.ts';
import { newApiKey } from '../../../adapters/relying-party/api-keys.ts';
import type { RelyingPartyAdapters } from '../../../adapters/relying-party/open-relying-party.ts';
import { openHistory } from '../../../adapters/telemetry/history.ts';
import type { ConsolePart } from '../../../config/parts.ts';
import type { RelyingPartyConfig } from '../../../config/relying-party.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { listen } from '../../../http/listen.ts';
import { returnUrlsOf } from '../../../http/relying-party/tenants.ts';
import type { WebhookApi } from '../../../http/webhooks/endpoints.ts';
import type { ApplicationStore } from '../../../ports/application-store.ts';
import type { ApprovedChanges } from '../../../staff/approvals.ts';
import { createConsoleApp } from '../../../web/console/app.ts';
import type { Console } from '../../../web/console/console.ts';
import type {
  ConsoleApiKeys,
  ConsoleKeys,
  ConsoleMetrics,
  ConsoleSettings,
} from '../../../web/console/console-ports.ts';
import type { Site } from '../../../web/site/site.ts';

/** What the console of an sp and of an agency is opened with. */
interface RelyingPartyConsole {
  readonly role: 'sp' | 'gov';
  readonly config: RelyingPartyConfig & ConsolePart & Pick<Console, 'environment'>;
  readonly adapters: RelyingPartyAdapters;
  readonly sealer: FileSealer;
  readonly webhooks: WebhookApi;
  readonly site: Site;
  /** What the role alone has. */
  readonly own: Pick<Console, 'records' | 'archive' | 'ageing'> & { readonly ends: ConsoleKeys['ends'] };
}

/** The console on its own port, where one is configured. */
export async function openRelyingPartyConsole(
  opened: RelyingPartyConsole,
): Promise<{ close(): Promise<void> } | undefined> {
  const { role, config, adapters, sealer, webhooks, site, own } = opened;
  const { console: place, environment } = config;
  if (place === undefined) return undefined;
  const { store, clock, random, log, metrics, apiKeys } = adapters;
  const ports = await openStaffPorts(Object.assign({ role }, place), store, { clock, random, sealer });
  const work = openQueueAdmin(store, clock);
  const history = openHistory(metrics, work, clock, log);
  const { ends, records, archive, ageing } = own;
  const app = createConsoleApp(
    defined({
      role,
      environment,
      ports,
      log,
      origin: place.origin,
      basePath: place.basePath,
      work,
      records,
      archive,
      ageing,
      metrics: { samples: history.samples, decisions: () => decisionsOf(store.applications) },
      keys: {
        list: async () => [],
        services: () => [],
        sealKeys: () => ({ active: sealer.activeKey, keys: sealer.keys }),
        ends,
      },
      webhooks: { api: webhooks, tenants: () => tenantIds(apiKeys) },
      apiKeys: shownApiKeys(adapters),
      settings: shownSettings(config, apiKeys, site),
      changes: sealChanges(config, sealer),
    }),
    metrics,
  );
  const listening = await listen(app, Object.assign({ variable: 'JITSUIN_CONSOLE_PORT' }, place)).catch(
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

const LATEST = 200;

async function decisionsOf(
  applications: ApplicationStore,
): Promise<Awaited<ReturnType<ConsoleMetrics['decisions']>>> {
  const decided = await applications.list({ states: ['decided'], limit: LATEST });
  return decided.map(({ createdAt, updatedAt }) => ({ at: updatedAt, millis: updatedAt - createdAt }));
}

type ApiKeysOf = RelyingPartyAdapters['apiKeys'];

/** Ids of the tenants of the key file, each once. */
export function tenantIds(apiKeys: ApiKeysOf): readonly string[] {
  return [...new Set(apiKeys.current().tenants.map(({ tenant }) => tenant))];
}

function shownApiKeys({ apiKeys, random }: Pick<RelyingPartyAdapters, 'apiKeys' | 'random'>): ConsoleApiKeys {
  return {
    list: () =>
      apiKeys
        .current()
        .tenants.map(({ tenant, api_key_sha256: sha256, scopes }) => defined({ tenant, sha256, scopes })),
    make: async (tenant, scopes) => {
      const { key, sha256 } = newApiKey(random);
      const kept = scopes === undefined ? undefined : [...scopes];
      await apiKeys.add(defined({ tenant, api_key_sha256: sha256, scopes: kept }));
      return defined({ tenant, sha256, scopes, key });
    },
    revoke: async (wanted) => {
      const { tenant, api_key_sha256: sha256, scopes } = await apiKeys.revoke(wanted);
      return defined({ tenant, sha256, scopes });
    },
  };
}

function shownSettings(config: RelyingPartyConfig, apiKeys: ApiKeysOf, site: Site): ConsoleSettings {
  const { publicUrl, issuer, clientId, profile, mode } = config;
  const facts: ReturnType<ConsoleSettings['facts']> = [
    [{ ja: '公開URL', en: 'Public URL' }, publicUrl],
    [{ ja: '認証と署名のサービス', en: 'Issuer' }, issuer],
    [{ ja: 'クライアントの識別子', en: 'client_id' }, clientId],
    [{ ja: '署名の形式', en: 'Profile and mode' }, `${profile}, ${mode}`],
  ];
  return defined({
    facts: () => facts,
    returnUrls: () =>
      tenantIds(apiKeys).map((tenant) => ({ tenant, urls: returnUrlsOf(apiKeys.current(), tenant) })),
    organization: site.organization,
    logo: site.logo,
  });
}

/** The same function as `jitsuin keys rotate`. */
function sealChanges(config: SealKeySettings, sealer: FileSealer): ApprovedChanges {
  return {
    'seal-key.rotate': async ({ subject }, again) => {
      if (again && sealer.activeKey !== subject) return;
      if (sealer.activeKey !== subject)
        throw new JitsuinError('key.state', 'Another key seals already: this rotation was made before.');
      await rotateSealKeyAt(config);
    },
  };
}
