import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { type ConsoleConfig, readConsoleConfig } from './console.ts';
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
import { readTsaConfig, TIME_STAMPING_VARIABLES, type TsaConfig } from './time-stamping.ts';

const govSchema = z.object({
  JITSUIN_ENVIRONMENT: z.enum(['test', 'production']).default('test'),
  JITSUIN_TRUST_FILE: z.string().min(1),
  JITSUIN_OCSP_URL: z.url().optional(),
  JITSUIN_CRL_URL: z.url().optional(),
  JITSUIN_CRL_DIR: z.string().min(1).optional(),
  JITSUIN_CHECK_METHOD: z.enum(['CRL', 'OCSP']).optional(),
  JITSUIN_SIGNER_NAME_ELEMENT: z
    .string()
    .max(255)
    .regex(/^(?:\{[^{}]+\})?[^#{}\s]+$/)
    .optional(),
  JITSUIN_CLOCK_TOLERANCE_SECONDS: z.coerce.number().int().min(1).max(3600).default(60),
  ...TIME_STAMPING_VARIABLES,
});

type UrlVariable =
  | 'JITSUIN_OCSP_URL'
  | 'JITSUIN_CRL_URL'
  | 'JITSUIN_TSA_URL'
  | 'JITSUIN_TSA_CRL_URL'
  | 'JITSUIN_TSA_OCSP_URL';

/** An administrative agency verifies for itself. */
export interface GovConfig extends RelyingPartyConfig, LoginPart {
  /** The operator's console; absent: none. */
  readonly console?: ConsoleConfig;
  readonly environment: 'test' | 'production';
  /** PEM of the trust anchors of this environment. */
  readonly trustFile: string;
  readonly ocspUrl?: string;
  /** `?dp=` with the base64url DER Name of the distribution point is appended, and `&aki=` with the issuing key's identifier. */
  readonly crlUrl?: string;
  readonly crlDir?: string;
  readonly checkMethod: 'CRL' | 'OCSP';
  /** Element of the signed part whose text must be the name in the certificate. */
  readonly signerNameElement?: string;
  /** Milliseconds by which our clock and that of a revocation source may differ before verdicts stop. */
  readonly clockTolerance: number;
  /** RFC 3161 over HTTP; absent: evidence gets no time-stamps. */
  readonly tsa?: TsaConfig;
}

/**
 * Configuration of an agency.
 * @throws JitsuinError `config.invalid` with the variable's name in `at`, `config.environment-mixed`
 */
export function readGovConfig(given: Environment): GovConfig {
  const env = withEnvironmentPreset(given);
  const shared = readRelyingPartyConfig(env, 'gov');
  const read = readEnvironment(govSchema, env);
  refuseMixedEnvironments(shared.issuer, read.JITSUIN_ENVIRONMENT);
  const url = (name: UrlVariable) => {
    const value = read[name];
    return value === undefined ? undefined : secureUrl(value, name, shared.loopbackHttp);
  };
  const ocspUrl = url('JITSUIN_OCSP_URL');
  const crlUrl = url('JITSUIN_CRL_URL');
  const crlDir = read.JITSUIN_CRL_DIR;
  const tsa = readTsaConfig(read, url);
  const hasCrl = crlUrl !== undefined || crlDir !== undefined;
  return defined({
    ...shared,
    ...readLoginConfig(env, shared),
    ...readConsoleConfig(env, shared.loopbackHttp),
    environment: read.JITSUIN_ENVIRONMENT,
    signerNameElement: read.JITSUIN_SIGNER_NAME_ELEMENT,
    trustFile: read.JITSUIN_TRUST_FILE,
    ocspUrl,
    crlUrl,
    crlDir,
    clockTolerance: read.JITSUIN_CLOCK_TOLERANCE_SECONDS * 1000,
    tsa,
    checkMethod: checkMethod(read.JITSUIN_CHECK_METHOD, hasCrl, ocspUrl !== undefined),
  });
}

/** Without revocation data no verdict can be given: the method asked for must have a source. */
function checkMethod(asked: 'CRL' | 'OCSP' | undefined, hasCrl: boolean, hasOcsp: boolean): 'CRL' | 'OCSP' {
  const method = asked ?? (hasCrl ? 'CRL' : 'OCSP');
  if (method === 'CRL' ? hasCrl : hasOcsp) return method;
  const at = method === 'CRL' ? 'JITSUIN_CRL_URL' : 'JITSUIN_OCSP_URL';
  throw new JitsuinError('config.invalid', `No source of revocation data for ${method} is configured.`, {
    at,
  });
}
