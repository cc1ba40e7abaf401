import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { compactDecrypt } from 'jose/jwe/compact/decrypt';
import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DIGEST_INFO_DATA,
  DOCUMENT,
  get,
  makeTestWorld,
  PLAIN_DATA,
  resultPath,
  sha256,
  signOnce,
  type TestWorld,
  USERINFO_PATH,
} from './relying-party.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());

interface Opened {
  readonly certificate: X509Certificate;
  readonly signature: Buffer;
}

async function openJwe(body: Record<string, unknown>): Promise<Opened> {
  const { plaintext } = await compactDecrypt(String(body['sign_certificate_jwe']), world.pfKey);
  return openClear(JSON.parse(Buffer.from(plaintext).toString('utf8')) as Record<string, unknown>);
}

function openClear(body: Record<string, unknown>): Opened {
  return {
    certificate: new X509Certificate(Buffer.from(String(body['certificate']), 'base64')),
    signature: Buffer.from(String(body['signature']), 'base64'),
  };
}

describe('the signing flow, from start to result', () => {
  it('gives a private client one ECDH-ES JWE to the registered key, without apu and apv', async () => {
    const { id, accessToken } = await signOnce(world);
    const { status, body } = await get(world, resultPath(id), accessToken);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['sign_certificate_jwe']);
    const jwe = String(body['sign_certificate_jwe']);
    const { epk, ...header } = decodeProtectedHeader(jwe);
    expect(header).toEqual({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'pf-1' });
    expect(epk).toMatchObject({ kty: 'EC', crv: 'P-256' });
    expect(jwe.split('.')[1]).toBe('');
  });

  // facts 1.7: which octets the signature covers, for each mode
  it.each([
    ['digest-info', DIGEST_INFO_DATA, true, false],
    ['digest', PLAIN_DATA, false, true],
  ])('%s: the signature covers what the guideline says', async (_mode, data, overDocument, overHash) => {
    const { id, accessToken } = await signOnce(world, { data });
    const { certificate, signature } = await openJwe((await get(world, resultPath(id), accessToken)).body);
    const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
    expect(verify('sha256', DOCUMENT, key, signature)).toBe(overDocument);
    expect(verify('sha256', sha256(DOCUMENT), key, signature)).toBe(overHash);
    expect(certificate.checkIssued(new X509Certificate(world.simulator.trustAnchorPem))).toBe(true);
    expect(certificate.verify(new X509Certificate(world.simulator.trustAnchorPem).publicKey)).toBe(true);
  });

  it('gives a government client certificate and signature in clear', async () => {
    const { id, accessToken } = await signOnce(world, { clientId: 'gov', person: 'hanako' });
    const { status, body } = await get(world, resultPath(id), accessToken);
    expect(status).toBe(200);
    const { certificate, signature } = openClear(body);
    expect(verify('sha256', DOCUMENT, certificate.publicKey, signature)).toBe(true);
  });

  it('re-hashes any data that is not exactly the SHA-256 DigestInfo', async () => {
    const sha1Info = Buffer.from('3021300906052b0e03021a05000414', 'hex');
    const data = Buffer.concat([sha1Info, createHash('sha1').update(DOCUMENT).digest()]);
    const { id, accessToken } = await signOnce(world, { data: data.toString('base64') });
    const { certificate, signature } = await openJwe((await get(world, resultPath(id), accessToken)).body);
    expect(verify('sha256', data, certificate.publicKey, signature)).toBe(true);
    expect(verify('sha1', DOCUMENT, certificate.publicKey, signature)).toBe(false);
  });
});

describe('tokens', () => {
  it('issues an ES256 ID token with the claims of the guideline and a matching at_hash', async () => {
    const { tokens, accessToken } = await signOnce(world);
    const { body } = await get(world, '/api/realms/main/protocol/openid-connect/certs');
    const keys = createLocalJWKSet(body as never);
    const { payload, protectedHeader } = await jwtVerify(String(tokens['id_token']), keys, {
      algorithms: ['ES256'],
      issuer: world.simulator.issuer,
      audience: 'rp',
      currentDate: new Date(world.clock.now),
    });
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'JWT' });
    expect(Object.keys(payload).sort()).toEqual(
      [
        'at_hash',
        'aud',
        'auth_time',
        'azp',
        'exp',
        'iat',
        'iss',
        'jti',
        'nonce',
        'session_state',
        'sid',
        'sub',
        'typ',
      ].sort(),
    );
    const left = sha256(accessToken).subarray(0, 16).toString('base64url');
    expect(payload).toMatchObject({ typ: 'ID', azp: 'rp', aud: 'rp', nonce: 'nonce-1', at_hash: left });
    expect(payload['sid']).toBe(tokens['session_state']);
    expect(payload.sub).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'openid sign' });
  });

  it('gives each client its own subject, the same at every login', async () => {
    const subjects = await Promise.all(
      ['rp', 'rp', 'gov'].map(async (clientId) => {
        const { accessToken } = await signOnce(world, { clientId });
        return (await get(world, USERINFO_PATH, accessToken)).body['sub'];
      }),
    );
    expect(subjects[0]).toBe(subjects[1]);
    expect(subjects[0]).not.toBe(subjects[2]);
  });

  it('gives UserInfo only what was granted, as flat strings', async () => {
    const { accessToken } = await signOnce(world, {
      scope: 'openid sign name birthdate gender',
      person: 'kanji',
    });
    const { status, body } = await get(world, USERINFO_PATH, accessToken);
    expect(status).toBe(200);
    const { sub: _sub, ...rest } = body;
    expect(rest).toEqual({ name: '模擬 \u{20BB7}\u9AD9\u845B\u{E0100}', birthdate: '20190501', gender: '3' });
  });
});
