import { join, resolve } from 'node:path';
import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { type ConsoleConfig, readConsoleConfig } from './console.ts';
import { LOG_VARIABLES, type LogConfig, readLogConfig } from './log.ts';
import { withEnvironmentPreset } from './presets.ts';
import {
  DATABASE_SCHEMA,
  type Environment,
  QUEUE_PREFIX,
  readEnvironment,
  secureUrl,
} from './relying-party.ts';
import { readTsaConfig, TIME_STAMPING_VARIABLES, type TsaConfig } from './time-stamping.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const path = z.string().min(1);

const environmentSchema = z.object({
  JITSUIN_HOST: z.string().min(1).default('127.0.0.1'),
  JITSUIN_PORT: port.default(3100),
  JITSUIN_PUBLIC_URL: z.url().optional(),
  JITSUIN_ENVIRONMENT: z.enum(['test', 'production']).default('test'),
  JITSUIN_DATA_DIR: path.default('data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//)
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//)
    .optional(),
  JITSUIN_DATABASE_SCHEMA: z.string().regex(DATABASE_SCHEMA).optional(),
  JITSUIN_QUEUE_PREFIX: z.string().regex(QUEUE_PREFIX).optional(),
  JITSUIN_SEAL_KEY_FILE: path.optional(),
  JITSUIN_SEAL_KMS_MODULE: path.optional(),
  ...LOG_VARIABLES,
  JITSUIN_PF_KEYS_MODULE: path.optional(),
  JITSUIN_PF_KEYSTORE_FILE: path.optional(),
  JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: path.optional(),
  JITSUIN_PF_RECEIPT_KEY_FILE: path.optional(),
  JITSUIN_PF_TENANTS_FILE: path,
  JITSUIN_PF_PRICES_FILE: path.optional(),
  JITSUIN_PF_CONSENT_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_525).default(3653),
  JITSUIN_PF_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_525).optional(),
  JITSUIN_TRUST_FILE: path,
  JITSUIN_INTERMEDIATES_FILE: path.optional(),
  JITSUIN_OCSP_URL: z.url().optional(),
  JITSUIN_CRL_URL: z.url().optional(),
  JITSUIN_CRL_DIR: path.optional(),
  JITSUIN_CLOCK_TOLERANCE_SECONDS: z.coerce.number().int().min(1).max(3600).default(60),
  ...TIME_STAMPING_VARIABLES,
  JITSUIN_ALLOW_LOOPBACK_HTTP: z.enum(['0', '1']).default('0'),
  JITSUIN_BODY_LIMIT: z.coerce.number().int().min(4096).max(134_217_728).default(16_777_216),
  JITSUIN_VERIFICATION_DEADLINE_MINUTES: z.coerce.number().int().min(1).max(10_080).default(1440),
  JITSUIN_MANAGEMENT_HOST: z.string().min(1).default('127.0.0.1'),
  JITSUIN_MANAGEMENT_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  JITSUIN_WEBHOOK_LOOPBACK: z.enum(['0', '1']).default('0'),
  JITSUIN_TENANT_RATE: z.coerce.number().int().min(0).max(100_000).default(200),
  JITSUIN_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
});

type UrlVariable =
  | 'JITSUIN_PUBLIC_URL'
  | 'JITSUIN_OCSP_URL'
  | 'JITSUIN_CRL_URL'
  | 'JITSUIN_TSA_URL'
  | 'JITSUIN_TSA_CRL_URL'
  | 'JITSUIN_TSA_OCSP_URL';

export interface PfConfig {
  readonly host: string;
  readonly port: number;
  /** `aud` of the assertions and `iss` of the receipts; absent: the address really bound. No trailing slash. */
  readonly publicUrl?: string;
  /** One process serves one environment: keys, anchors and policies of test and production never mix. */
  readonly environment: 'test' | 'production';
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** PostgreSQL schema; absent: `jitsuin_pf`. */
  readonly databaseSchema?: string;
  /** What the Redis keys of the queue begin with; absent: `jitsuin:pf`. */
  readonly queuePrefix?: string;
  readonly sealKeyFile: string;
  /** ES module of a KMS that wraps the keys of `sealKeyFile`; absent: they lie in clear. */
  readonly sealKmsModule?: string;
  readonly log: LogConfig;
  /** ES module that gives the decryption keys of an HSM or KMS, in the place of the keystore. */
  readonly keysModule?: string;
  readonly keystoreFile: string;
  readonly keystorePassphraseFile: string;
  readonly receiptKeyFile: string;
  readonly tenantsFile: string;
  /** JSON list of price rules in the place of the built-in one. */
  readonly pricesFile?: string;
  /** Milliseconds after which a decided verification is deleted with its evidence; absent: never. */
  readonly retention?: number;
  /** Milliseconds for which the record of a consent is kept. */
  readonly consentRetention: number;
  /** PEM of the trust anchors of this environment. */
  readonly trustFile: string;
  /** PEM of intermediate certificates, where the PKI has some. */
  readonly intermediatesFile?: string;
  readonly ocspUrl?: string;
  /** `?dp=` with the base64url DER Name of the distribution point is appended, and `&aki=` with the issuing key's identifier. */
  readonly crlUrl?: string;
  readonly crlDir?: string;
  /** Milliseconds by which our clock and that of a revocation source may differ before verdicts stop. */
  readonly clockTolerance: number;
  /** RFC 3161 over HTTP; absent: evidence gets no time-stamps. */
  readonly tsa?: TsaConfig;
  readonly loopbackHttp: 'refused' | 'allowed';
  /** Octets of a submission. */
  readonly bodyLimit: number;
  /** Milliseconds within which a verification must be decided. */
  readonly deadline: number;
  readonly concurrency: number;
  /** Requests a second of one tenant; 0 counts nothing. */
  readonly tenantRate: number;
  /** Where operators find health and metrics; each process needs its own. Absent: nowhere. */
  readonly management?: { readonly host: string; readonly port: number };
  /** The operator's console; absent: none. */
  readonly console?: ConsoleConfig;
  /** Whether webhooks may go to this machine itself; for development. */
  readonly webhookLoopback: 'refused' | 'allowed';
}

