import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODULES = '/usr/lib/apache2/modules';

/** Whether Apache and mod_auth_openidc are on this machine. */
export function hasModAuthOpenidc(): boolean {
  return existsSync('/usr/sbin/apache2') && existsSync(join(MODULES, 'mod_auth_openidc.so'));
}

interface Party {
  readonly issuer: string;
  readonly clientId: string;
  readonly port: number;
  /** PEM of the RSA key for private_key_jwt: this module signs RS256 alone. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Apache with mod_auth_openidc as its manual has it, before a page that only who is logged in can see. */
export async function startModAuthOpenidc(
  party: Party,
): Promise<{ readonly base: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-apache-'));
  // started as root it serves as somebody else
  chmodSync(folder, 0o755);
  const site = join(folder, 'site');
  mkdirSync(join(site, 'private'), { recursive: true });
  writeFileSync(join(site, 'private', 'index.html'), 'logged in\n');
  writeFileSync(join(folder, 'key.pem'), party.privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'public.pem'), party.publicKey);
  const base = `http://127.0.0.1:${party.port}`;
  const file = join(folder, 'apache.conf');
  writeFileSync(file, configuration(party, folder, site, base));
  const checked = spawnSync('/usr/sbin/apache2', ['-t', '-f', file], { encoding: 'utf8', timeout: 30_000 });
  if (checked.status !== 0) throw new Error(checked.stderr.trim());
  const apache = spawn('/usr/sbin/apache2', ['-X', '-f', file], { stdio: 'ignore' });
  await answering(`${base}/`);
  return {
    base,
    async close() {
      await ended(apache);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(party: Party, folder: string, site: string, base: string): string {
  const load = ['mpm_prefork', 'authz_core', 'authn_core', 'authz_user', 'dir', 'mime', 'auth_openidc'];
  return `${load.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
ServerName 127.0.0.1
Listen 127.0.0.1:${party.port}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
TypesConfig /etc/mime.types
DocumentRoot ${site}
DirectoryIndex index.html
User www-data
Group www-data
OIDCProviderMetadataURL ${party.issuer}/.well-known/openid-configuration
OIDCClientID ${party.clientId}
OIDCRedirectURI ${base}/private/cb
OIDCCryptoPassphrase a-passphrase-of-this-test
OIDCScope "openid name"
OIDCPrivateKeyFiles ${folder}/key.pem
# without its public half version 2.4.12 ends with a segmentation fault
OIDCPublicKeyFiles "k#${folder}/public.pem"
OIDCProviderTokenEndpointAuth private_key_jwt
# it leaves client_id out otherwise, as RFC 7521 allows and this service does not
OIDCProviderTokenEndpointParams client_id=${party.clientId}
OIDCIDTokenSignedResponseAlg ES256
OIDCPKCEMethod S256
OIDCResponseType code
OIDCSessionInactivityTimeout 600
OIDCStateMaxNumberOfCookies 50 true
<Location /private>
  AuthType openid-connect
  Require valid-user
</Location>
`;
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('Apache does not answer');
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    child.once('exit', () => done());
    child.kill('SIGKILL');
  });
}
