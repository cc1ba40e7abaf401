import { existsSync } from 'node:fs';
import { systemRandom } from '../adapters/random.ts';
import {
  type ApiKeyRecord,
  newApiKey,
  readApiKeys,
  withoutKey,
  writeApiKeys,
} from '../adapters/relying-party/api-keys.ts';
import type { ApiKeysFile } from '../config/relying-party.ts';
import { API_SCOPES, type ApiScope } from '../contracts/operations/operation.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError } from '../core/errors.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { declareCommand, type Given, type OptionDeclarations } from './declare-command.ts';
import { JSON_OPTION } from './store-options.ts';

/** Enough hexadecimal digits of a key's SHA-256 to name it among those of one file. */
const SHOWN = 12;
const FILE = {
  type: 'string',
  value: 'FILE',
  means: 'the file of API keys; else JITSUIN_API_KEYS_FILE',
} as const;
const START = 'Running processes take it up with their next request.';

export const keysApiNew: Command = declareCommand({
  name: 'keys api new',
  operands: 'TENANT',
  about: `Makes an API key of a tenant for the API of an sp or gov, and prints it once: the file holds its SHA-256 only.
A tenant may have several, two while it changes them. A tenant that is new begins with this key. ${START}`,
  options: {
    file: FILE,
    scope: {
      type: 'string',
      value: API_SCOPES.join('|'),
      multiple: true,
      means: 'what it may do; everything when none is given',
    },
    'return-url': {
      type: 'string',
      value: 'URL',
      multiple: true,
      means: "where the tenant's citizens may be sent at the end; those it has stay",
    },
    json: JSON_OPTION,
  },
  async run(values, [tenant, ...others], io) {
    if (tenant === undefined || others.length > 0) throw new UsageError('Name one tenant.');
    const file = fileOf(values.file, io);
    const before = existsSync(file) ? readApiKeys(file) : { tenants: [] };
    const { key, sha256 } = newApiKey(systemRandom());
    const made = defined({
      tenant,
      api_key_sha256: sha256,
      return_urls: values['return-url'] === undefined ? undefined : [...values['return-url']],
      scopes: values.scope?.map(scopeOf),
    });
    await write(file, { tenants: [...before.tenants, made] });
    io.stderr(`A key of ${tenant}, shown only now. ${START}\n`);
    io.stdout(values.json ? `${JSON.stringify({ key, ...shown(made) })}\n` : `${key}\n`);
    return 0;
  },
});

export const keysApiList: Command = declareCommand({
  name: 'keys api list',
  about: `Lists the API keys of a file: tenant, the beginning of the SHA-256, scopes and return URLs. No key can be read
from it.`,
  options: { file: FILE, json: JSON_OPTION },
  async run(values, _operands, io) {
    const { tenants } = readApiKeys(fileOf(values.file, io));
    if (values.json) io.stdout(`${JSON.stringify({ keys: tenants.map(shown) })}\n`);
    else for (const key of tenants) io.stdout(lineOf(key));
    return 0;
  },
});

export const keysApiRevoke: Command = declareCommand({
  name: 'keys api revoke',
  operands: 'KEY',
  about: `Takes an API key out of the file, named by the beginning of its SHA-256 as "keys api list" shows it.
${START}`,
  options: { file: FILE, json: JSON_OPTION },
  async run(values, [start, ...others], io) {
    if (start === undefined || others.length > 0 || !/^[0-9a-f]{6,64}$/.test(start)) {
      throw new UsageError('Name one key by at least six of the digits that "keys api list" shows.');
    }
    const file = fileOf(values.file, io);
    const { tenants } = readApiKeys(file);
    const [revoked, ...more] = tenants.filter((key) => key.api_key_sha256.startsWith(start));
    if (revoked === undefined) throw new UsageError(`${file} holds no key that begins with ${start}.`);
    if (more.length > 0)
      throw new UsageError(`${more.length + 1} keys begin with ${start}: give more digits.`);
    if (tenants.length === 1) throw new UsageError('It is the last key of the file: make another one first.');
    await write(file, withoutKey({ tenants }, revoked.api_key_sha256).left);
    io.stdout(values.json ? `${JSON.stringify(shown(revoked))}\n` : lineOf(revoked));
    io.stderr(`Revoked. ${START}\n`);
    return 0;
  },
});

/** @throws UsageError for a scope that there is not */
function scopeOf(text: string): ApiScope {
  const scope = API_SCOPES.find((one) => one === text);
  if (scope === undefined)
    throw new UsageError(`--scope must be one of ${API_SCOPES.join(', ')}, not "${text}".`);
  return scope;
}

function fileOf(given: Given<OptionDeclarations>[string] | undefined, { env }: CommandIo): string {
  const file = typeof given === 'string' ? given : env['JITSUIN_API_KEYS_FILE'];
  if (file === undefined || file === '')
    throw new UsageError('Where are the keys? Give --file FILE or JITSUIN_API_KEYS_FILE.');
  return file;
}

/** What does not fit the file's form is wrong use; nothing is written then. */
async function write(file: string, content: ApiKeysFile): Promise<void> {
  try {
    await writeApiKeys(file, content);
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    throw error.code === 'usage.arguments' ? new UsageError(error.message) : error;
  }
}

function shown({ tenant, api_key_sha256, scopes, return_urls }: ApiKeyRecord) {
  return defined({ tenant, sha256: api_key_sha256, scopes, return_urls });
}

function lineOf({ tenant, api_key_sha256, scopes, return_urls = [] }: ApiKeyRecord): string {
  const may = scopes?.join(',') ?? 'everything';
  return `${[tenant, api_key_sha256.slice(0, SHOWN), may, ...return_urls].join('  ')}\n`;
}