/**
 * Reads and judges the configuration of the platform operator. Key files and the store have defaults under the data folder
 * (made when missing); trust anchors, tenants and, in production, the passphrase file have none.
 * @throws JitsuinError `config.invalid` with the variable's name (never its value) in `at`
 */
export function readPfConfig(given: Environment): PfConfig {
  const env = withEnvironmentPreset(given);
  const read = readEnvironment(environmentSchema, env);
  const loopbackHttp = read.JITSUIN_ALLOW_LOOPBACK_HTTP === '1' ? 'allowed' : 'refused';
  const dataDir = resolve(read.JITSUIN_DATA_DIR);
  const url = (name: UrlVariable) => {
    const value = read[name];
    return value === undefined ? undefined : secureUrl(value, name, loopbackHttp);
  };
  const tsa = readTsaConfig(read, url);
  const config: PfConfig = defined({
    host: read.JITSUIN_HOST,
    port: read.JITSUIN_PORT,
    environment: read.JITSUIN_ENVIRONMENT,
    dataDir,
    sealKeyFile: read.JITSUIN_SEAL_KEY_FILE ?? join(dataDir, 'pf.seal-key.json'),
    keystoreFile: read.JITSUIN_PF_KEYSTORE_FILE ?? join(dataDir, 'pf.keystore.json'),
    keystorePassphraseFile: passphraseFile(
      read.JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE,
      // Keys that a module gives need no passphrase here.
      read.JITSUIN_PF_KEYS_MODULE === undefined ? read.JITSUIN_ENVIRONMENT : 'test',
      dataDir,
    ),
    receiptKeyFile: read.JITSUIN_PF_RECEIPT_KEY_FILE ?? join(dataDir, 'pf.receipt-key.json'),
    tenantsFile: read.JITSUIN_PF_TENANTS_FILE,
    trustFile: read.JITSUIN_TRUST_FILE,
    log: readLogConfig(read),
    loopbackHttp,
    bodyLimit: read.JITSUIN_BODY_LIMIT,
    deadline: read.JITSUIN_VERIFICATION_DEADLINE_MINUTES * 60_000,
    management:
      read.JITSUIN_MANAGEMENT_PORT === undefined
        ? undefined
        : { host: read.JITSUIN_MANAGEMENT_HOST, port: read.JITSUIN_MANAGEMENT_PORT },
    ...readConsoleConfig(env, loopbackHttp),
    webhookLoopback: read.JITSUIN_WEBHOOK_LOOPBACK === '1' ? 'allowed' : 'refused',
    tenantRate: read.JITSUIN_TENANT_RATE,
    clockTolerance: read.JITSUIN_CLOCK_TOLERANCE_SECONDS * 1000,
    concurrency: read.JITSUIN_WORKER_CONCURRENCY,
    consentRetention: read.JITSUIN_PF_CONSENT_RETENTION_DAYS * 86_400_000,
    tsa,
    retention:
      read.JITSUIN_PF_RETENTION_DAYS === undefined ? undefined : read.JITSUIN_PF_RETENTION_DAYS * 86_400_000,
    ...present('sealKmsModule', read.JITSUIN_SEAL_KMS_MODULE),
    ...present('keysModule', read.JITSUIN_PF_KEYS_MODULE),
    ...present('pricesFile', read.JITSUIN_PF_PRICES_FILE),
    ...present('publicUrl', url('JITSUIN_PUBLIC_URL')?.replace(/\/+$/, '')),
    ...present('databaseUrl', read.DATABASE_URL),
    ...present('redisUrl', read.REDIS_URL),
    ...present('databaseSchema', read.JITSUIN_DATABASE_SCHEMA),
    ...present('queuePrefix', read.JITSUIN_QUEUE_PREFIX),
    ...present('intermediatesFile', read.JITSUIN_INTERMEDIATES_FILE),
    ...present('ocspUrl', url('JITSUIN_OCSP_URL')),
    ...present('crlUrl', url('JITSUIN_CRL_URL')),
    ...present('crlDir', read.JITSUIN_CRL_DIR),
  });
  if (config.port === 0 && config.publicUrl === undefined) {
    throw new JitsuinError(
      'config.invalid',
      'With a free port (0), set JITSUIN_PUBLIC_URL to what the sps will use.',
      {
        at: 'JITSUIN_PUBLIC_URL',
      },
    );
  }
  checkSources(config);
  return config;
}

/** In production the passphrase must come from elsewhere than the folder of the keystore that it opens. */
function passphraseFile(
  given: string | undefined,
  environment: PfConfig['environment'],
  dataDir: string,
): string {
  if (given !== undefined) return given;
  if (environment === 'test') return join(dataDir, 'pf.keystore-passphrase');
  throw new JitsuinError(
    'config.invalid',
    'In production, JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE must name a file.',
    {
      at: 'JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE',
    },
  );
}

function present<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [N in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]: string });
}

function checkSources(config: PfConfig): void {
  if (config.ocspUrl !== undefined || config.crlUrl !== undefined || config.crlDir !== undefined) return;
  throw new JitsuinError(
    'config.invalid',
    'No source of revocation data: set JITSUIN_OCSP_URL, JITSUIN_CRL_URL or JITSUIN_CRL_DIR.',
    { at: 'JITSUIN_OCSP_URL' },
  );
}
