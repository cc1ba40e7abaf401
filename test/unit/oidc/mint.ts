import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { parseStrictJson } from '../../../src/core/json/strict-json.ts';
import type { IdTokenInput } from '../../../src/core/oidc/id-token.ts';
import { type KeySet, readKeySet } from '../../../src/core/oidc/key-set.ts';

/** Everything here is made in the test: simulated issuer, client, person and keys. */
export const ISSUER = 'https://op.simulated.example/api/realms/main';
export const CLIENT_ID = 'RP00000001';
export const SUBJECT = '00000000-aaaa-4000-8000-000000000001';
export const NONCE = 'simulated-nonce';
export const ACCESS_TOKEN = 'simulated-access-token';
export const NOW = 1_800_000_000_000 as EpochMillis;
export const NOW_SECONDS = NOW / 1000;

export interface TestKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: Record<string, unknown>;
}

export function ecKey(kid: string, namedCurve = 'P-256', alg = 'ES256'): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  return { kid, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

export function rsaKey(kid: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    kid,
    privateKey,
    publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' },
  };
}

export function keySet(...keys: readonly Record<string, unknown>[]): KeySet {
  return readKeySet(parseStrictJson(JSON.stringify({ keys })));
}

export function atHash(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
}

export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export type Claims = Record<string, unknown>;

/** Claims of a good ID token; a member given as undefined is left out. */
export function idClaims(changes: Claims = {}): Claims {
  return {
    exp: NOW_SECONDS + 900,
    iat: NOW_SECONDS,
    auth_time: NOW_SECONDS - 10,
    jti: '3b1fd777-0000-4b57-82c3-000000000000',
    iss: ISSUER,
    aud: CLIENT_ID,
    sub: SUBJECT,
    typ: 'ID',
    azp: CLIENT_ID,
    nonce: NONCE,
    session_state: 'simulated-session',
    at_hash: atHash(ACCESS_TOKEN),
    sid: 'simulated-session',
    ...changes,
  };
}

/** Compact JWS by hand, so that nothing a library would refuse to make is out of reach. */
export function mint(key: TestKey, claims: Claims, header: Claims = {}): string {
  const full = { alg: 'ES256', typ: 'JWT', kid: key.kid, ...header };
  const signed = `${encode(full)}.${encode(claims)}`;
  return `${signed}.${signature(String(full.alg), signed, key.privateKey).toString('base64url')}`;
}

function signature(alg: string, signed: string, key: KeyObject): Buffer {
  const data = Buffer.from(signed);
  const hash = `sha${alg.slice(2)}`;
  if (alg.startsWith('ES')) return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  return alg.startsWith('RS') ? sign(hash, data, key) : Buffer.alloc(0);
}

export function hmacToken(secret: string | Buffer, claims: Claims, kid: string): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export function input(token: string, keys: KeySet, changes: Partial<IdTokenInput> = {}): IdTokenInput {
  return {
    token,
    accessToken: ACCESS_TOKEN,
    keySet: keys,
    issuer: ISSUER,
    clientId: CLIENT_ID,
    expected: { grant: 'code', expectedNonce: NONCE },
    now: NOW,
    iatWindowMillis: 600_000,
    ...changes,
  };
}

/** The code a promise is refused with, or what it gave. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : thrown;
  }
}
