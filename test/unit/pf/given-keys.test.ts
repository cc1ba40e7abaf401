import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { openPf } from '../../../src/roles/pf/wiring.ts';

const top = mkdtempSync(join(tmpdir(), 'jitsuin-given-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const world = join(top, 'world');
beforeAll(async () => {
  const url = (port: number) => `http://localhost:${port}`;
  const urls = { simulatorUrl: url(1), spUrl: url(2), govUrl: url(3), pfUrl: url(4) };
  await createWorld({ dir: world, seed: 'x', host: '127.0.0.1', ...urls });
});

/** Nothing listens there: whoever comes so far has passed the question for the keys. */
const DATABASE_URL = 'postgres://jitsuin:x@127.0.0.1:1/jitsuin';
const FILES = {
  JITSUIN_SEAL_KEY_FILE: 'pf/seal-key.json',
  JITSUIN_PF_RECEIPT_KEY_FILE: 'pf/receipt-key.json',
  JITSUIN_PF_KEYSTORE_FILE: 'pf/keystore.json',
} as const;

/** A pf whose named file is not there. */
function environment(
  missing: keyof typeof FILES | undefined,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const dataDir = mkdtempSync(join(top, 'case-'));
  const files = Object.fromEntries(
    Object.entries(FILES).map(([name, file]) => [
      name,
      name === missing ? join(dataDir, 'made', file) : join(world, file),
    ]),
  );
  return {
    JITSUIN_DATA_DIR: dataDir,
    JITSUIN_TRUST_FILE: join(world, 'trust-anchors.pem'),
    JITSUIN_PF_TENANTS_FILE: join(world, 'pf/tenants.json'),
    JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE: join(world, 'pf/keystore-passphrase.txt'),
    JITSUIN_OCSP_URL: 'https://ocsp.example/',
    ...files,
    ...more,
  };
}

const open = (env: Readonly<Record<string, string>>) => openPf(readPfConfig(env), 'pf', 'http://localhost:4');

describe('a platform operator beside a shared database', () => {
  const environments = ['test', 'sandbox'] as const;
  const cases = environments.flatMap((name) =>
    Object.keys(FILES).map((file) => [name, file as keyof typeof FILES] as const),
  );

  it.each(cases)('%s: %s is never made in a folder that may go with its pod', async (name, missing) => {
    const env = environment(missing, { DATABASE_URL, JITSUIN_ENVIRONMENT: name });
    await expect(open(env)).rejects.toMatchObject({ code: 'config.invalid', at: missing });
    expect(existsSync(env[missing] ?? '')).toBe(false);
  });

  it('goes on to its database with all of them given', async () => {
    await expect(open(environment(undefined, { DATABASE_URL }))).rejects.toMatchObject({
      code: 'store.unavailable',
    });
  });

  it('makes them where that is said, or where the database is embedded', async () => {
    const said = environment('JITSUIN_PF_RECEIPT_KEY_FILE', { DATABASE_URL, JITSUIN_MAKE_KEYS: '1' });
    await expect(open(said)).rejects.toMatchObject({ code: 'store.unavailable' });
    expect(existsSync(said['JITSUIN_PF_RECEIPT_KEY_FILE'] ?? '')).toBe(true);
    const embedded = environment('JITSUIN_SEAL_KEY_FILE');
    const { close } = await open(embedded);
    await close();
    expect(existsSync(embedded['JITSUIN_SEAL_KEY_FILE'] ?? '')).toBe(true);
  });
});
