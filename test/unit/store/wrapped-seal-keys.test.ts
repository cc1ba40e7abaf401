import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { newSealKey } from '../../../src/adapters/keys/seal-key-file.ts';
import {
  makeSealKey,
  openSealer,
  rotateSealKeyAt,
  type SealKeySettings,
  wrapSealKeys,
} from '../../../src/adapters/keys/seal-keys.ts';
import {
  createSealKey,
  openFileSealer,
  retireSealKey,
  rotateSealKey,
} from '../../../src/adapters/keys/sealer-file.ts';
import { unwrapSealKey, wrapSealKey } from '../../../src/adapters/keys/wrapped-seal-key.ts';
import type { KeyWrapper } from '../../../src/ports/key-wrapper.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-wrapped-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A KMS in memory: a key leaves it only under the context that it came with. */
const MODULE = `
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
const own = Buffer.alloc(32, 7);
const away = () => { if (existsSync(AWAY)) throw new Error('MARKED-ADDRESS'); };
export async function openKeyWrapper() {
  return {
    async wrap(key, context) {
      away();
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', own, iv).setAAD(Buffer.from(context));
      return { keyId: 'kms-1', wrapped: new Uint8Array(Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()])) };
    },
    async unwrap({ wrapped }, context) {
      away();
      const octets = Buffer.from(wrapped);
      const decipher = createDecipheriv('aes-256-gcm', own, octets.subarray(0, 12)).setAAD(Buffer.from(context));
      decipher.setAuthTag(octets.subarray(-16));
      return new Uint8Array(Buffer.concat([decipher.update(octets.subarray(12, -16)), decipher.final()]));
    },
  };
}
`;
const awayFile = join(folder, 'away');
const moduleFile = join(folder, 'kms.mjs');
writeFileSync(moduleFile, MODULE.replace('AWAY', JSON.stringify(awayFile)));

const CONTEXT = { table: 'applications', column: 'sealed_state', record: 'a@1', tenant: 't' };
const code = (expected: string, at?: string) =>
  expect.objectContaining(at === undefined ? { code: expected } : { code: expected, at });

let files = 0;
function place(): Required<SealKeySettings> {
  files += 1;
  return { sealKeyFile: join(folder, `key-${files}.json`), sealKmsModule: moduleFile };
}

interface Content {
  active: string;
  keys: Record<string, string>[];
}
const contentOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Content;

function change(file: string, act: (key: Record<string, string>) => void): void {
  const content = contentOf(file);
  content.keys.forEach(act);
  writeFileSync(file, JSON.stringify(content));
}

