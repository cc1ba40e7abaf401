import type { RelyingPartyConfig } from '../contracts/rp-environment.ts';
import { CLOCKS } from '../core/sign-transaction/machine-table.ts';
import type { RelyingPartySettings } from './relying-party.ts';

/** The settings of the use-cases from a role's configuration. */
export function relyingPartySettings(
  config: RelyingPartyConfig,
  hashSubject: (subject: string) => string,
): RelyingPartySettings {
  const { issuer, redirectUri, scope, profile, mode, signedElement, stateLife } = config;
  return {
    issuer,
    redirectUri,
    scope,
    profile,
    mode,
    ...(signedElement === undefined ? {} : { signedElement }),
    clocks: CLOCKS,
    stateLife,
    hashSubject,
  };
}
