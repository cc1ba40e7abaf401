import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync, verify } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PfKeystore } from '../../../src/adapters/keys/pf-keystore.ts';
import { KeyListFile } from '../../../src/adapters/keys/pf-pkcs11/key-list.ts';
import { createToken, type Token, type TokenOptions } from '../../../src/adapters/keys/pf-pkcs11/token.ts';
import { tokenKeyWrapper } from '../../../src/adapters/keys/pf-pkcs11/token-key-wrapper.ts';
import { openTokenKeystore } from '../../../src/adapters/keys/pf-pkcs11/token-keystore.ts';
import {
  generateReceiptKey,
  openTokenReceipts,
} from '../../../src/adapters/keys/pf-pkcs11/token-receipts.ts';
import { newSealKey } from '../../../src/adapters/keys/seal-key-file.ts';
import { openSealer, rotateSealKeyAt, wrapSealKeys } from '../../../src/adapters/keys/seal-keys.ts';
import { createSealKey } from '../../../src/adapters/keys/sealer-file.ts';
import { unwrapSealKey, wrapSealKey } from '../../../src/adapters/keys/wrapped-seal-key.ts';
import { examineToken } from '../../../src/cli/doctor/token.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { openResult } from '../../../src/verifier/jwe/open-result.ts';
import {
  bundleTo,
  decryptionKeysBehaviour,
  type HeldKeys,
} from '../../contract/decryption-keys/behaviour.ts';
import { PIN, SoftHsm, softhsmIsHere } from '../../support/softhsm.ts';

const LABEL = '実印 test';
const SERVICE = 'portal';
let now = 1_800_000_000_000;
const clock = { now: () => now as EpochMillis };

