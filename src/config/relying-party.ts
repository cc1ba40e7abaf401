import { join, resolve } from 'node:path';
import { z } from 'zod';
import { API_SCOPES } from '../contracts/operations/operation.ts';
import { signedElementSelector } from '../contracts/public-api.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { LOG_VARIABLES, type LogConfig, readLogConfig } from './log.ts';

/** What sp and gov read from the environment alike. Secrets stand in files, never in the environment itself. */

export type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const MEBIBYTE = 1024 * 1024;

/** Names a PostgreSQL schema without quotes. */
export const DATABASE_SCHEMA = /^[a-z][a-z0-9_]{0,62}$/;
/** What all Redis keys of a queue begin with. */
export const QUEUE_PREFIX = /^[0-9A-Za-z_][0-9A-Za-z:_-]{0,63}$/;

const environmentSchema = z.object({
  JITSUIN_HOST: z.string().min(1).default('127.0.0.1'),
  JITSUIN_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  JITSUIN_PUBLIC_URL: z.url(),
  JITSUIN_DATA_DIR: z.string().min(1).default('data'),
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
  JITSUIN_SEAL_KEY_FILE: z.string().min(1).optional(),
  JITSUIN_SEAL_KMS_MODULE: z.string().min(1).optional(),
  JITSUIN_SUBJECT_KEY_FILE: z.string().min(1).optional(),
  ...LOG_VARIABLES,
  JITSUIN_ACR_VALUES: z
    .string()
    .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/)
    .optional(),
  JITSUIN_ISSUER: z.url(),
  JITSUIN_CLIENT_ID: z.string().regex(/^[0-9a-zA-Z-]{1,255}$/),
  JITSUIN_CLIENT_KEY_FILE: z.string().min(1),
  JITSUIN_REDIRECT_URI: z.url().max(255).optional(),
  JITSUIN_ALLOW_LOOPBACK_HTTP: z.enum(['0', '1']).default('0'),
  JITSUIN_PROFILE: z.enum(['enveloped', 'by-id', 'guideline', 'detached']).default('enveloped'),
  JITSUIN_MODE: z.enum(['digest-info', 'digest']).default('digest-info'),
  JITSUIN_SIGNED_ELEMENT: z.string().min(1).max(255).optional(),
  JITSUIN_SCOPE: z
    .string()
    .regex(/^openid sign(?: (?:name|address|birthdate|gender))*$/)
    .default('openid sign'),
  JITSUIN_API_KEYS_FILE: z.string().min(1),
  JITSUIN_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1024)
    .max(64 * MEBIBYTE)
    .default(5 * MEBIBYTE),
  JITSUIN_SERVICE_RATE: z.coerce.number().int().min(1).max(1000).default(20),
  JITSUIN_TENANT_RATE: z.coerce.number().int().min(0).max(100_000).default(200),
  JITSUIN_MANAGEMENT_HOST: z.string().min(1).default('127.0.0.1'),
  JITSUIN_MANAGEMENT_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  JITSUIN_WEBHOOK_LOOPBACK: z.enum(['0', '1']).default('0'),
  JITSUIN_DEMO_PAGES: z.enum(['0', '1']).default('0'),
  JITSUIN_STATE_MINUTES: z.coerce.number().int().min(1).max(60).default(10),
});

