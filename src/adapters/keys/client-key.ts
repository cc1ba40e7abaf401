import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { generateKeyPair } from 'jose/key/generate/keypair';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/strict-json.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import { signedJwt } from './signed-jwt.ts';

/** Algorithms of client assertions that the service is known or likely to accept (facts 2.1). */
export type ClientKeyAlgorithm = 'ES256' | 'RS256';

/** Private key of private_key_jwt as a JWK (RFC 7517). Protected data. */
export interface ClientPrivateJwk {
  readonly kid: string;
  readonly alg: ClientKeyAlgorithm;
  readonly kty: string;
  readonly use: 'sig';
  readonly [parameter: string]: string;
}

/** What is registered with the Digital Agency. */
export interface ClientPublicJwk {
  readonly kid: string;
  readonly alg: ClientKeyAlgorithm;
  readonly use: 'sig';
  readonly kty: string;
  readonly [parameter: string]: string;
}

export type KeyEnvironment = 'test' | 'production';

/** Content of a client key file: one key signs, another may wait for or outlive its registration (rotation). */
export interface ClientKeyRing {
  /** Which keys these are; a process of the other environment refuses them. Absent in files made elsewhere. */
  readonly environment?: KeyEnvironment;
  readonly active: string;
  readonly keys: readonly ClientPrivateJwk[];
}

const MAX_KEYS = 2;

/** A new key pair (P-256, or RSA with 2,048 bits); `kid` is its JWK thumbprint (RFC 7638, SHA-256). */
export async function generateClientKey(alg: ClientKeyAlgorithm): Promise<ClientPrivateJwk> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  const jwk = await crypto.subtle.exportKey('jwk', privateKey);
  const { kty = '', crv, x, y, d, n, e, p, q, dp, dq, qi } = jwk;
  const parameters = Object.entries({ crv, x, y, d, n, e, p, q, dp, dq, qi }).filter(
    ([, value]) => value !== undefined,
  );
  const key = { ...Object.fromEntries(parameters), kty };
  return { ...key, kid: await calculateJwkThumbprint(key, 'sha256'), alg, use: 'sig', kty };
}

/** The public half, to be registered. */
export function publicClientKey(key: ClientPrivateJwk): ClientPublicJwk {
  const jwk = createPublicKey(keyObject(key)).export({ format: 'jwk' });
  const parameters = Object.entries(jwk).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { ...Object.fromEntries(parameters), kty: key.kty, kid: key.kid, alg: key.alg, use: 'sig' };
}

/** Adds a key that does not sign yet. @throws JitsuinError `config.invalid` when two keys are there already */
export function withClientKey(ring: ClientKeyRing, key: ClientPrivateJwk): ClientKeyRing {
  if (ring.keys.length >= MAX_KEYS)
    throw invalid('Two client keys are there already; remove the retired one first.');
  return checkedRing({ ...ring, keys: [...ring.keys, key] });
}

/** Lets another key of the ring sign. @throws JitsuinError `config.invalid` when it is not in the ring */
export function activateClientKey(ring: ClientKeyRing, kid: string): ClientKeyRing {
  return checkedRing({ ...ring, active: kid });
}

/** Removes a key that does not sign. @throws JitsuinError `config.invalid` when it is the active one */
export function withoutClientKey(ring: ClientKeyRing, kid: string): ClientKeyRing {
  return checkedRing({ ...ring, keys: ring.keys.filter((key) => key.kid !== kid) });
}

/**
 * JSON of a key file → ring. @throws JitsuinError `config.invalid` for anything but one or two known keys, one
 * active
 */
export function readClientKeyRing(json: JsonObject): ClientKeyRing {
  const { active, keys, environment } = json;
  if (typeof active !== 'string' || !Array.isArray(keys))
    throw invalid('The client key file has no active key.');
  if (environment !== undefined && environment !== 'test' && environment !== 'production')
    throw invalid('The client key file names an unknown environment.');
  return checkedRing(
    defined({
      environment,
      active,
      keys: keys.map(readClientKey),
    }),
  );
}

/** Signs assertions with the active key of the ring (RFC 7523); the private key stays in here. */
export function createClientKeys(ring: ClientKeyRing): ClientKeys {
  const active = checkedRing(ring).keys.find((key) => key.kid === ring.active);
  if (active === undefined) throw invalid('The active client key is missing.');
  const privateKey = keyObject(active);
  const header = { alg: active.alg, kid: active.kid, typ: 'JWT' };
  return {
    signAssertion: (claims) => signedJwt(header, claims, privateKey),
  };
}

function checkedRing(ring: ClientKeyRing): ClientKeyRing {
  const kids = new Set(ring.keys.map((key) => key.kid));
  if (ring.keys.length > MAX_KEYS || kids.size !== ring.keys.length)
    throw invalid('There are more than two client keys, or one twice.');
  if (!kids.has(ring.active)) throw invalid('The active client key is missing.');
  return ring;
}

function readClientKey(value: JsonValue): ClientPrivateJwk {
  if (!isJsonObject(value)) throw invalid('A client key is not a JWK.');
  const { kid, alg, kty } = value;
  const known = (alg === 'ES256' && kty === 'EC') || (alg === 'RS256' && kty === 'RSA');
  if (typeof kid !== 'string' || kid === '' || !known)
    throw invalid('A client key is neither ES256 nor RS256, or has no kid.');
  const parameters = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const key: ClientPrivateJwk = { ...Object.fromEntries(parameters), kid, alg, kty, use: 'sig' };
  checkStrength(keyObject(key), alg);
  return key;
}

function keyObject(key: ClientPrivateJwk): KeyObject {
  try {
    return createPrivateKey({ key: { ...key }, format: 'jwk' });
  } catch {
    throw invalid('A client key is not a private key.');
  }
}

function checkStrength(key: KeyObject, alg: ClientKeyAlgorithm): void {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const strong = alg === 'ES256' ? namedCurve === 'prime256v1' : modulusLength >= 2048;
  if (!strong) throw invalid('A client key must be P-256, or RSA with 2,048 bits or more.');
}

function invalid(message: string): JitsuinError {
  return new JitsuinError('config.invalid', message, { at: 'client-keys' });
}