describe('a seal key file beside a KMS', () => {
  it('is made with a wrapped key alone, opens with the module, and seals', async () => {
    const made = place();
    await makeSealKey(made);
    expect(statSync(made.sealKeyFile).mode & 0o777).toBe(0o600);
    const [key] = contentOf(made.sealKeyFile).keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['check', 'created_at', 'id', 'kms_key', 'wrapped']);
    expect(key?.['kms_key']).toBe('kms-1');
    const [first, second] = [await openSealer(made), await openSealer(made)];
    const sealed = first.seal(Buffer.from('secret'), CONTEXT);
    expect(Buffer.from(second.open(sealed, CONTEXT)).toString()).toBe('secret');
    await expect(makeSealKey(made)).rejects.toEqual(code('config.invalid'));
  });

  it('wraps what lay in clear, octet for octet, and then nothing more', async () => {
    const { sealKeyFile, sealKmsModule } = place();
    createSealKey(sealKeyFile);
    rotateSealKey(sealKeyFile);
    const secrets = contentOf(sealKeyFile).keys.map(({ secret = '' }) => secret);
    const plain = openFileSealer(sealKeyFile);
    const { keys } = plain;
    const sealed = plain.seal(Buffer.from('from before'), CONTEXT);
    await expect(openSealer({ sealKeyFile, sealKmsModule })).rejects.toThrow(/keys wrap/);
    await expect(rotateSealKeyAt({ sealKeyFile, sealKmsModule })).rejects.toEqual(code('config.invalid'));
    expect(await wrapSealKeys({ sealKeyFile, sealKmsModule })).toEqual(keys);
    const text = readFileSync(sealKeyFile, 'utf8');
    expect(secrets.filter((secret) => secret.length !== 43 || text.includes(secret))).toEqual([]);
    const opened = await openSealer({ sealKeyFile, sealKmsModule });
    expect(Buffer.from(opened.open(sealed, CONTEXT)).toString()).toBe('from before');
    expect(await wrapSealKeys({ sealKeyFile, sealKmsModule })).toEqual([]);
    expect(readFileSync(sealKeyFile, 'utf8')).toBe(text);
    await expect(wrapSealKeys({ sealKeyFile })).rejects.toEqual(
      code('config.invalid', 'JITSUIN_SEAL_KMS_MODULE'),
    );
  });

  it('is refused without the module, also for a rotation', async () => {
    const made = place();
    await makeSealKey(made);
    const { sealKeyFile } = made;
    await expect(openSealer({ sealKeyFile })).rejects.toThrow(/JITSUIN_SEAL_KMS_MODULE/);
    await expect(rotateSealKeyAt({ sealKeyFile })).rejects.toEqual(code('config.invalid'));
    expect(contentOf(sealKeyFile).keys).toHaveLength(1);
  });

  it.each([
    ['no such file', undefined],
    ['no function', 'export const nothing = 1;'],
    ['no wrapper', 'export async function openKeyWrapper() { return { wrap() {} }; }'],
    ['a failure', "export async function openKeyWrapper() { throw new Error('MARKED'); }"],
  ])('a module with %s is named by its variable', async (name, text) => {
    const made = place();
    await makeSealKey(made);
    const sealKmsModule = join(folder, `${name.replaceAll(' ', '-')}.mjs`);
    if (text !== undefined) writeFileSync(sealKmsModule, text);
    await expect(openSealer({ ...made, sealKmsModule })).rejects.toEqual(
      code('config.invalid', 'JITSUIN_SEAL_KMS_MODULE'),
    );
  });

  it('a KMS that is away stops a start, a rotation and a wrap; its words go nowhere', async () => {
    const made = place();
    await makeSealKey(made);
    const before = readFileSync(made.sealKeyFile, 'utf8');
    const clear = place();
    createSealKey(clear.sealKeyFile);
    writeFileSync(awayFile, '');
    try {
      for (const act of [() => openSealer(made), () => rotateSealKeyAt(made), () => wrapSealKeys(clear)]) {
        const thrown: unknown = await act().catch((error: unknown) => error);
        expect(thrown).toEqual(code('key.unavailable', 'JITSUIN_SEAL_KMS_MODULE'));
        expect(String(thrown)).not.toContain('MARKED');
      }
    } finally {
      rmSync(awayFile);
    }
    expect(readFileSync(made.sealKeyFile, 'utf8')).toBe(before);
    expect(openFileSealer(clear.sealKeyFile).keys).toHaveLength(1);
  });

  it('a wrapped key that was altered, or moved under another id, does not open', async () => {
    const made = place();
    await makeSealKey(made);
    const whole = readFileSync(made.sealKeyFile, 'utf8');
    change(made.sealKeyFile, (key) => {
      key['wrapped'] = `${key['wrapped']?.startsWith('A') ? 'B' : 'A'}${key['wrapped']?.slice(1)}`;
    });
    await expect(openSealer(made)).rejects.toEqual(code('key.unavailable'));
    writeFileSync(made.sealKeyFile, whole.replaceAll(contentOf(made.sealKeyFile).active, 'seal-other'));
    await expect(openSealer(made)).rejects.toEqual(code('key.unavailable'));
    writeFileSync(made.sealKeyFile, whole);
    change(made.sealKeyFile, (key) => {
      key['check'] = `${key['check']?.startsWith('A') ? 'B' : 'A'}${key['check']?.slice(1)}`;
    });
    await expect(openSealer(made)).rejects.toEqual(code('seal.integrity'));
  });

  it('rotates with a wrapped key that a process takes up by itself; the old one is retired', async () => {
    const made = place();
    await makeSealKey(made);
    const running = await openSealer(made);
    const [old = ''] = running.keys;
    const sealedByOld = running.seal(Buffer.from('secret'), CONTEXT);
    const id = await rotateSealKeyAt(made);
    const restarted = await openSealer(made);
    expect([restarted.activeKey, restarted.keys]).toEqual([id, [old, id]]);
    const sealedByNew = restarted.seal(Buffer.from('more'), CONTEXT);
    expect(() => running.open(sealedByNew, CONTEXT)).toThrow(code('key.unavailable'));
    expect(Buffer.from(running.open(sealedByOld, CONTEXT)).toString()).toBe('secret');
    await vi.waitUntil(() => running.activeKey === id, { timeout: 20_000, interval: 10 });
    expect(Buffer.from(running.open(sealedByNew, CONTEXT)).toString()).toBe('more');
    await retireSealKey(made.sealKeyFile, old, async () => 0);
    expect((await openSealer(made)).keys).toEqual([id]);
    expect(() => running.open(restarted.seal(Buffer.from('x'), CONTEXT), CONTEXT)).not.toThrow();
  });
});