export interface RelyingPartyConfig {
  readonly host: string;
  readonly port: number;
  /** Base URL that citizens use; no trailing slash. */
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** PostgreSQL schema; absent: `jitsuin_<role>`. */
  readonly databaseSchema?: string;
  /** What the Redis keys of the queue begin with; absent: `jitsuin:<role>`. Worlds that share one Redis need one each. */
  readonly queuePrefix?: string;
  readonly sealKeyFile: string;
  /** ES module of a KMS that wraps the keys of `sealKeyFile`; absent: they lie in clear. */
  readonly sealKmsModule?: string;
  /** Key of the keyed hash of `sub`; all processes of a role share it. */
  readonly subjectKeyFile: string;
  readonly log: LogConfig;
  readonly acrValues?: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientKeyFile: string;
  readonly redirectUri: string;
  readonly loopbackHttp: 'refused' | 'allowed';
  readonly profile: 'enveloped' | 'by-id' | 'guideline' | 'detached';
  readonly mode: 'digest-info' | 'digest';
  readonly signedElement?: { readonly name: string } | { readonly id: string };
  readonly scope: readonly string[];
  readonly apiKeysFile: string;
  /** Octets of a document. */
  readonly bodyLimit: number;
  /** Requests a second to the service, over all processes: mass access is forbidden (guideline, 注意事項). */
  readonly serviceRate: number;
  /** Requests a second of one tenant; 0 counts nothing. */
  readonly tenantRate: number;
  /** Where operators find health and metrics; each process needs its own. Absent: nowhere. */
  readonly management?: { readonly host: string; readonly port: number };
  /** Whether webhooks may go to this machine itself; for development. */
  readonly webhookLoopback: 'refused' | 'allowed';
  /** Whether anyone may begin a signature at `/`, in the name of the first tenant. Never in production. */
  readonly demoPages: 'shown' | 'absent';
  /** Milliseconds that one `state` may be away. */
  readonly stateLife: number;
}

/**
 * Reads and judges the configuration that sp and gov share. Empty variables count as absent.
 * @throws JitsuinError `config.invalid` with the variable's name (never its value) in `at`
 */
export function readRelyingPartyConfig(env: Environment, role: 'sp' | 'gov'): RelyingPartyConfig {
  const read = readEnvironment(environmentSchema, env);
  const loopbackHttp = read.JITSUIN_ALLOW_LOOPBACK_HTTP === '1' ? 'allowed' : 'refused';
  const publicUrl = secureUrl(read.JITSUIN_PUBLIC_URL, 'JITSUIN_PUBLIC_URL', loopbackHttp).replace(
    /\/+$/,
    '',
  );
  const redirectUri = read.JITSUIN_REDIRECT_URI ?? `${publicUrl}/callback`;
  checkRedirectUri(redirectUri, publicUrl, loopbackHttp);
  const dataDir = resolve(read.JITSUIN_DATA_DIR);
  return defined({
    host: read.JITSUIN_HOST,
    port: read.JITSUIN_PORT,
    publicUrl,
    dataDir,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    databaseSchema: read.JITSUIN_DATABASE_SCHEMA,
    queuePrefix: read.JITSUIN_QUEUE_PREFIX,
    sealKeyFile: read.JITSUIN_SEAL_KEY_FILE ?? join(dataDir, `${role}.seal-key.json`),
    sealKmsModule: read.JITSUIN_SEAL_KMS_MODULE,
    subjectKeyFile: read.JITSUIN_SUBJECT_KEY_FILE ?? join(dataDir, `${role}.subject-key`),
    log: readLogConfig(read),
    acrValues: read.JITSUIN_ACR_VALUES,
    issuer: secureUrl(read.JITSUIN_ISSUER, 'JITSUIN_ISSUER', loopbackHttp),
    clientId: read.JITSUIN_CLIENT_ID,
    clientKeyFile: read.JITSUIN_CLIENT_KEY_FILE,
    redirectUri,
    loopbackHttp,
    profile: read.JITSUIN_PROFILE,
    mode: read.JITSUIN_MODE,
    ...signedElement(read.JITSUIN_SIGNED_ELEMENT),
    scope: read.JITSUIN_SCOPE.split(' '),
    apiKeysFile: read.JITSUIN_API_KEYS_FILE,
    bodyLimit: read.JITSUIN_BODY_LIMIT,
    serviceRate: read.JITSUIN_SERVICE_RATE,
    tenantRate: read.JITSUIN_TENANT_RATE,
    management:
      read.JITSUIN_MANAGEMENT_PORT === undefined
        ? undefined
        : { host: read.JITSUIN_MANAGEMENT_HOST, port: read.JITSUIN_MANAGEMENT_PORT },
    webhookLoopback: read.JITSUIN_WEBHOOK_LOOPBACK === '1' ? 'allowed' : 'refused',
    demoPages: demoPages(read.JITSUIN_DEMO_PAGES, env),
    stateLife: read.JITSUIN_STATE_MINUTES * 60_000,
  });
}

