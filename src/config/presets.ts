import { JitsuinError } from '../core/errors.ts';
import type { Environment } from './relying-party.ts';

/** An environment of the service with its issuer (the one that works, not the one of the guideline's example). */
interface Preset {
  readonly host: string;
  readonly issuer: string;
  /** Keys of test and production are apart (guideline, 利用までの流れ): to which of the two this environment belongs. */
  readonly keys: 'test' | 'production';
}

export const PRESETS: Readonly<Record<'sandbox' | 'production', Preset>> = {
  sandbox: {
    host: 'sb-auth-and-sign.go.jp',
    issuer: 'https://sb-auth-and-sign.go.jp/api/realms/main',
    keys: 'test',
  },
  production: {
    host: 'auth-and-sign.go.jp',
    issuer: 'https://auth-and-sign.go.jp/api/realms/main',
    keys: 'production',
  },
};

/**
 * JITSUIN_ENVIRONMENT `sandbox` and `production` choose the issuer when none is given, and allow no issuer elsewhere.
 * `sandbox` reads as `test` from here on: there are keys for test and keys for production, nothing else. `test` is for
 * the simulator and for hosts of one's own, and chooses nothing.
 * @throws JitsuinError `config.environment-mixed` when the issuer given belongs elsewhere
 */
export function withEnvironmentPreset(env: Environment): Environment {
  const name = env['JITSUIN_ENVIRONMENT'];
  if (name !== 'sandbox' && name !== 'production') return env;
  const { host, issuer, keys } = PRESETS[name];
  const given = env['JITSUIN_ISSUER'];
  if (given === undefined || given === '') {
    return { ...env, JITSUIN_ENVIRONMENT: keys, JITSUIN_ISSUER: issuer };
  }
  if (!URL.canParse(given) || new URL(given).host !== host) {
    const message = `JITSUIN_ENVIRONMENT is "${name}", but JITSUIN_ISSUER is not on ${host}. Leave JITSUIN_ISSUER out, or set JITSUIN_ENVIRONMENT=test for another host.`;
    throw new JitsuinError('config.environment-mixed', message, { at: 'JITSUIN_ENVIRONMENT' });
  }
  return { ...env, JITSUIN_ENVIRONMENT: keys };
}
