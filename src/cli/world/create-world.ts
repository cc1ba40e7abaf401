import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import {
  type ClientPrivateJwk,
  type ClientPublicJwk,
  generateClientKey,
  publicClientKey,
} from '../../adapters/keys/client-key.ts';
import { writeKeyFile } from '../../adapters/keys/key-file.ts';
import { openPfKeystore } from '../../adapters/keys/pf-keystore.ts';
import { createSealKey } from '../../adapters/keys/sealer-file.ts';
import { ensureSubjectKey } from '../../adapters/keys/subject-key-file.ts';
import { defined } from '../../core/defined.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { makeAuthorities } from '../../simulator/jpki/authorities.ts';
import { toPem } from '../../simulator/jpki/certificate.ts';
import type { PfPublicKey, SimulatorClient } from '../../simulator/options.ts';
import { makeTimeStampAuthority } from '../../simulator/tsa/authority.ts';
import { envOf } from './env-files.ts';
import { withAccount, writeServerAccounts } from './server-accounts.ts';
import {
  ENVIRONMENT,
  GOV_CLIENT_ID,
  PF_CLIENT_ID,
  PF_TENANT,
  SERVICE,
  SP_CLIENT_ID,
  type World,
  type WorldOptions,
  type WorldRole,
} from './world-options.ts';
import { type WorldPaths, worldPaths } from './world-paths.ts';

const ROLES: readonly WorldRole[] = ['simulator', 'sp', 'gov', 'pf'];

/**
 * Makes keys, registrations and configuration of a whole simulated world in one folder: every secret in a file of its
 * owner's (mode 600), each role with a data folder of its own.
 * @throws JitsuinError `config.invalid` when the folder holds a world already
 */
export async function createWorld(options: WorldOptions): Promise<World> {
  const dir = resolve(options.dir);
  const paths = worldPaths(dir, options.layout ?? 'together');
  if (ROLES.some((role) => existsSync(paths.envFile(role)))) {
    throw new JitsuinError(
      'config.invalid',
      'There is a world already; remove it or choose another folder.',
      { at: dir },
    );
  }
  for (const role of ROLES) mkdirSync(join(dir, role), { recursive: true, mode: 0o700 });
  mkdirSync(paths.callers, { recursive: true, mode: 0o700 });
  for (const role of ['sp', 'gov', 'pf'] as const) createSealKey(join(dir, role, 'seal-key.json'));
  for (const role of ['sp', 'gov'] as const) ensureSubjectKey(join(dir, role, 'subject-key'));
  const pfPublicKey = await createPfKeys(dir);
  const sp = await createClientKey(join(dir, 'sp', 'client-key.json'), 'ES256');
  const gov = await createClientKey(join(dir, 'gov', 'client-key.json'), 'RS256');
  const spAtPf = await createClientKey(join(dir, 'sp', 'pf-client-key.json'), 'ES256');
  for (const folder of paths.trustFolders) {
    writeTrust(folder, options.seed);
    writeTsaTrust(folder, options.seed);
  }
  writeJson(join(dir, 'simulator', 'clients.json'), simulatorClients(options, { sp, gov, pfPublicKey }));
  const receiptKey = await createClientKey(join(dir, 'pf', 'receipt-key.json'), 'ES256');
  writeJson(join(dir, 'sp', 'pf-receipt-jwks.json'), { keys: [receiptKey] });
  writeJson(join(dir, 'pf', 'tenants.json'), pfTenants(spAtPf));
  const spApiKey = createApiKey(dir, paths, 'sp');
  const govApiKey = createApiKey(dir, paths, 'gov');
  const envFiles = Object.fromEntries(ROLES.map((role) => [role, paths.envFile(role)])) as Record<
    WorldRole,
    string
  >;
  const own = withAccounts(dir, options);
  for (const role of ROLES) writeFileSync(envFiles[role], envOf(role, dir, own(role)), { mode: 0o600 });
  const trustFile = join(paths.callers, 'trust-anchors.pem');
  return {
    dir,
    envFiles,
    trustFile,
    tsaTrustFile: join(paths.callers, 'tsa-trust-anchors.pem'),
    spApiKey,
    govApiKey,
  };
}

