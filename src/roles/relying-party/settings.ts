import type { LoginPart } from '../../config/login.ts';
import type { RelyingPartyConfig } from '../../config/relying-party.ts';
import { defined } from '../../core/defined.ts';
import { CLOCKS, type Clocks } from '../../core/sign-transaction/machine-table.ts';
import type { RelyingPartySettings, SignerSettings } from '../../rp/relying-party.ts';

/** What the settings are read from. */
export type SettingsConfig = RelyingPartyConfig & LoginPart & { readonly signerNameElement?: string };

/** The clocks of applications by a role's configuration. */
export function clocksOf({ officeVisit }: Pick<SettingsConfig, 'officeVisit'>): Clocks {
  return { ...CLOCKS, officeKept: officeVisit };
}

/** The settings of the use-cases from a role's configuration; `names`: whether the role sees certificates. */
export function relyingPartySettings(
  config: SettingsConfig,
  hashSubject: (subject: string) => string,
  names: SignerSettings['names'],
): RelyingPartySettings {
  const { issuer, redirectUri, scope, profile, mode, signedElement, stateLife } = config;
  const { signerLogin, signerNameElement, filesInDigestInfo, signatureAlgorithm } = config;
  return defined({
    issuer,
    redirectUri,
    scope,
    profile,
    mode,
    algorithm: signatureAlgorithm === 'rsa-sha256' ? undefined : signatureAlgorithm,
    filesInDigestInfo,
    signedElement,
    clocks: clocksOf(config),
    stateLife,
    hashSubject,
    signer: defined({
      login: signerLogin,
      subjects: config.login?.provider === 'broker' ? 'apart' : 'comparable',
      names,
      nameElement: signerNameElement,
    }),
  });
}