describe.skipIf(!softhsmIsHere())('a PKCS#11 token (SoftHSM2)', () => {
  let hsm: SoftHsm;
  let shared: Token;
  const open: Token[] = [];
  beforeAll(() => {
    hsm = new SoftHsm();
    hsm.initialize(LABEL);
    const { module, pinFile } = hsm;
    shared = createToken({ module, token: LABEL, pinFile, sessions: 4, millis: 20_000 });
  });
  afterEach(() => {
    for (const token of open.splice(0)) token.close();
  });
  afterAll(() => {
    shared.close();
    hsm.close();
  });

  const tokenOf = (options: Partial<TokenOptions> = {}): Token => {
    const { module, pinFile } = hsm;
    const token = createToken({ module, token: LABEL, pinFile, sessions: 4, millis: 20_000, ...options });
    open.push(token);
    return token;
  };
  let lists = 0;
  const keystoreOf = (token: Token, path = join(hsm.folder, `list-${++lists}.json`)): PfKeystore =>
    openTokenKeystore({ token, list: new KeyListFile(path), clock });
  const code = (expected: string) => expect.objectContaining({ code: expected });

  describe('as decryption keys', () => {
    let held: HeldKeys;
    beforeAll(async () => {
      const keys = keystoreOf(shared);
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

  it('makes keys that do not leave it, and shows exactly the public JWK to register', async () => {
    const token = shared;
    const { publicJwk } = await keystoreOf(token).generate(SERVICE, 'test');
    expect(Object.keys(publicJwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const key = (await token.keys()).find(({ x }) => x === publicJwk.x);
    expect(key).toMatchObject({ uses: ['agreement'], kind: 'P-256', y: publicJwk.y, stays: true });
  });

  it('gives all 32 octets of a shared secret that begins with zeros', async () => {
    const token = shared;
    const keys = keystoreOf(token);
    const { publicJwk } = await keys.generate(SERVICE, 'test');
    const key = await keys.find(SERVICE, 'test', publicJwk.kid);
    const theirs = createPublicKey({ key: { ...publicJwk }, format: 'jwk' });
    for (;;) {
      const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const z = diffieHellman({ privateKey: mine.privateKey, publicKey: theirs });
      if (z[0] !== 0) continue;
      if (key === undefined || !('deriveSharedSecret' in key)) throw new Error('no key');
      expect(Buffer.from(await key.deriveSharedSecret(uncompressed(mine.publicKey)))).toEqual(z);
      break;
    }
  });

  it('is never asked about a point that is not on the curve', async () => {
    const token = shared;
    const keys = keystoreOf(token);
    const { publicJwk } = await keys.generate(SERVICE, 'test');
    const key = await keys.find(SERVICE, 'test', publicJwk.kid);
    if (key === undefined || !('deriveSharedSecret' in key)) throw new Error('no key');
    const off = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]);
    await expect(key.deriveSharedSecret(off)).rejects.toThrow();
  });

  it('goes through a rotation, as another process sees it too, and destroys what expired', async () => {
    const token = shared;
    const path = join(hsm.folder, 'rotation.json');
    const [here, there] = [keystoreOf(token, path), keystoreOf(tokenOf(), path)];
    const first = await here.generate('drill', 'test');
    const second = await here.generate('drill', 'test');
    expect([first.state, second.state]).toEqual(['active', 'generated']);
    await here.activate(second.kid, 60_000);
    expect((await there.usable('drill', 'test')).map(({ kid, state }) => [kid, state])).toEqual([
      [second.kid, 'active'],
      [first.kid, 'overlap'],
    ]);
    const late = await bundleTo(first.publicJwk, 'A256GCM');
    expect((await openResult(late, await there.usable('drill', 'test'))).kid).toBe(first.kid);
    now += 60_000;
    expect(await there.usable('drill', 'test')).toHaveLength(1);
    await expect(here.destroy(second.kid)).rejects.toEqual(code('key.state'));
    await here.destroy(first.kid);
    expect((await token.keys()).some(({ x }) => x === first.publicJwk.x)).toBe(false);
    expect((await there.list()).map(({ state }) => state)).toEqual(['destroyed', 'active']);
    expect(await there.find('drill', 'test', first.kid)).toBeUndefined();
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('makes one key for one approved change', async () => {
    const keys = keystoreOf(shared);
    const once = await keys.generate('changed', 'test', 'change-1');
    expect((await keys.generate('changed', 'test', 'change-1')).kid).toBe(once.kid);
    expect(await keys.list()).toHaveLength(1);
  });

  it('signs receipts and records, fifty at once, that verify with the published key', async () => {
    const token = shared;
    const list = new KeyListFile(join(hsm.folder, 'receipts.json'));
    await expect(openTokenReceipts({ token, list })).rejects.toEqual(code('key.not-found'));
    const old = await generateReceiptKey({ token, list, clock });
    const kid = await generateReceiptKey({ token, list, clock });
    const signer = await openTokenReceipts({ token, list });
    expect(signer.jwks.keys.map((key) => key['kid'])).toEqual([old, kid]);
    const publicKey = createPublicKey({ key: { ...signer.active }, format: 'jwk' });
    const octets = Array.from({ length: 50 }, (_, n) => Buffer.from(`octets ${n}`));
    const signatures = await Promise.all(octets.map((each) => signer.signOctets(each)));
    const right = signatures.map((signature, n) =>
      verify(
        'sha256',
        octets[n] ?? Buffer.alloc(0),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        signature,
      ),
    );
    expect(right).toEqual(octets.map(() => true));
    const [header = '', payload = '', signature = ''] = (await signer.seal({ a: 1 } as never)).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'ES256', kid });
    const input = Buffer.from(`${header}.${payload}`);
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', input, key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('hands out no signature of a key that is not the published one', async () => {
    const token = shared;
    const path = join(hsm.folder, 'swapped.json');
    await generateReceiptKey({ token, list: new KeyListFile(path), clock });
    const { id } = await token.generate('00ff00ff', 'another', 'signature');
    const swapped = JSON.parse(readFileSync(path, 'utf8'));
    swapped.receipts.keys[0].id = id;
    writeFileSync(path, JSON.stringify(swapped));
    const signer = await openTokenReceipts({ token, list: new KeyListFile(path) });
    await expect(signer.signOctets(Buffer.from('x'))).rejects.toEqual(code('key.state'));
  });

  it('wraps seal keys under their name', async () => {
    const token = shared;
    const wrapper = tokenKeyWrapper(token);
    const key = newSealKey(new Date());
    const wrapped = await wrapSealKey(wrapper, key);
    const again = await wrapSealKey(wrapper, newSealKey(new Date()));
    expect(again.kms_key).toBe(wrapped.kms_key);
    const other = tokenKeyWrapper(tokenOf());
    expect(Buffer.from(await unwrapSealKey(other, wrapped)).toString('base64url')).toBe(key.secret);
    await expect(unwrapSealKey(wrapper, { ...wrapped, id: 'another' })).rejects.toEqual(
      code('key.unavailable'),
    );
    expect(Buffer.from(await unwrapSealKey(wrapper, wrapped)).toString('base64url')).toBe(key.secret);
  });

  it('wraps the seal keys of a platform operator by the module of the samples', async () => {
    const { module, pinFile, folder } = hsm;
    const settings = {
      JITSUIN_PKCS11_MODULE: module,
      JITSUIN_PKCS11_TOKEN: LABEL,
      JITSUIN_PKCS11_PIN_FILE: pinFile,
      JITSUIN_PKCS11_TIMEOUT_SECONDS: '20',
      JITSUIN_DATA_DIR: folder,
    };
    const sealKmsModule = fileURLToPath(new URL('../../../samples/seal-keys/pkcs11.mjs', import.meta.url));
    const place = { sealKeyFile: join(folder, 'seal-key.json'), sealKmsModule };
    createSealKey(place.sealKeyFile);
    const { secret } = JSON.parse(readFileSync(place.sealKeyFile, 'utf8')).keys[0];
    Object.assign(process.env, settings);
    try {
      expect(await wrapSealKeys(place)).toHaveLength(1);
      expect(readFileSync(place.sealKeyFile, 'utf8')).not.toContain(secret);
      const sealer = await openSealer(place);
      const context = { table: 't', column: 'c', record: 'r', tenant: 'x' };
      const sealed = sealer.seal(Buffer.from('text'), context);
      await rotateSealKeyAt(place);
      const again = await openSealer(place);
      expect(Buffer.from(again.open(sealed, context)).toString()).toBe('text');
      expect(again.activeKey).not.toBe(sealer.activeKey);
    } finally {
      for (const name of Object.keys(settings)) delete process.env[name];
    }
  });

  it('holds a key of another curve, a missing key and a public key that is not its own', async () => {
    const token = shared;
    const path = join(hsm.folder, 'wrong.json');
    const keys = keystoreOf(token, path);
    const { kid } = await keys.generate(SERVICE, 'test');
    const list = JSON.parse(readFileSync(path, 'utf8'));
    const derive = async (id: string) => {
      writeFileSync(path, JSON.stringify({ ...list, keys: [{ ...list.keys[0], id }] }));
      const key = await keystoreOf(token, path).find(SERVICE, 'test', kid);
      if (key === undefined || !('deriveSharedSecret' in key)) throw new Error('no key');
      return key.deriveSharedSecret(aPoint());
    };
    await expect(derive('0123')).rejects.toEqual(code('key.not-found'));
    hsm.importP384('5432', LABEL);
    await expect(derive('5432')).rejects.toEqual(code('key.state'));
  });

  it('asks a refused PIN once, and again when the file has another', async () => {
    const pinFile = hsm.file('wrong-pin', '999999\n');
    const { module, logins } = hsm.slowModule();
    const token = tokenOf({ module, pinFile });
    for (let n = 0; n < 5; n += 1) {
      await expect(token.keys()).rejects.toEqual(code('config.invalid'));
    }
    expect(readFileSync(logins, 'utf8')).toBe('.');
    writeFileSync(pinFile, `${PIN}\n`);
    await expect.poll(() => token.keys().catch(() => undefined)).toBeDefined();
    chmodSync(pinFile, 0o644);
    await expect(tokenOf({ pinFile }).open()).rejects.toEqual(code('config.key-mode'));
  });

  it('is examined by doctor with a trial of each key, and what is missing is named', async () => {
    const { module, pinFile, folder } = hsm;
    const listFile = join(folder, 'doctor.json');
    const keys = new Set(['decryption', 'receipts'] as const);
    const config = { module, token: LABEL, pinFile, listFile, sessions: 1, millis: 20_000, keys };
    const { publicJwk } = await keystoreOf(shared, listFile).generate(SERVICE, 'test');
    await generateReceiptKey({ token: shared, list: new KeyListFile(listFile), clock });
    const found = async () =>
      (await examineToken(config, 'test')).map(({ check, state }) => `${check} ${state}`);
    const checks = ['pkcs11-token', 'pf-keystore', 'decryption-keys', 'receipt-key'];
    expect(await found()).toEqual(checks.map((check) => `${check} passed`));
    const gone = (await shared.keys()).find(({ x }) => x === publicJwk.x);
    await shared.destroy(gone?.id ?? '');
    const [token, , agreements] = await examineToken(config, 'test');
    expect([token?.state, agreements?.state]).toEqual(['failed', 'failed']);
    expect(token?.says).toContain(`${publicJwk.kid} (missing)`);
    const wrong = await examineToken({ ...config, token: 'nowhere' }, 'test');
    expect(wrong).toMatchObject([{ check: 'pkcs11-token', state: 'failed', code: 'key.unavailable' }]);
  });

  it('says that there is no token, no module, or two of one label', async () => {
    await expect(tokenOf({ token: 'nowhere' }).open()).rejects.toEqual(code('key.unavailable'));
    await expect(tokenOf({ module: '/etc/hostname' }).open()).rejects.toEqual(code('config.invalid'));
    hsm.initialize('twice');
    hsm.initialize('twice');
    await expect(tokenOf({ token: 'twice' }).open()).rejects.toEqual(code('config.invalid'));
    await expect(tokenOf({ pinFile: '/nowhere' }).open()).rejects.toEqual(code('config.invalid'));
  });

  it('is away at the start and in the middle, and found again', async () => {
    const told: string[] = [];
    const token = tokenOf({ changed: (state, why) => told.push(`${state} ${why}`) });
    const keys = keystoreOf(token);
    const { publicJwk } = await keys.generate(SERVICE, 'test');
    const jwe = await bundleTo(publicJwk, 'A256GCM');
    const open = async () => openResult(jwe, await keys.usable(SERVICE, 'test'));
    hsm.pull();
    const late = tokenOf();
    await expect(late.open()).rejects.toEqual(code('key.unavailable'));
    await expect(open()).rejects.toEqual(code('key.unavailable'));
    await expect(open()).rejects.toEqual(code('key.unavailable'));
    hsm.putBack();
    await expect.poll(() => open().catch(() => undefined)).toBeDefined();
    await expect.poll(() => late.keys().catch(() => undefined)).toBeDefined();
    expect(told, JSON.stringify(told)).toEqual(['away key.unavailable', 'back ok']);
  });

  it('does not hold anything up for longer than its time when the token hangs', async () => {
    const { module, slow } = hsm.slowModule();
    const token = tokenOf({ module, millis: 3_000 });
    const keys = keystoreOf(token);
    const { publicJwk } = await keys.generate(SERVICE, 'test');
    const jwe = await bundleTo(publicJwk, 'A256GCM');
    const open = async () => openResult(jwe, await keys.usable(SERVICE, 'test'));
    await open();
    writeFileSync(slow, '');
    await expect(Promise.allSettled(Array.from({ length: 9 }, open))).resolves.toSatisfy(
      (all: PromiseSettledResult<unknown>[]) => all.every(({ status }) => status === 'rejected'),
    );
    rmSync(slow);
    await expect.poll(() => open().catch(() => undefined)).toBeDefined();
  });

  it('leaves nothing secret in what lies beside the token', async () => {
    const token = shared;
    const path = join(hsm.folder, 'secrets.json');
    const keys = keystoreOf(token, path);
    const { publicJwk } = await keys.generate(SERVICE, 'test');
    await openResult(await bundleTo(publicJwk, 'A256GCM'), await keys.usable(SERVICE, 'test'));
    expect(readFileSync(path, 'utf8')).not.toMatch(/"d"|sealed|private/i);
    expect(readdirSync(hsm.folder).filter((name) => name.startsWith('core'))).toEqual([]);
    await expect(tokenOf({ pinFile: hsm.file('pin-2', 'MARKED-PIN\n') }).open()).rejects.toSatisfy(
      (error: Error) => !JSON.stringify([error.message, error.stack, error.cause]).includes('MARKED'),
    );
  });
});

function aPoint(): Buffer {
  const ecdh = createECDH('prime256v1');
  return ecdh.generateKeys();
}

function uncompressed(key: ReturnType<typeof createPublicKey>): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}