/** Where the roles are apart, each comes to the servers with an account of its own. */
function withAccounts(dir: string, options: WorldOptions): (role: WorldRole) => WorldOptions {
  const { layout, databaseUrl, redisUrl } = options;
  if (layout !== 'apart' || databaseUrl === undefined) return () => options;
  const passwords = writeServerAccounts(dir, new URL(databaseUrl).pathname.slice(1));
  return (role) => {
    if (role === 'simulator') return options;
    return defined({
      ...options,
      databaseUrl: withAccount(databaseUrl, role, passwords),
      redisUrl: redisUrl === undefined ? undefined : withAccount(redisUrl, role, passwords),
    });
  };
}

async function createClientKey(file: string, alg: 'ES256' | 'RS256'): Promise<ClientPublicJwk> {
  const key: ClientPrivateJwk = await generateClientKey(alg);
  await writeKeyFile(file, { active: key.kid, keys: [key] });
  return publicClientKey(key);
}

async function createPfKeys(dir: string): Promise<PfPublicKey> {
  const passphrase = toBase64Url(randomBytes(24));
  writeFileSync(join(dir, 'pf', 'keystore-passphrase.txt'), `${passphrase}\n`, { mode: 0o600 });
  // The passphrase has 192 random bits: scrypt's cost guards human passphrases and would only slow the start.
  const keystore = await openPfKeystore({
    file: join(dir, 'pf', 'keystore.json'),
    passphrase,
    clock: systemClock,
    scryptCost: 16_384,
  });
  const { publicJwk } = await keystore.generate(SERVICE, ENVIRONMENT);
  return publicJwk;
}

function writeTrust(folder: string, seed: string): void {
  const file = join(folder, 'trust-anchors.pem');
  const { sign, previousSign } = makeAuthorities(seed, systemClock.now());
  writeFileSync(file, [sign, previousSign].map((authority) => toPem(authority.certificate)).join(''));
}

function writeTsaTrust(folder: string, seed: string): void {
  const file = join(folder, 'tsa-trust-anchors.pem');
  writeFileSync(file, toPem(makeTimeStampAuthority(seed, systemClock.now()).rootCertificate));
}

function simulatorClients(
  options: WorldOptions,
  keys: { readonly sp: ClientPublicJwk; readonly gov: ClientPublicJwk; readonly pfPublicKey: PfPublicKey },
): readonly SimulatorClient[] {
  return [
    {
      clientId: SP_CLIENT_ID,
      name: '模擬サービス（民間）',
      jwks: { keys: [keys.sp] },
      redirectUris: redirectUris(options.spUrl),
      variant: 'private',
      pfPublicKey: keys.pfPublicKey,
      backchannelLogoutUri: `${options.spUrl}/backchannel-logout`,
    },
    {
      clientId: GOV_CLIENT_ID,
      name: '模擬市（行政機関）',
      jwks: { keys: [keys.gov] },
      redirectUris: redirectUris(options.govUrl),
      variant: 'government',
      backchannelLogoutUri: `${options.govUrl}/backchannel-logout`,
    },
  ];
}

/** One for signing, one for the login. */
function redirectUris(url: string): readonly string[] {
  return [`${url}/callback`, `${url}/login/callback`];
}

function pfTenants(key: ClientPublicJwk): unknown {
  return [
    {
      id: PF_TENANT,
      name: '模擬サービス（民間）',
      client_id: PF_CLIENT_ID,
      jwks: { keys: [key] },
      services: [SERVICE],
    },
  ];
}

function createApiKey(dir: string, paths: WorldPaths, role: 'sp' | 'gov'): string {
  const apiKey = `jk_${toBase64Url(randomBytes(24))}`;
  const hash = hexSha256(apiKey);
  writeFileSync(join(paths.callers, `${role}-api-key.txt`), `${apiKey}\n`, { mode: 0o600 });
  writeJson(join(dir, role, 'api-keys.json'), { tenants: [{ tenant: 'demo', api_key_sha256: hash }] });
  return apiKey;
}

function writeJson(file: string, content: unknown): void {
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
}
