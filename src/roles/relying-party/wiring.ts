import type { RelyingPartyAdapters } from '../../adapters/relying-party/open-relying-party.ts';
import type { AuthAndSign } from '../../ports/auth-and-sign.ts';
import type { LogoutTokens } from '../../ports/logout-tokens.ts';
import type { LogoutPorts } from '../../rp/back-channel-logout.ts';
import type { SignerSettings } from '../../rp/relying-party.ts';
import { relyingPartySettings, type SettingsConfig } from './settings.ts';

/** What the API and the worker of an sp or an agency run on. */
export interface RelyingPartyWiring {
  readonly adapters: RelyingPartyAdapters;
  readonly rp: LogoutPorts;
}

export interface RoleParts {
  /** The role's own client of the service. */
  readonly authAndSign: AuthAndSign & { readonly logoutTokens: LogoutTokens };
  /** Whether the role sees the name in the signing certificate. */
  readonly names: SignerSettings['names'];
}

/** The use-cases' ports from opened adapters. */
export function relyingPartyPorts(
  config: SettingsConfig,
  adapters: RelyingPartyAdapters,
  { authAndSign, names }: RoleParts,
): LogoutPorts {
  const { store, clock, random, log, hashSubject } = adapters;
  return {
    applications: store.applications,
    authAndSign,
    logoutTokens: authAndSign.logoutTokens,
    audit: store.audit,
    sessions: store.sessions,
    replay: store.replay,
    passkeys: store.passkeys,
    clock,
    random,
    log,
    settings: relyingPartySettings(config, hashSubject, names),
  };
}