/** @throws JitsuinError `config.invalid` where strangers could begin real signatures */
function demoPages(asked: '0' | '1', env: Environment): 'shown' | 'absent' {
  if (asked === '0') return 'absent';
  if (env['JITSUIN_ENVIRONMENT'] !== 'production') return 'shown';
  const at = 'JITSUIN_DEMO_PAGES';
  throw new JitsuinError('config.invalid', `${at} is not for production.`, { at });
}

/** Parses the variables of a schema. @throws JitsuinError `config.invalid` naming the first wrong variable */
export function readEnvironment<Schema extends z.ZodType>(schema: Schema, env: Environment): z.infer<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const at = String(result.error.issues[0]?.path[0] ?? '');
  throw new JitsuinError('config.invalid', `The environment variable ${at} is missing or not acceptable.`, {
    at,
  });
}

/** @throws JitsuinError `config.invalid` unless https, or http on this machine where that was allowed */
export function secureUrl(value: string, at: string, loopbackHttp: 'refused' | 'allowed'): string {
  const url = new URL(value);
  const loopback = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
  const secure = url.protocol === 'https:' || (loopback && loopbackHttp === 'allowed');
  if (secure && url.username === '' && url.password === '' && url.hash === '' && url.search === '')
    return value;
  const hint = loopback ? ' Set JITSUIN_ALLOW_LOOPBACK_HTTP=1 to use http on this machine.' : '';
  throw new JitsuinError(
    'config.invalid',
    `${at} must be an https URL without user, query and fragment.${hint}`,
    { at },
  );
}

/** Guideline, リダイレクトURIの設定: https, registered and compared exactly; no custom scheme. It must reach us. */
function checkRedirectUri(uri: string, publicUrl: string, loopbackHttp: 'refused' | 'allowed'): void {
  const at = 'JITSUIN_REDIRECT_URI';
  secureUrl(uri, at, loopbackHttp);
  if (new URL(uri).href !== uri) {
    throw new JitsuinError('config.invalid', `${at} is compared exactly; write it in its normal form.`, {
      at,
    });
  }
  if (new URL(uri).origin !== new URL(publicUrl).origin) {
    throw new JitsuinError('config.invalid', `${at} must lie on the origin of JITSUIN_PUBLIC_URL.`, { at });
  }
}

/**
 * Keys for test and production are apart (guideline, 公開鍵について), and so are the hosts that they belong to.
 * @throws JitsuinError `config.environment-mixed`
 */
export function refuseMixedEnvironments(issuer: string, environment: 'test' | 'production'): void {
  const isProduction = new URL(issuer).hostname === 'auth-and-sign.go.jp';
  const isSandbox = new URL(issuer).hostname === 'sb-auth-and-sign.go.jp';
  if ((environment === 'test' && !isProduction) || (environment === 'production' && !isSandbox)) return;
  const message = `JITSUIN_ENVIRONMENT is "${environment}", but JITSUIN_ISSUER belongs to the other environment.`;
  throw new JitsuinError('config.environment-mixed', message, { at: 'JITSUIN_ENVIRONMENT' });
}

/** `name`, `{namespace}name`, or `#id`. */
function signedElement(value: string | undefined): Pick<RelyingPartyConfig, 'signedElement'> {
  if (value === undefined) return {};
  return { signedElement: signedElementSelector(value) };
}

export const apiKeysFileSchema = z.strictObject({
  tenants: z
    .array(
      z.strictObject({
        tenant: z.string().regex(/^[0-9a-zA-Z_-]{1,64}$/),
        /** Hex SHA-256 of the API key. */
        api_key_sha256: z.string().regex(/^[0-9a-f]{64}$/),
        /** Where this tenant's citizens may be sent at the end; compared exactly. */
        return_urls: z.array(z.url({ protocol: /^https?$/ })).optional(),
        /** What this key may do; everything when absent. A tenant may have several keys. */
        scopes: z.array(z.enum(API_SCOPES)).min(1).optional(),
      }),
    )
    .min(1),
});
export type ApiKeysFile = z.infer<typeof apiKeysFileSchema>;
