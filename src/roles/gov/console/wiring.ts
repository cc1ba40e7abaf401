import { openForms } from '../../../adapters/files/form-files.ts';
import { openSealer } from '../../../adapters/keys/seal-keys.ts';
import type { RelyingPartyAdapters } from '../../../adapters/relying-party/open-relying-party.ts';
import type { GovConfig } from '../../../config/gov.ts';
import { defined } from '../../../core/defined.ts';
import { algorithmEndsOf } from '../../../verifier/policy/policy-file.ts';
import type { RelyingPartyParts } from '../../relying-party/app.ts';
import { openRelyingPartyConsole, tenantIds } from '../../relying-party/console/wiring.ts';
import { clocksOf } from '../../relying-party/settings.ts';
import { shownAgeing } from '../../signature-verifier/shown-ageing.ts';
import { readPolicy, readTsaTrustAnchors } from '../../signature-verifier/wiring.ts';
import { readTrustAnchors } from '../wiring.ts';
import { govRecords } from './records.ts';

/** The agency's console on its own port, where one is configured. */
export async function openGovConsole(
  config: GovConfig,
  adapters: RelyingPartyAdapters,
  { webhooks, site }: Pick<RelyingPartyParts, 'webhooks' | 'site'>,
): Promise<{ close(): Promise<void> } | undefined> {
  if (config.console === undefined) return undefined;
  const { store, clock, log, apiKeys } = adapters;
  const trustAnchors = await readTrustAnchors(config);
  const policy = await readPolicy(config);
  const tsaTrustAnchors =
    config.tsa === undefined ? undefined : await readTsaTrustAnchors(config.tsa.trustFile);
  const algorithmEnds = config.tsa?.algorithmEnds;
  const { applications, evidence, archive, audit } = store;
  const records = govRecords(
    defined({
      applications,
      evidence,
      archive,
      audit,
      clock,
      log,
      settings: { clocks: clocksOf(config) },
      tenants: () => tenantIds(apiKeys),
      trustAnchors,
      policy,
      forms: await openForms(config.formsDir),
      tsaTrustAnchors,
      algorithmEnds,
    }),
  );
  const ends = () => [
    ...trustAnchors.map(({ notAfter }, n) => ({ use: `trust-anchor-${n + 1}`, at: notAfter })),
    ...(tsaTrustAnchors ?? []).map(({ notAfter }, n) => ({ use: `tsa-anchor-${n + 1}`, at: notAfter })),
    ...algorithmEndsOf(policy),
  ];
  const ageing = shownAgeing(archive, algorithmEnds);
  const own = defined({ records, archive, ageing, ends });
  const sealer = await openSealer(config);
  return openRelyingPartyConsole({ role: 'gov', config, adapters, sealer, webhooks, site, own });
}
