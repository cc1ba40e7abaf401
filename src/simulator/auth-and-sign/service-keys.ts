import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { derive } from '../derive.ts';
import { authorityKey } from '../jpki/keys/simulator-keys.ts';

export interface ServiceKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** Public JWK with `kid`, `use` and `alg`. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** Keys of the OpenID Provider: ES256 for ID and logout tokens, RS256 for access tokens. */
export interface ServiceKeys {
  readonly current: ServiceKey;
  readonly accessToken: ServiceKey;
  /** What the JWK Set endpoint publishes: the current ES256 key and the RS256 key. */
  readonly published: readonly ServiceKey[];
  /** A key that is never published. */
  readonly stranger: ServiceKey;
  /** Replaces the ES256 key; the old one is no longer published (guideline: keys can rotate early). */
  rotate(): Promise<void>;
}

export async function makeServiceKeys(seed: string): Promise<ServiceKeys> {
  let generation = 0;
  let current = await ecKey(seed, 'service key 0');
  const accessToken = await serviceKey(authorityKey(seed, 'access-token').privateKey, 'RS256');
  const stranger = await ecKey(seed, 'stranger key');
  return {
    get current() {
      return current;
    },
    get published() {
      return [current, accessToken];
    },
    accessToken,
    stranger,
    async rotate() {
      generation += 1;
      current = await ecKey(seed, `service key ${generation}`);
    },
  };
}

async function ecKey(seed: string, label: string): Promise<ServiceKey> {
  const scalar = derive(seed, label, 32);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33, 65).toString('base64url'),
    d: scalar.toString('base64url'),
  };
  return serviceKey(createPrivateKey({ key: jwk, format: 'jwk' }), 'ES256');
}

async function serviceKey(privateKey: KeyObject, alg: 'ES256' | 'RS256'): Promise<ServiceKey> {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, jwk: { ...jwk, kid, use: 'sig', alg } };
}