describe('a KMS that answers wrongly', () => {
  const stored = new Map<string, Uint8Array>();
  const right: KeyWrapper = {
    wrap: async (key, context) => {
      stored.set(context, Uint8Array.from(key));
      return { keyId: 'k', wrapped: Buffer.from(context) };
    },
    unwrap: async (_, context) => stored.get(context) ?? new Uint8Array(),
  };
  const key = newSealKey(new Date());

  it.each<[string, (octets: Uint8Array) => unknown]>([
    ['other octets', (octets) => octets.map((octet) => octet ^ 1)],
    ['a cut key', (octets) => octets.subarray(1)],
    ['a longer key', (octets) => Buffer.concat([octets, octets])],
    ['text', () => 'x'.repeat(32)],
    ['nothing', () => undefined],
  ])('%s in the place of the key: refused when wrapping and when unwrapping', async (_, spoil) => {
    const wrapped = await wrapSealKey(right, key);
    expect(Buffer.from(await unwrapSealKey(right, wrapped)).toString('base64url')).toBe(key.secret);
    const wrong: KeyWrapper = {
      ...right,
      unwrap: async (given, context) => spoil(await right.unwrap(given, context)) as Uint8Array,
    };
    await expect(unwrapSealKey(wrong, wrapped)).rejects.toEqual(code('seal.integrity', key.id));
    await expect(wrapSealKey(wrong, key)).rejects.toEqual(code('seal.integrity', key.id));
  });

  it.each<[string, (octets: Uint8Array) => unknown]>([
    ['the key in clear', (octets) => ({ keyId: 'k', wrapped: octets })],
    ['the key in clear within more', (octets) => ({ keyId: 'k', wrapped: Buffer.concat([octets, octets]) })],
    ['no key id', () => ({ keyId: '', wrapped: Buffer.from('w') })],
    ['no octets', () => ({ keyId: 'k', wrapped: new Uint8Array() })],
    ['text', () => ({ keyId: 'k', wrapped: 'w' })],
    ['nothing', () => undefined],
  ])('%s in the place of a wrapped key: refused', async (_, given) => {
    const wrong = { ...right, wrap: async (octets: Uint8Array) => given(octets) } as KeyWrapper;
    await expect(wrapSealKey(wrong, key)).rejects.toEqual(code('config.invalid', 'JITSUIN_SEAL_KMS_MODULE'));
  });
});
