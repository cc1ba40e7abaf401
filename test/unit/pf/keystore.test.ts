import { chmod, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPfKeystore } from '../../../src/adapters/keys/pf-keystore.ts';
import { pfPublicJwkSchema } from '../../../src/contracts/pf-public-jwk.ts';
import type { CompactJwe, EpochMillis } from '../../../src/core/brand.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { openResult } from '../../../src/verifier/jwe/open-result.ts';
import { codeOf, encrypt, type TestKey } from '../jwe/bundle-kit.ts';

const PASSPHRASE = 'correct horse battery staple';
const DAY = 86_400_000;

class TestClock implements Clock {
  at = 1_790_000_000_000;
  now(): EpochMillis {
    return this.at as EpochMillis;
  }
}

async function keystore(clock = new TestClock()) {
  const file = join(await mkdtemp(join(tmpdir(), 'jitsuin-keys-')), 'pf.json');
  const open = (passphrase = PASSPHRASE) => openPfKeystore({ file, passphrase, clock, scryptCost: 16_384 });
  return { file, clock, open, keys: await open() };
}

/** A bundle to the registered public JWK, with or without its kid. */
function bundleFor(jwk: { x: string; y: string; kid: string }, named = true): Promise<CompactJwe> {
  const publicJwk = { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y } as const;
  return encrypt({ publicJwk } as TestKey, { header: named ? { kid: jwk.kid } : {} });
}

describe('the public JWK to register (M8)', () => {
  it('has exactly the seven members, coordinates of 32 octets, a kid of its own', async () => {
    const { keys } = await keystore();
    const first = (await keys.generate('portal', 'test')).publicJwk;
    const second = (await keys.generate('portal', 'production')).publicJwk;
    expect(Object.keys(first)).toEqual(['kty', 'use', 'alg', 'crv', 'x', 'y', 'kid']);
    expect(first).toMatchObject({ kty: 'EC', use: 'enc', alg: 'ECDH-ES', crv: 'P-256' });
    expect(Buffer.from(first.x, 'base64url')).toHaveLength(32);
    expect(second.kid).not.toBe(first.kid);
    expect(pfPublicJwkSchema.safeParse(first).success).toBe(true);
  });

  it.each([
    ['d', { d: 'AAAA' }],
    ['another member', { key_ops: ['deriveBits'] }],
    ['another use', { use: 'sig' }],
    ['another curve', { crv: 'P-384' }],
    ['another alg', { alg: 'ECDH-ES+A256KW' }],
    ['no kid', { kid: undefined }],
  ])('registration refuses %s', async (_name, change) => {
    const { keys } = await keystore();
    const { publicJwk } = await keys.generate('portal', 'test');
    expect(pfPublicJwkSchema.safeParse({ ...publicJwk, ...change }).success).toBe(false);
  });
});

describe('the life of a key (M1)', () => {
  it('opens a bundle from its generation on, by kid and without', async () => {
    const { keys } = await keystore();
    await keys.generate('portal', 'test');
    const { publicJwk, state } = await keys.generate('portal', 'test');
    expect(state).toBe('generated');
    const found = await keys.find('portal', 'test', publicJwk.kid);
    expect(found?.state).toBe('overlap');
    expect((await openResult(await bundleFor(publicJwk), found ? [found] : [])).kid).toBe(publicJwk.kid);
    const all = await keys.usable('portal', 'test');
    expect(all.map((key) => key.state)).toEqual(['active', 'overlap']);
    expect((await openResult(await bundleFor(publicJwk, false), all)).kid).toBe(publicJwk.kid);
  });

  it('rotation: both open until the end of the overlap, then the old one is key.state', async () => {
    const { keys, clock } = await keystore();
    const old = (await keys.generate('portal', 'test')).publicJwk;
    const next = (await keys.generate('portal', 'test')).publicJwk;
    await keys.activate(next.kid, DAY);
    const open = async (jwk: typeof old) => {
      const found = await keys.find('portal', 'test', jwk.kid);
      return codeOf(async () => openResult(await bundleFor(jwk), found ? [found] : []));
    };
    expect([await open(old), await open(next)]).toEqual(['accepted', 'accepted']);
    clock.at += DAY - 1;
    expect(await open(old)).toBe('accepted');
    clock.at += 1;
    expect([await open(old), await open(next)]).toEqual(['key.state', 'accepted']);
    expect((await keys.usable('portal', 'test')).map((key) => key.kid)).toEqual([next.kid]);
  });

  it('another process sees the rotation without a restart', async () => {
    const { keys, open } = await keystore();
    const worker = await open();
    const { publicJwk } = await keys.generate('portal', 'test');
    expect((await worker.find('portal', 'test', publicJwk.kid))?.state).toBe('active');
    await keys.expire(publicJwk.kid);
    expect((await worker.find('portal', 'test', publicJwk.kid))?.state).toBe('expired');
    await keys.destroy(publicJwk.kid);
    expect(await worker.find('portal', 'test', publicJwk.kid)).toBeUndefined();
  });

  it('refuses steps that the state does not allow', async () => {
    const { keys } = await keystore();
    const { kid } = await keys.generate('portal', 'test');
    expect(await codeOf(() => keys.destroy(kid))).toBe('key.state');
    expect(await codeOf(() => keys.activate(kid))).toBe('key.state');
    await keys.expire(kid);
    expect(await codeOf(() => keys.activate(kid))).toBe('key.state');
    await keys.destroy(kid);
    expect((await keys.list())[0]?.state).toBe('destroyed');
    expect(await codeOf(() => keys.expire('nobody'))).toBe('key.not-found');
  });
});

