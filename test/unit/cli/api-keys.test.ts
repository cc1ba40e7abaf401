import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readApiKeys } from '../../../src/adapters/relying-party/api-keys.ts';
import { keysApiList, keysApiNew, keysApiRevoke } from '../../../src/cli/api-keys.ts';
import type { Command } from '../../../src/cli/command.ts';
import { tenantsOf } from '../../../src/http/relying-party/tenants.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-api-keys-'));
const file = join(folder, 'api-keys.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(command: Command, ...args: readonly string[]) {
  let out = '';
  let error = '';
  const io = {
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      error += text;
    },
    ...{ isTty: false, env: { JITSUIN_API_KEYS_FILE: file }, signal: new AbortController().signal },
  };
  return { status: await command.run(args, io), out, error };
}

describe('jitsuin keys api', () => {
  it('new makes a key that the role takes, shown once; the file has its hash alone and is its owner’s', async () => {
    const { status, out } = await run(
      keysApiNew,
      ...['city', '--scope', 'read', '--scope', 'webhooks', '--return-url', 'https://city.example/done'],
    );
    const key = out.trim();
    expect([status, key]).toEqual([0, expect.stringMatching(/^jk_[\w-]{32}$/)]);
    expect(readFileSync(file, 'utf8')).not.toContain(key);
    expect(statSync(file).mode & 0o077).toBe(0);
    const { tenants, returnUrls } = tenantsOf(() => readApiKeys(file));
    expect(await tenants(key)).toEqual({ tenant: 'city', scopes: ['read', 'webhooks'] });
    expect(returnUrls('city' as never)).toEqual(['https://city.example/done']);
  });

  it('list names keys by the beginning of their hash, revoke takes one out; the last one stays', async () => {
    const second = JSON.parse((await run(keysApiNew, 'city', '--json')).out) as {
      key: string;
      sha256: string;
    };
    const { out } = await run(keysApiList);
    expect(out.split('\n')).toHaveLength(3);
    expect(out).toContain(`city  ${second.sha256.slice(0, 12)}  everything\n`);
    expect(out).not.toContain(second.key);
    expect(await run(keysApiRevoke, second.sha256.slice(0, 12))).toMatchObject({ status: 0 });
    expect(await tenantsOf(() => readApiKeys(file)).tenants(second.key)).toBeUndefined();
    const [last] = readApiKeys(file).tenants;
    await expect(run(keysApiRevoke, last?.api_key_sha256 ?? '')).rejects.toThrow(/last key/);
  });

  it.each([
    ['no tenant', [], /one tenant/],
    ['a tenant that may not be', ['a b'], /tenant/],
    ['a scope that there is not', ['city', '--scope', 'all'], /read, write/],
    ['a return URL that is none', ['city', '--return-url', 'city.example'], /return_urls/],
  ])('refuses %s, and writes nothing', async (_name, args, message) => {
    const before = readFileSync(file, 'utf8');
    await expect(run(keysApiNew, ...args)).rejects.toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
