import { existsSync } from 'node:fs';
import { loadClientKeys } from '../../adapters/keys/client-key-file.ts';
import { readClientSecret } from '../../adapters/keys/client-secret-file.ts';
import { openSubjectHash } from '../../adapters/keys/subject-key-file.ts';
import { readApiKeys } from '../../adapters/relying-party/api-keys.ts';
import type { LoginConfig } from '../../config/login.ts';
import type { RelyingPartyConfig } from '../../config/relying-party.ts';
import type { JitsuinError } from '../../core/errors.ts';
import { examine, type Finding, passed } from './finding.ts';

type RelyingPartyKeys = RelyingPartyConfig & {
  readonly environment: 'test' | 'production';
  readonly login?: LoginConfig;
};

/** The key files of a relying party: there, readable by their owner only, well-formed, of this environment. */
export async function examineRelyingPartyKeys(config: RelyingPartyKeys): Promise<readonly Finding[]> {
  const client = await examineClientKey('client-key', config.clientKeyFile, config.environment);
  const login = config.login === undefined ? [] : await examineLoginKey(config.login);
  return [client, ...login, await examineSubjectKey(config), await examineApiKeys(config)];
}

export function examineClientKey(
  check: string,
  file: string,
  environment?: 'test' | 'production',
): Promise<Finding> {
  return examine(
    check,
    async () => {
      const { active, publicKeys } = await loadClientKeys(file, environment);
      return passed(check, `${publicKeys.length} key(s) in ${file}, "${active}" signs.`);
    },
    (error) => keyAdvice(error, file),
  );
}

async function examineLoginKey({ provider, client }: LoginConfig): Promise<readonly Finding[]> {
  const check = 'login-client';
  if (provider === 'service') return [];
  if (client.method === 'private_key_jwt') return [await examineClientKey(check, client.keyFile)];
  const { secretFile } = client;
  const secret = await examine(
    check,
    async () => {
      await readClientSecret(secretFile);
      return passed(check, `The client secret is in ${secretFile}.`);
    },
    (error) =>
      error.code === 'config.key-mode'
        ? `Run: chmod 600 ${secretFile}`
        : 'Write the secret of the broker there.',
  );
  return [secret];
}

function examineSubjectKey({ subjectKeyFile: file, databaseUrl }: RelyingPartyConfig): Promise<Finding> {
  const check = 'subject-key';
  return examine(
    check,
    () => {
      if (!existsSync(file) && databaseUrl === undefined) {
        return { check, state: 'skipped', says: 'Not there yet; it is made at the first start.' };
      }
      openSubjectHash(file);
      return passed(check, `The key of the keyed hash of sub is in ${file}.`);
    },
    (error) =>
      error.code === 'config.key-mode'
        ? `Run: chmod 600 ${file}`
        : 'All processes that share a database share this file: copy it here, or restore it from its backup.',
  );
}

function examineApiKeys({ apiKeysFile }: RelyingPartyConfig): Promise<Finding> {
  const check = 'api-keys';
  return examine(
    check,
    async () => {
      const { tenants } = await readApiKeys(apiKeysFile);
      return passed(check, `${tenants.length} tenant(s) in ${apiKeysFile}.`);
    },
    () =>
      'It holds {"tenants":[{"tenant":"NAME","api_key_sha256":"HEX"}]}; "jitsuin init" writes an example.',
  );
}

function keyAdvice(error: JitsuinError, file: string): string {
  if (error.code === 'config.key-mode') return `Run: chmod 600 ${file}`;
  if (error.code === 'config.environment-mixed') return 'Use the key file made for this environment.';
  return `Make one: jitsuin rp keygen --out ${file} --environment sandbox|production`;
}
