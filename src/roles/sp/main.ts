import type { RelyingPartyOverrides } from '../../adapters/relying-party/open-relying-party.ts';
import type { SpConfig } from '../../config/sp.ts';
import type { RunningServer } from '../../http/listen.ts';
import { startRelyingParty } from '../relying-party/main.ts';
import { createSpApp } from './app.ts';
import { openSpConsole } from './console/wiring.ts';
import { wireSp } from './wiring.ts';

/**
 * Starts the HTTP part of an sp.
 * @throws JitsuinError `config.*` (`config.role-key` when a platform operator's key lies here), `store.*`,
 * `queue.unavailable`
 */
export async function startSp(
  config: SpConfig,
  overrides: RelyingPartyOverrides = {},
): Promise<RunningServer> {
  const wiring = await wireSp(config, 'sp', overrides);
  return startRelyingParty({
    role: 'sp',
    config,
    wiring,
    createApp: async (parts, closing) => {
      const console = await openSpConsole(config, wiring.adapters, parts);
      if (console !== undefined) closing.add(console.close);
      return createSpApp(parts);
    },
  });
}
