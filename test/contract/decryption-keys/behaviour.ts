import { CompactEncrypt } from 'jose/jwe/compact/encrypt';
import { importJWK } from 'jose/key/import';
import { expect, it } from 'vitest';
import type { CompactJwe } from '../../../src/core/brand.ts';
import type { DecryptionKeys } from '../../../src/ports/decryption-key.ts';
import { openResult } from '../../../src/verifier/jwe/open-result.ts';

/** Public part of a key and where it belongs. */
export interface KnownKey {
  readonly kid: string;
  readonly x: string;
  readonly y: string;
}

/** What an adapter under test holds, all for one service and the environment `test`. */
export interface HeldKeys {
  readonly keys: DecryptionKeys;
  readonly service: string;
  readonly active: KnownKey;
  readonly overlap: KnownKey;
  readonly expired: KnownKey;
  /** Of another service. */
  readonly foreign: KnownKey & { readonly service: string };
}

const CONTENT = { certificate: 'Y2VydGlmaWNhdGU=', signature: 'c2lnbmF0dXJl' };

export async function bundleTo(
  { kid, x, y }: KnownKey,
  enc: string,
  withKid: 'kid' | 'none' = 'kid',
): Promise<CompactJwe> {
  const header = { alg: 'ECDH-ES', enc, ...(withKid === 'kid' ? { kid } : {}) };
  const jwe = new CompactEncrypt(new TextEncoder().encode(JSON.stringify(CONTENT))).setProtectedHeader(
    header,
  );
  const recipient = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ECDH-ES');
  return (await jwe.encrypt(recipient)) as CompactJwe;
}

/** What every adapter behind `ports/decryption-key.ts` must do. Call it inside a `describe`. */
export function decryptionKeysBehaviour(held: () => HeldKeys): void {
  const found = async ({ kid }: KnownKey) => {
    const key = await held().keys.find(held().service, 'test', kid);
    if (key === undefined) throw new Error('not found');
    return key;
  };

  it.each(['A256GCM', 'A128GCM', 'A128CBC-HS256', 'A256CBC-HS512'])('opens a bundle: %s', async (enc) => {
    for (const known of [held().active, held().overlap]) {
      const opened = await openResult(await bundleTo(known, enc), [await found(known)]);
      expect([opened.kid, Buffer.from(opened.signatureValue).toString()]).toEqual([known.kid, 'signature']);
    }
  });

  it('opens fifty at once, each with its own secret', async () => {
    const bundles = await Promise.all(Array.from({ length: 50 }, () => bundleTo(held().active, 'A256GCM')));
    const key = await found(held().active);
    const opened = await Promise.all(bundles.map((jwe) => openResult(jwe, [key])));
    expect(new Set(opened.map(({ kid }) => kid))).toEqual(new Set([held().active.kid]));
  });

  it('opens no bundle to another key', async () => {
    const jwe = await bundleTo({ ...held().overlap, kid: held().active.kid }, 'A256GCM');
    await expect(openResult(jwe, [await found(held().active)])).rejects.toMatchObject({
      code: 'jwe.decrypt',
    });
  });

  it('finds by service, environment and kid together, and nothing else', async () => {
    const { keys, service, active, foreign } = held();
    expect(await keys.find(service, 'test', active.kid)).toMatchObject({
      ...{ kid: active.kid, service, environment: 'test', state: 'active' },
    });
    expect(await keys.find(foreign.service, 'test', foreign.kid)).toMatchObject({ kid: foreign.kid });
    for (const [where, kid] of [
      [service, foreign.kid],
      [foreign.service, active.kid],
      ['nobody', active.kid],
      ...[
        '',
        'unknown',
        '../keys',
        '__proto__',
        'constructor',
        `${active.kid}\u0000`,
        'x'.repeat(10_000),
      ].map((odd) => [service, odd] as const),
    ] as const)
      expect(await keys.find(where, 'test', kid)).toBeUndefined();
    expect(await keys.find(service, 'production', active.kid)).toBeUndefined();
    expect(await keys.usable(service, 'production')).toEqual([]);
  });

  it('says that a key has expired, and does not offer it', async () => {
    const { keys, service, active, overlap, expired } = held();
    expect((await found(expired)).state).toBe('expired');
    const usable = await keys.usable(service, 'test');
    expect(usable.map(({ kid, state }) => [kid, state])).toEqual([
      [active.kid, 'active'],
      [overlap.kid, 'overlap'],
    ]);
    const unnamed = await bundleTo(overlap, 'A256GCM', 'none');
    expect((await openResult(unnamed, usable)).kid).toBe(overlap.kid);
  });

  it('shows nothing of a private key', async () => {
    for (const key of await held().keys.usable(held().service, 'test')) {
      expect(JSON.stringify(key)).not.toMatch(/"d"|private|PRIVATE/);
      if ('key' in key) expect(key.key.extractable).toBe(false);
    }
  });
}
