import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { type LoginPart, readLoginConfig } from './login.ts';
import { withEnvironmentPreset } from './presets.ts';
import {
  type Environment,
  type RelyingPartyConfig,
  readEnvironment,
  readRelyingPartyConfig,
  refuseMixedEnvironments,
  secureUrl,
} from './relying-party.ts';

const spSchema = z.object({
  JITSUIN_PF_URL: z.url(),
  JITSUIN_PF_CLIENT_ID: z.string().min(1).max(255),
  JITSUIN_PF_CLIENT_KEY_FILE: z.string().min(1),
  JITSUIN_PF_TENANT: z.string().min(1).max(64).optional(),
  JITSUIN_PF_RECEIPT_JWKS_FILE: z.string().min(1).optional(),
  JITSUIN_SERVICE: z.string().min(1).max(64),
  JITSUIN_ENVIRONMENT: z.enum(['test', 'production']),
  JITSUIN_CHECK_METHOD: z.enum(['CRL', 'OCSP']).default('CRL'),
});

/** Variables that name a platform operator's private key or what opens it. None may be set at an sp. */
const PF_KEY_VARIABLE = /^JITSUIN_PF_(?!URL$|CLIENT_ID$|CLIENT_KEY_FILE$|TENANT$|RECEIPT_JWKS_FILE$)/;

export interface SpConfig extends RelyingPartyConfig, LoginPart {
  readonly pfUrl: string;
  /** Our name at the platform operator. */
  readonly pfClientId: string;
  readonly pfClientKeyFile: string;
  /** `aud` of its receipts: our tenant id there. */
  readonly pfTenant: string;
  /** Public keys of its receipts; absent: fetched from the operator itself. */
  readonly pfReceiptJwksFile?: string;
  /** What the platform operator's key was registered for. */
  readonly service: string;
  readonly environment: 'test' | 'production';
  readonly checkMethod: 'CRL' | 'OCSP';
}

/**
 * Configuration of an sp.
 * @throws JitsuinError `config.invalid`, `config.role-key` (a key of a platform operator is configured here),
 *   `config.environment-mixed`
 */
export function readSpConfig(given: Environment): SpConfig {
  const env = withEnvironmentPreset(given);
  const forbidden = Object.keys(env).find((name) => PF_KEY_VARIABLE.test(name) && (env[name] ?? '') !== '');
  if (forbidden !== undefined) {
    throw new JitsuinError(
      'config.role-key',
      `${forbidden} is for a platform operator. An sp may not hold its key.`,
      {
        at: forbidden,
      },
    );
  }
  const shared = readRelyingPartyConfig(env, 'sp');
  const read = readEnvironment(spSchema, env);
  refuseMixedEnvironments(shared.issuer, read.JITSUIN_ENVIRONMENT);
  return defined({
    ...shared,
    ...readLoginConfig(env, shared),
    pfUrl: secureUrl(read.JITSUIN_PF_URL, 'JITSUIN_PF_URL', shared.loopbackHttp).replace(/\/+$/, ''),
    pfClientId: read.JITSUIN_PF_CLIENT_ID,
    pfClientKeyFile: read.JITSUIN_PF_CLIENT_KEY_FILE,
    pfTenant: read.JITSUIN_PF_TENANT ?? read.JITSUIN_PF_CLIENT_ID,
    pfReceiptJwksFile: read.JITSUIN_PF_RECEIPT_JWKS_FILE,
    service: read.JITSUIN_SERVICE,
    environment: read.JITSUIN_ENVIRONMENT,
    checkMethod: read.JITSUIN_CHECK_METHOD,
  });
}
