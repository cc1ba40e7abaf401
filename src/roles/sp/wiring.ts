import { createAuthAndSign } from '../../adapters/auth-and-sign/private-client.ts';
import {
  openRelyingParty,
  type RelyingPartyAdapters,
  type RelyingPartyOverrides,
} from '../../adapters/relying-party/open-relying-party.ts';
import type { LogoutPorts } from '../../rp/back-channel-logout.ts';
import { relyingPartySettings } from '../../rp/from-config.ts';
import type { SpConfig } from './config.ts';
import { refusePfKeys } from './key-placement.ts';

export interface SpWiring {
  readonly adapters: RelyingPartyAdapters;
  readonly rp: LogoutPorts;
}

/**
 * The adapters and ports that the API and the worker of an sp share. The client of the service is the private one: a
 * result in clear is refused before it reaches a use-case.
 * @throws JitsuinError `config.*`, `store.*`, `queue.unavailable`, `key.*`
 */
export async function wireSp(
  config: SpConfig,
  name: string,
  overrides: RelyingPartyOverrides = {},
): Promise<SpWiring> {
  const adapters = await openRelyingParty(config, { role: 'sp', name }, overrides);
  try {
    await refusePfKeys(config.dataDir);
  } catch (thrown) {
    await adapters.close();
    throw thrown;
  }
  const { store, clock, random, log, hashSubject } = adapters;
  const authAndSign = createAuthAndSign(adapters.serviceOptions);
  const rp: LogoutPorts = {
    applications: store.applications,
    authAndSign,
    logoutTokens: authAndSign.logoutTokens,
    audit: store.audit,
    sessions: store.sessions,
    replay: store.replay,
    clock,
    random,
    log,
    settings: relyingPartySettings(config, hashSubject, 'unseen'),
  };
  return { adapters, rp };
}
