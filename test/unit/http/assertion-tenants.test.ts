import { KeyObject, randomUUID, sign } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { exportJWK } from 'jose/key/export';
import { generateKeyPair } from 'jose/key/generate/keypair';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import { assertionTenants } from '../../../src/http/assertion-tenants.ts';
import type { TenantJudge } from '../../../src/http/tenants.ts';
import { otherSpellings } from '../../support/compact-spellings.ts';

const NOW = 1_800_000_000;
const AUDIENCE = 'https://pf.example';
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let otherKeys: Awaited<ReturnType<typeof generateKeyPair>>;
let judge: TenantJudge;

const good = () => ({ iss: 'sp-1', sub: 'sp-1', aud: AUDIENCE, jti: randomUUID(), iat: NOW, exp: NOW + 60 });

async function assertion(claims: Record<string, unknown>, options: { alg?: string; other?: boolean } = {}) {
  const key = options.other === true ? otherKeys.privateKey : keys.privateKey;
  return new SignJWT(claims).setProtectedHeader({ alg: options.alg ?? 'ES256', kid: 'k1' }).sign(key);
}

describe('bearer assertions of an sp', () => {
  beforeAll(async () => {
    keys = await generateKeyPair('ES256');
    otherKeys = await generateKeyPair('ES256');
    const seen = new Set<string>();
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' };
    judge = assertionTenants([{ tenant: 't1' as TenantId, clientId: 'sp-1', jwks: { keys: [jwk] } }], {
      audience: AUDIENCE,
      clock: { now: () => (NOW * 1000) as EpochMillis },
      replay: {
        forget: async () => undefined,
        remember: async (use, value) =>
          !seen.has(`${use}|${value}`) && seen.add(`${use}|${value}`) !== undefined,
        purge: async () => 0,
      },
    });
  });

  it('accepts a good one, once', async () => {
    const token = await assertion(good());
    expect(await judge(token)).toEqual({ tenant: 't1' });
    expect(await judge(token)).toBeUndefined();
  });

  it.each([
    ['another audience', { aud: 'https://other.example' }],
    ['iss and sub that differ', { sub: 'sp-2' }],
    ['an unknown client', { iss: 'sp-9', sub: 'sp-9' }],
    ['expired', { exp: NOW - 31 }],
    ['a life of over 300 s', { exp: NOW + 301 }],
    ['two audiences', { aud: [AUDIENCE, 'https://other.example'] }],
    ['an iat that is ahead', { iat: NOW + 31 }],
    ['no jti', { jti: undefined }],
    ['no exp', { exp: undefined }],
  ])('refuses %s', async (_name, change) => {
    expect(await judge(await assertion({ ...good(), ...change }))).toBeUndefined();
  });

  it('refuses every other spelling of the same octets, and still takes the one that was signed', async () => {
    const token = await assertion(good());
    const spellings = otherSpellings(token);
    expect(spellings.length).toBeGreaterThan(4);
    for (const [name, text] of spellings) expect([name, await judge(text)]).toEqual([name, undefined]);
    expect(await judge(token)).toEqual({ tenant: 't1' });
  });

  it.each(['header', 'claims'] as const)(
    'refuses a member that stands twice in the %s, rightly signed',
    async (part) => {
      const twice = (json: string, name: string) => json.replace('{', `{"${name}":"sp-9",`);
      const header = JSON.stringify({ alg: 'ES256', kid: 'k1' });
      const claims = JSON.stringify(good());
      const signed = [
        part === 'header' ? twice(header, 'kid') : header,
        part === 'claims' ? twice(claims, 'iss') : claims,
      ].map((text) => Buffer.from(text).toString('base64url'));
      const key = KeyObject.from(keys.privateKey as Parameters<typeof KeyObject.from>[0]);
      const value = sign('sha256', Buffer.from(signed.join('.')), { key, dsaEncoding: 'ieee-p1363' });
      expect(await judge([...signed, value.toString('base64url')].join('.'))).toBeUndefined();
    },
  );

  it('refuses another key and what is no JWT', async () => {
    expect(await judge(await assertion(good(), { other: true }))).toBeUndefined();
    expect(await judge('a.b.c')).toBeUndefined();
    expect(await judge('')).toBeUndefined();
  });
});
