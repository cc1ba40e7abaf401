import type { RelyingPartyAdapters } from '../../adapters/relying-party/open-relying-party.ts';
import { defined } from '../../core/defined.ts';
import type { FormCatalogue } from '../../core/forms/catalogue.ts';
import type { AuthAndSign } from '../../ports/auth-and-sign.ts';
import type { LogoutTokens } from '../../ports/logout-tokens.ts';
import type { LogoutPorts } from '../../rp/back-channel-logout.ts';
import type { ExpectRightSignatures, SignerSettings } from '../../rp/relying-party.ts';
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
  readonly forms: FormCatalogue;
  /** gov: a document takes one signer more. */
  readonly expectRightSignatures?: ExpectRightSignatures;
}

/** The use-cases' ports from opened adapters. */
export function relyingPartyPorts(
  config: SettingsConfig,
  adapters: RelyingPartyAdapters,
  { authAndSign, names, forms, expectRightSignatures }: RoleParts,
): LogoutPorts {
  const { store, clock, random, log, hashSubject } = adapters;
  return defined({
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
    forms,
    expectRightSignatures,
  });
}