describe('services and environments are apart (G14, J8, M4)', () => {
  it('a kid counts in its own service and environment only', async () => {
    const { keys } = await keystore();
    const { kid } = await keys.generate('portal', 'test');
    expect(await keys.find('portal', 'test', kid)).toBeDefined();
    expect(await keys.find('portal', 'production', kid)).toBeUndefined();
    expect(await keys.find('other', 'test', kid)).toBeUndefined();
    expect(await keys.usable('other', 'test')).toEqual([]);
    expect(await keys.find('portal', 'test', '__proto__')).toBeUndefined();
  });
  it('refuses a service name with a path in it', async () => {
    const { keys } = await keystore();
    expect(await codeOf(() => keys.generate('../x', 'test'))).toBe('config.invalid');
  });
});

describe('at rest (M5, M6)', () => {
  it('is mode 600 and holds no private scalar; a key gives out shared secrets and nothing else', async () => {
    const { keys, file } = await keystore();
    const { publicJwk } = await keys.generate('portal', 'test');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const found = await keys.find('portal', 'test', publicJwk.kid);
    expect(Object.keys(found ?? {}).sort()).toEqual([
      ...['deriveSharedSecret', 'environment', 'kid', 'service', 'state'],
    ]);
    expect(JSON.parse(await readFile(file, 'utf8')).keys[0]).not.toHaveProperty('d');
  });
  it('refuses a file that others can read', async () => {
    const { keys, file, open } = await keystore();
    await keys.generate('portal', 'test');
    await chmod(file, 0o640);
    expect(await codeOf(() => open())).toBe('config.key-mode');
  });
  it('refuses a wrong passphrase, and a short one for a new file', async () => {
    const { keys, open } = await keystore();
    await keys.generate('portal', 'test');
    expect(await codeOf(() => open('another passphrase'))).toBe('seal.integrity');
    const fresh = await (await keystore()).open('short');
    expect(await codeOf(() => fresh.generate('portal', 'test'))).toBe('config.invalid');
  });
  it('a record moved to another service or environment does not open', async () => {
    const { keys, file, open } = await keystore();
    const { kid } = await keys.generate('portal', 'test');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"test"', '"production"'), { mode: 0o600 });
    const moved = await open();
    expect(await codeOf(() => moved.find('portal', 'production', kid))).toBe('seal.integrity');
  });
  it('a file that is not a keystore is refused', async () => {
    const { file, open } = await keystore();
    await writeFile(file, '{}', { mode: 0o600 });
    expect(await codeOf(() => open())).toBe('config.invalid');
  });
  it('two processes that generate at once lose no key', async () => {
    const { keys, open } = await keystore();
    await keys.generate('first', 'test');
    const others = await Promise.all([open(), open(), open()]);
    await Promise.all(others.map((one, index) => one.generate(`service-${index}`, 'test')));
    expect(await keys.list()).toHaveLength(4);
  });
});
