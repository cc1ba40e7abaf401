import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose/jwt/verify';
import { importJWK } from 'jose/key/import';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activateClientKey,
  type ClientKeyRing,
  createClientKeys,
  generateClientKey,
  publicClientKey,
  readClientKeyRing,
  withClientKey,
  withoutClientKey,
} from '../../../src/adapters/keys/client-key.ts';
import { loadClientKeyRing, loadClientKeys } from '../../../src/adapters/keys/client-key-file.ts';
import { readKeyFile, writeKeyFile } from '../../../src/adapters/keys/key-file.ts';
import { isJsonObject, parseStrictJson } from '../../../src/core/json/strict-json.ts';
import { codeOf } from '../oidc/mint.ts';

const refused = (code: string) => expect.objectContaining({ code });
const ringOf = async (alg: 'ES256' | 'RS256' = 'ES256'): Promise<ClientKeyRing> => {
  const key = await generateClientKey(alg);
  return { active: key.kid, keys: [key] };
};

function read(value: unknown): ClientKeyRing {
  const json = parseStrictJson(JSON.stringify(value));
  if (!isJsonObject(json)) throw new Error('not an object');
  return readClientKeyRing(json);
}

describe.each(['ES256', 'RS256'] as const)('a client key %s', (alg) => {
  it('signs assertions that its public half verifies', async () => {
    const ring = await ringOf(alg);
    const [key] = ring.keys;
    if (key === undefined) throw new Error('no key');
    const assertion = await createClientKeys(ring).signAssertion({ iss: 'RP00000001', exp: 4_000_000_000 });
    const { payload, protectedHeader } = await jwtVerify(assertion, await importJWK(publicClientKey(key)));
    expect(payload).toEqual({ iss: 'RP00000001', exp: 4_000_000_000 });
    expect(protectedHeader).toEqual({ alg, kid: key.kid, typ: 'JWT' });
  });

  it('shows no private parameter', async () => {
    const key = await generateClientKey(alg);
    const shown = publicClientKey(key);
    expect(Object.keys(shown).toSorted()).toEqual(
      alg === 'ES256'
        ? ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']
        : ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    );
    expect(JSON.stringify(shown)).not.toContain(key['d']);
  });
});

describe('rotation', () => {
  it('a second key waits, signs, and the first goes', async () => {
    const first = await ringOf();
    const second = await generateClientKey('RS256');
    const both = withClientKey(first, second);
    expect(both.active).toBe(first.active);
    expect(() => withoutClientKey(both, both.active)).toThrowError(refused('config.invalid'));
    const turned = activateClientKey(both, second.kid);
    const assertion = await createClientKeys(turned).signAssertion({ iss: 'x' });
    expect(JSON.parse(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      kid: second.kid,
      alg: 'RS256',
    });
    expect(withoutClientKey(turned, first.active).keys).toEqual([second]);
    expect(() => withClientKey(both, { ...second, kid: 'third' })).toThrowError(refused('config.invalid'));
    expect(() => activateClientKey(first, 'unknown')).toThrowError(refused('config.invalid'));
  });
});

describe('readClientKeyRing', () => {
  it('reads what generateClientKey made', async () => {
    const ring = await ringOf();
    expect(read(ring)).toEqual(ring);
  });

  const jwkOf = (privateKey: { export(options: { format: 'jwk' }): object }) =>
    privateKey.export({ format: 'jwk' });
  const p384 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey);
  const p256 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const weak = jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
  const { d: _, ...publicOnly } = { d: '', ...p256 };

  it.each([
    ['no active key', { keys: [{ ...p256, kid: 'a', alg: 'ES256' }] }],
    ['another active key', { active: 'b', keys: [{ ...p256, kid: 'a', alg: 'ES256' }] }],
    ['no list', { active: 'a', keys: 'a' }],
    ['no key', { active: 'a', keys: [] }],
    ['a key without kid', { active: 'a', keys: [{ ...p256, alg: 'ES256' }] }],
    ['one kid twice', { active: 'a', keys: [1, 2].map(() => ({ ...p256, kid: 'a', alg: 'ES256' })) }],
    ['another algorithm', { active: 'a', keys: [{ ...p256, kid: 'a', alg: 'ES384' }] }],
    ['an algorithm of another type', { active: 'a', keys: [{ ...p256, kid: 'a', alg: 'RS256' }] }],
    ['P-384 that says ES256', { active: 'a', keys: [{ ...p384, kid: 'a', alg: 'ES256' }] }],
    ['RSA with 1,024 bits', { active: 'a', keys: [{ ...weak, kid: 'a', alg: 'RS256' }] }],
    ['a public key', { active: 'a', keys: [{ ...publicOnly, kid: 'a', alg: 'ES256' }] }],
    ['text', { active: 'a', keys: ['x'] }],
  ])('refuses %s', (__, value) => {
    expect(() => read(value)).toThrowError(refused('config.invalid'));
  });
});

describe('key files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jitsuin-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are written for the owner only, and never overwritten', async () => {
    const path = join(folder, 'client.json');
    const ring = await ringOf();
    await writeKeyFile(path, ring);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await codeOf(writeKeyFile(path, {}))).toBe('config.invalid');
    expect(await loadClientKeyRing(path)).toEqual(ring);
    const loaded = await loadClientKeys(path);
    expect(loaded.active).toBe(ring.active);
    expect(loaded.publicKeys).toEqual(ring.keys.map(publicClientKey));
    expect(JSON.stringify(loaded)).not.toContain(ring.keys[0]?.['d']);
  });

  it.each([0o640, 0o604, 0o660, 0o601, 0o620])(
    'mode %o is refused, and the command that helps is named',
    async (mode) => {
      const path = join(folder, `mode-${mode}.json`);
      await writeKeyFile(path, await ringOf());
      await chmod(path, mode);
      const thrown: unknown = await loadClientKeys(path).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: 'config.key-mode', at: path });
      expect(String(thrown)).toContain(`chmod 600 ${path}`);
      await chmod(path, 0o400);
      expect(await loadClientKeys(path)).toMatchObject({ active: expect.any(String) });
    },
  );

  it.each([
    ['no JSON', 'text'],
    ['a list', '[]'],
    ['a member twice', '{"a":1,"a":2}'],
  ])('%s is refused', async (name, content) => {
    const path = join(folder, `${name}.json`);
    await writeFile(path, content, { mode: 0o600 });
    expect(await codeOf(readKeyFile(path))).toBe('config.invalid');
  });

  it('a missing file, a folder, and a link to an open file', async () => {
    expect(await codeOf(readKeyFile(join(folder, 'missing.json')))).toBe('config.invalid');
    expect(await codeOf(readKeyFile(folder))).toBe('config.invalid');
    await writeFile(join(folder, 'open.json'), '{}', { mode: 0o644 });
    await symlink(join(folder, 'open.json'), join(folder, 'link.json'));
    expect(await codeOf(readKeyFile(join(folder, 'link.json')))).toBe('config.key-mode');
  });
});
