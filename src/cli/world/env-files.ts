import { join } from 'node:path';
import { CHAPTERS, type VariableName } from '../../config/table.ts';
import {
  ENVIRONMENT,
  GOV_CLIENT_ID,
  PF_CLIENT_ID,
  PF_TENANT,
  SERVICE,
  SP_CLIENT_ID,
  type WorldOptions,
  type WorldRole,
} from './world-options.ts';
import { worldPaths } from './world-paths.ts';

type Variables = Readonly<Partial<Record<VariableName, string | undefined>>>;

/** The KEY=VALUE file of one role: in the order of the table of settings, each with what it means there. */
export function envOf(role: WorldRole, dir: string, options: WorldOptions): string {
  const values: Readonly<Record<string, string | undefined>> = VALUES[role](dir, options);
  const chapters = CHAPTERS.map(({ title, variables }) => {
    const lines = Object.entries(variables)
      .filter(([name, { roles }]) => values[name] !== undefined && roles.includes(role))
      .map(([name, { means }]) => `# ${means.en}\n${name}=${values[name]}\n`);
    return lines.length === 0 ? '' : `\n## ${title.en}\n${lines.join('')}`;
  });
  return `# ${role}: written by "jitsuin init"; simulated world, no real keys\n${chapters.join('')}`;
}

const VALUES: Readonly<Record<WorldRole, (dir: string, options: WorldOptions) => Variables>> = {
  simulator: (dir, options) => ({
    JITSUIN_HOST: options.host,
    JITSUIN_PORT: String(options.ports?.simulator ?? portOf(options.simulatorUrl)),
    JITSUIN_PUBLIC_URL: options.simulatorUrl,
    JITSUIN_SIMULATOR_SEED: options.seed,
    JITSUIN_SIMULATOR_CLIENTS_FILE: join(dir, 'simulator', 'clients.json'),
  }),
  sp: (dir, options) => ({
    ...relyingParty('sp', dir, options, options.spUrl, SP_CLIENT_ID),
    JITSUIN_CONSOLE_PORT: options.consolePorts === undefined ? undefined : String(options.consolePorts.sp),
    JITSUIN_PF_URL: options.pfUrl,
    JITSUIN_PF_CLIENT_ID: PF_CLIENT_ID,
    JITSUIN_PF_TENANT: PF_TENANT,
    JITSUIN_PF_CLIENT_KEY_FILE: join(dir, 'sp', 'pf-client-key.json'),
    JITSUIN_PF_RECEIPT_JWKS_FILE: join(dir, 'sp', 'pf-receipt-jwks.json'),
    JITSUIN_SERVICE: SERVICE,
    JITSUIN_ENVIRONMENT: ENVIRONMENT,
  }),
  gov: (dir, options) => ({
    ...relyingParty('gov', dir, options, options.govUrl, GOV_CLIENT_ID),
    JITSUIN_CONSOLE_PORT: options.consolePorts === undefined ? undefined : String(options.consolePorts.gov),
    ...verifier('gov', dir, options),
  }),
  pf: (dir, options) => ({
    ...storage('pf', dir, options),
    JITSUIN_HOST: options.host,
    JITSUIN_PORT: String(options.ports?.pf ?? portOf(options.pfUrl)),
    JITSUIN_PUBLIC_URL: options.pfUrl,
    JITSUIN_ALLOW_LOOPBACK_HTTP: '1',
    JITSUIN_PF_KEYSTORE_FILE: join(dir, 'pf', 'keystore.json'),
    JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: join(dir, 'pf', 'keystore-passphrase.txt'),
    JITSUIN_PF_RECEIPT_KEY_FILE: join(dir, 'pf', 'receipt-key.json'),
    JITSUIN_PF_TENANTS_FILE: join(dir, 'pf', 'tenants.json'),
    JITSUIN_CONSOLE_PORT: options.consolePorts === undefined ? undefined : String(options.consolePorts.pf),
    ...verifier('pf', dir, options),
  }),
};

function relyingParty(
  role: 'sp' | 'gov',
  dir: string,
  options: WorldOptions,
  url: string,
  clientId: string,
): Variables {
  return {
    ...storage(role, dir, options),
    JITSUIN_HOST: options.host,
    JITSUIN_PORT: String(options.ports?.[role] ?? portOf(url)),
    JITSUIN_PUBLIC_URL: url,
    JITSUIN_ALLOW_LOOPBACK_HTTP: '1',
    JITSUIN_WEBHOOK_LOOPBACK: '1',
    JITSUIN_ISSUER: `${options.simulatorUrl}/api/realms/main`,
    JITSUIN_CLIENT_ID: clientId,
    JITSUIN_CLIENT_KEY_FILE: join(dir, role, 'client-key.json'),
    JITSUIN_SUBJECT_KEY_FILE: join(dir, role, 'subject-key'),
    JITSUIN_LOGIN: 'service',
    JITSUIN_API_KEYS_FILE: join(dir, role, 'api-keys.json'),
    JITSUIN_PROFILE: options.profile,
    JITSUIN_MODE: options.mode,
    JITSUIN_SIGNED_ELEMENT: options.signedElement,
  };
}

function storage(role: 'sp' | 'gov' | 'pf', dir: string, options: WorldOptions): Variables {
  const named = (server: string | undefined, name: string) =>
    server === undefined || options.sharedServersName === undefined ? undefined : name;
  return {
    JITSUIN_DATA_DIR: join(dir, role),
    JITSUIN_SEAL_KEY_FILE: join(dir, role, 'seal-key.json'),
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    JITSUIN_DATABASE_SCHEMA: named(options.databaseUrl, `${options.sharedServersName}_${role}`),
    JITSUIN_QUEUE_PREFIX: named(options.redisUrl, `${options.sharedServersName}:${role}`),
  };
}

function verifier(role: 'gov' | 'pf', dir: string, options: WorldOptions): Variables {
  const paths = worldPaths(dir, options.layout ?? 'together');
  return {
    JITSUIN_TRUST_FILE: paths.trustFile(role),
    JITSUIN_OCSP_URL: `${options.simulatorUrl}/simulator/jpki/ocsp`,
    JITSUIN_CRL_URL: `${options.simulatorUrl}/simulator/jpki/crl`,
    JITSUIN_TSA_URL: `${options.simulatorUrl}/simulator/tsa`,
    JITSUIN_TSA_TRUST_FILE: paths.tsaTrustFile(role),
    JITSUIN_TSA_CRL_URL: `${options.simulatorUrl}/simulator/tsa/crl`,
    JITSUIN_TSA_PERIOD_SECONDS: '1',
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
