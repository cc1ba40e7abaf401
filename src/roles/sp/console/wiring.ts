import { openSealer } from '../../../adapters/keys/seal-keys.ts';
import type { RelyingPartyAdapters } from '../../../adapters/relying-party/open-relying-party.ts';
import type { SpConfig } from '../../../config/sp.ts';
import type { RelyingPartyParts } from '../../relying-party/app.ts';
import { applicationRecords } from '../../relying-party/console/records.ts';
import { openRelyingPartyConsole, tenantIds } from '../../relying-party/console/wiring.ts';

/** The console of an sp, where one is configured: nothing in it knows evidence or a certificate. */
export async function openSpConsole(
  config: SpConfig,
  adapters: RelyingPartyAdapters,
  { webhooks, site }: Pick<RelyingPartyParts, 'webhooks' | 'site'>,
): Promise<{ close(): Promise<void> } | undefined> {
  if (config.console === undefined) return undefined;
  const { store, clock, apiKeys } = adapters;
  const records = applicationRecords({
    applications: store.applications,
    tenants: () => tenantIds(apiKeys),
    clock,
  });
  const own = { records, ends: () => [] };
  const sealer = await openSealer(config);
  return openRelyingPartyConsole({ role: 'sp', config, adapters, sealer, webhooks, site, own });
}
