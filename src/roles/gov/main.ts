import type { RelyingPartyOverrides } from '../../adapters/relying-party/open-relying-party.ts';
import type { GovConfig } from '../../config/gov.ts';
import { defined } from '../../core/defined.ts';
import type { RunningServer } from '../../http/listen.ts';
import { startRelyingParty } from '../relying-party/main.ts';
import { createGovApp } from './app.ts';
import { openGovConsole } from './console/wiring.ts';
import { openAgencyJudge, wireGov } from './wiring.ts';

/**
 * Starts the HTTP part of an administrative agency.
 * @throws JitsuinError `config.*`, `certificate.syntax` (trust file), `store.*`, `queue.unavailable`
 */
export async function startGov(
  config: GovConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningServer> {
  const wiring = await wireGov(config, 'gov', overrides);
  const { clock, store } = wiring.adapters;
  return startRelyingParty({
    role: 'gov',
    config,
    wiring,
    createApp: async (parts, closing) => {
      const upload = await openAgencyJudge(config, clock);
      closing.add(upload.close);
      const console = await openGovConsole(config, wiring.adapters, parts);
      if (console !== undefined) closing.add(console.close);
      const { judge, offlinePage } = upload;
      return createGovApp(defined({ ...parts, evidence: store.evidence, judge, offlinePage }));
    },
  });
}
