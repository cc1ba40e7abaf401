import type { Environment } from './names.ts';

/** An environment of the service with its issuer (the one that works, not the one of the guideline's example). */
interface Preset {
  readonly host: string;
  readonly issuer: string;
}

export const PRESETS: Readonly<Record<'sandbox' | 'production', Preset>> = {
  sandbox: { host: 'sb-auth-and-sign.go.jp', issuer: 'https://sb-auth-and-sign.go.jp/api/realms/main' },
  production: { host: 'auth-and-sign.go.jp', issuer: 'https://auth-and-sign.go.jp/api/realms/main' },
};

/** The environment of the service that JITSUIN_ENVIRONMENT names; `test` is the simulator's or a host of one's own. */
export function presetOf(env: Environment): 'sandbox' | 'production' | undefined {
  const name = env['JITSUIN_ENVIRONMENT']?.toLowerCase();
  return name === 'sandbox' || name === 'production' ? name : undefined;
}

/** `sandbox` and `production` choose the issuer when none is given; `test` chooses nothing. */
export function withPresetIssuer(env: Environment): Environment {
  const preset = presetOf(env);
  if (preset === undefined || (env['JITSUIN_ISSUER'] ?? '') !== '') return env;
  return { ...env, JITSUIN_ISSUER: PRESETS[preset].issuer };
}
