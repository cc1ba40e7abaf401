import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPfKeysModule } from '../../../src/adapters/keys/pf-keys-module.ts';
import { openPfKeystore } from '../../../src/adapters/keys/pf-keystore.ts';
import { openResult } from '../../../src/verifier/jwe/open-result.ts';
import { SharedClock } from '../../support/pf-world.ts';
import { bundleTo, decryptionKeysBehaviour, type HeldKeys, type KnownKey } from './behaviour.ts';

const SAMPLE = fileURLToPath(new URL('../../../samples/decryption-keys/kms.mjs', import.meta.url));
const SERVICE = 'portal';
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('decryption keys in the keystore file', () => {
  let held: HeldKeys;
  beforeAll(async () => {
    const clock = new SharedClock();
    const file = join(folder, 'keystore.json');
    const keys = await openPfKeystore({ file, passphrase: 'only for this test', clock, scryptCost: 16_384 });
    const make = async (service: string) => (await keys.generate(service, 'test')).publicJwk;
    const [expired, overlap, active] = [await make(SERVICE), await make(SERVICE), await make(SERVICE)];
    await keys.activate(overlap.kid);
    await keys.activate(active.kid);
    await keys.expire(expired.kid);
    const foreign = { ...(await make('another')), service: 'another' };
    held = { keys, service: SERVICE, active, overlap, expired, foreign };
  });
  decryptionKeysBehaviour(() => held);
});

describe('decryption keys in a KMS of another process', () => {
  const token = 'simulated token of the tests';
  let kms: ChildProcess;
  let held: HeldKeys;
  beforeAll(async () => {
    const program = fileURLToPath(new URL('./fake-kms.mjs', import.meta.url));
    kms = spawn(process.execPath, [program], {
      env: { ...process.env, FAKE_KMS_TOKEN: token },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { port, keys: made } = JSON.parse(await firstLine(kms)) as {
      port: number;
      keys: readonly { key_id: string; x: string; y: string }[];
    };
    const states = ['active', 'overlap', 'expired', 'active'] as const;
    const list = made.map(({ key_id }, index) => ({
      ...{ kid: `kms-${index}`, environment: 'test', state: states[index], key_id },
      service: index === 3 ? 'another' : SERVICE,
    }));
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    process.env['JITSUIN_KMS_URL'] = `http://127.0.0.1:${port}/`;
    process.env['JITSUIN_KMS_TOKEN_FILE'] = file('token', `${token}\n`);
    process.env['JITSUIN_KMS_KEYS_FILE'] = file('keys.json', JSON.stringify(list));
    const keys = await openPfKeysModule(SAMPLE, 'test');
    const known = (index: number): KnownKey => ({
      ...{ kid: `kms-${index}`, x: made[index]?.x ?? '', y: made[index]?.y ?? '' },
    });
    const foreign = { ...known(3), service: 'another' };
    held = { keys, service: SERVICE, active: known(0), overlap: known(1), expired: known(2), foreign };
  }, 60_000);
  afterAll(async () => {
    kms.stdin?.end();
    if (kms.exitCode === null) await once(kms, 'exit');
    for (const name of ['URL', 'TOKEN_FILE', 'KEYS_FILE']) delete process.env[`JITSUIN_KMS_${name}`];
  });
  decryptionKeysBehaviour(() => held);

  it('is a matter of later while the KMS refuses or is away', async () => {
    const jwe = await bundleTo(held.active, 'A256GCM');
    const key = await held.keys.find(SERVICE, 'test', held.active.kid);
    expect((await openResult(jwe, key === undefined ? [] : [key])).kid).toBe(held.active.kid);
    writeFileSync(join(folder, 'wrong-token'), 'another', { mode: 0o600 });
    process.env['JITSUIN_KMS_TOKEN_FILE'] = join(folder, 'wrong-token');
    const refused = await openPfKeysModule(SAMPLE, 'test');
    process.env['JITSUIN_KMS_URL'] = 'http://127.0.0.1:1/';
    const away = await openPfKeysModule(SAMPLE, 'test');
    for (const keys of [refused, away]) {
      const usable = await keys.usable(SERVICE, 'test');
      await expect(openResult(jwe, usable)).rejects.toMatchObject({
        code: 'key.unavailable',
        retryable: true,
      });
    }
  }, 60_000);
});

describe('a module that gives no keys', () => {
  it.each([
    ['is not there', undefined],
    ['exports nothing', 'export const other = 1;'],
    ['gives something else', 'export async function openDecryptionKeys() { return { find: 1 }; }'],
    ['fails', 'export async function openDecryptionKeys() { throw new Error("MARKED-SECRET"); }'],
  ])('%s: refused at the start, without a word of its own', async (name, content) => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.mjs`);
    if (content !== undefined) writeFileSync(file, content);
    const error = await openPfKeysModule(file, 'test').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'config.invalid', at: 'JITSUIN_PF_KEYS_MODULE' });
    expect(String(error)).not.toContain('MARKED');
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the fake KMS said nothing');
}
