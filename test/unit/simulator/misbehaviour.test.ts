import { verify, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { compactDecrypt } from 'jose/jwe/compact/decrypt';
import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ANSWER_FAULTS, type SimulatedEndpoint } from '../../../src/simulator/auth-and-sign/faults.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import {
  authorizationUrl,
  clientToken,
  DOCUMENT,
  exchange,
  get,
  makeTestWorld,
  openTransaction,
  PLAIN_DATA,
  postStart,
  postToken,
  redirected,
  resultPath,
  sha256,
  signOnce,
  startBody,
  type TestWorld,
  USERINFO_PATH,
} from './relying-party.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());
afterEach(() => world.simulator.faults.clear());

const CERTS = '/api/realms/main/protocol/openid-connect/certs';
const DISCOVERY = '/api/realms/main/.well-known/openid-configuration';

async function login(fault: string): Promise<Record<string, unknown>> {
  const { code } = redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid' })));
  world.simulator.faults.next('token', fault);
  return (await exchange(world, code ?? '')).body;
}

/** What a careful relying party finds; `good` when it finds nothing. */
async function judge(tokens: Record<string, unknown>): Promise<string> {
  const keys = createLocalJWKSet((await get(world, CERTS)).body as never);
  try {
    const { payload, protectedHeader } = await jwtVerify(String(tokens['id_token']), keys, {
      algorithms: ['ES256'],
      issuer: world.simulator.issuer,
      audience: 'rp',
      currentDate: new Date(world.clock.now),
      requiredClaims: ['exp', 'iat', 'nonce', 'at_hash', 'azp'],
    });
    if (protectedHeader.kid === undefined) return 'kid';
    if (payload['nonce'] !== 'nonce-1') return 'nonce';
    if (payload['azp'] !== 'rp' || payload.aud !== 'rp') return 'azp';
    if (Math.abs(Number(payload.iat) * 1000 - world.clock.now) > 600_000) return 'iat';
    const left = sha256(String(tokens['access_token'])).subarray(0, 16).toString('base64url');
    return payload['at_hash'] === left ? 'good' : 'at_hash';
  } catch (thrown) {
    const { code, claim } = thrown as { code: string; claim?: string };
    return claim ?? code;
  }
}

describe('wrong ID tokens', () => {
  it.each([
    ['wrong-at-hash', 'at_hash'],
    ['missing-at-hash', 'at_hash'],
    ['wrong-nonce', 'nonce'],
    ['missing-nonce', 'nonce'],
    ['wrong-kid', 'ERR_JWKS_NO_MATCHING_KEY'],
    ['missing-kid', 'kid'],
    ['alg-none', 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['alg-hs256', 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['alg-rs256', 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['wrong-signature', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['wrong-iss', 'iss'],
    ['wrong-aud', 'aud'],
    ['extra-aud', 'azp'],
    ['wrong-azp', 'azp'],
    ['old-iat', 'iat'],
    ['future-iat', 'iat'],
    ['expired', 'exp'],
    ['missing-exp', 'exp'],
    ['logout-token-as-id-token', 'nonce'],
    ['missing-id-token', 'ERR_JWS_INVALID'],
  ])('%s is found as %s, and the next token is good', async (fault, found) => {
    expect(await judge(await login(fault))).toBe(found);
    const { tokens } = await signOnce(world);
    expect(await judge(tokens)).toBe('good');
  });

  it('an unknown critical header, another subject, no access token, another token type', async () => {
    const critical = await login('crit-header');
    expect(decodeProtectedHeader(String(critical['id_token'])).crit).toEqual(['urn:simulator:unknown']);
    expect(await judge(critical)).toBe('ERR_JOSE_NOT_SUPPORTED');
    const { sub } = JSON.parse(
      Buffer.from(String((await login('wrong-sub'))['id_token']).split('.')[1] ?? '', 'base64url').toString(),
    ) as { sub: string };
    expect(sub).toBe('00000000-0000-0000-0000-000000000000');
    expect(await login('missing-access-token')).not.toHaveProperty('access_token');
    expect((await login('wrong-token-type'))['token_type']).toBe('DPoP');
  });

  it('rotates keys before a token: keys fetched earlier no longer fit, fresh ones do', async () => {
    const before = (await get(world, CERTS)).body;
    const tokens = await login('rotate');
    await expect(
      jwtVerify(String(tokens['id_token']), createLocalJWKSet(before as never)),
    ).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    });
    expect(await judge(tokens)).toBe('good');
  });
});

describe('wrong documents', () => {
  it('of discovery and JWKS', async () => {
    const { faults } = world.simulator;
    faults.next('discovery', 'wrong-issuer');
    expect((await get(world, DISCOVERY)).body['issuer']).not.toBe(world.simulator.issuer);
    faults.next('discovery', 'missing-jwks-uri');
    expect((await get(world, DISCOVERY)).body).not.toHaveProperty('jwks_uri');
    expect((await get(world, DISCOVERY)).body['issuer']).toBe(world.simulator.issuer);
    faults.next('jwks', 'empty-set');
    expect((await get(world, CERTS)).body['keys']).toEqual([]);
    faults.next('jwks', 'key-alg-rs256');
    const algorithms = (await get(world, CERTS)).body['keys'] as { alg: string }[];
    expect(algorithms.map(({ alg }) => alg)).toEqual(['RS256', 'RS256']);
    faults.next('jwks', 'without-kid');
    const unnamed = (await get(world, CERTS)).body['keys'] as { kid?: string }[];
    expect(unnamed.map(({ kid }) => kid)).toEqual([undefined, undefined]);
  });

  it.each([
    ['wrong-state', { state: 'state-1x' }],
    ['with-iss', { iss: 'https://issuer.invalid/' }],
    ['duplicate-code', { code: 'again' }],
  ])('of the redirect: %s', async (fault, expected) => {
    world.simulator.faults.next('authorization', fault);
    expect(redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid' })))).toMatchObject(
      expected,
    );
  });

  it.each(['missing-state', 'missing-code'])('of the redirect: %s', async (fault) => {
    world.simulator.faults.next('authorization', fault);
    const parameters = redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid' })));
    expect(parameters).not.toHaveProperty(fault.replace('missing-', ''));
  });

  it.each([
    [
      'address-parts',
      { address: { country: 'JP', street_address: expect.stringMatching('模擬') as string } },
    ],
    ['address-without-members', { address: {} }],
    ['birthdate-year', { birthdate: expect.stringMatching(/^\d{4}$/) as string }],
    ['empty-claims', { name: '', address: '', birthdate: null, gender: '' }],
  ])('of UserInfo, as any provider may write it: %s', async (fault, members) => {
    const { accessToken } = await signOnce(world, { scope: 'openid sign name address birthdate gender' });
    world.simulator.faults.next('userinfo', fault);
    const { body } = await get(world, USERINFO_PATH, accessToken);
    expect(body).toMatchObject({ sub: expect.any(String) as string, ...members });
  });

  it('UserInfo without a claim', async () => {
    const { accessToken } = await signOnce(world, { scope: 'openid sign name address' });
    world.simulator.faults.next('userinfo', 'missing-claims');
    expect(Object.keys((await get(world, USERINFO_PATH, accessToken)).body)).toEqual(['sub']);
  });

  it('UserInfo signed by the key of the ID tokens', async () => {
    const { accessToken } = await signOnce(world, { scope: 'openid sign name' });
    world.simulator.faults.next('userinfo', 'signed');
    const answer = await fetch(world.simulator.url + USERINFO_PATH, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(answer.headers.get('content-type')).toBe('application/jwt');
    const keys = createLocalJWKSet((await get(world, CERTS)).body as never);
    const { payload } = await jwtVerify(await answer.text(), keys, { audience: 'rp' });
    expect(payload).toMatchObject({ iss: world.simulator.issuer, name: expect.any(String) as string });
  });

  it('of UserInfo and the start answer', async () => {
    const { accessToken } = await signOnce(world, { scope: 'openid sign address' });
    const { faults } = world.simulator;
    for (const fault of ANSWER_FAULTS.userinfo) faults.next('userinfo', fault);
    expect((await get(world, USERINFO_PATH, accessToken)).body['sub']).toMatch(/^0{8}-/);
    expect((await get(world, USERINFO_PATH, accessToken)).body).not.toHaveProperty('sub');
    expect((await get(world, USERINFO_PATH, accessToken)).body['address']).toBeTypeOf('object');
    faults.clear('userinfo');
    const token = await clientToken(world);
    faults.next('start', 'missing-id');
    expect((await postStart(world, token, startBody(PLAIN_DATA))).body).toEqual({});
    faults.next('start', 'bad-id');
    expect((await postStart(world, token, startBody(PLAIN_DATA))).body['sign_transaction_id']).toBe(
      'not-a-transaction-id',
    );
    faults.next('start', 'foreign-id');
    const foreign = String(
      (await postStart(world, token, startBody(PLAIN_DATA))).body['sign_transaction_id'],
    );
    const location = await driveCitizen(authorizationUrl(world, { sign_transaction_id: foreign }));
    expect(redirected(location)['error_description']).toBe('Invalid parameter: sign_transaction_id');
  });
});

describe('wrong results', () => {
  async function fetchResult(fault: string): Promise<Record<string, unknown>> {
    const { id, accessToken } = await signOnce(world);
    world.simulator.faults.next('result', fault);
    return (await get(world, resultPath(id), accessToken)).body;
  }
  async function bundle(
    fault: string,
  ): Promise<{ readonly over: boolean; readonly members: readonly string[] }> {
    const { plaintext } = await compactDecrypt(
      String((await fetchResult(fault))['sign_certificate_jwe']),
      world.pfKey,
    );
    const members = JSON.parse(Buffer.from(plaintext).toString()) as Record<string, string>;
    const { publicKey } = new X509Certificate(Buffer.from(members['certificate'] ?? '', 'base64'));
    const signature = Buffer.from(members['signature'] ?? '', 'base64');
    return { over: verify('sha256', DOCUMENT, publicKey, signature), members: Object.keys(members) };
  }

  it('a clear certificate sent to a private client', async () => {
    expect(Object.keys(await fetchResult('clear-certificate')).sort()).toEqual(['certificate', 'signature']);
  });

  it.each(['foreign-key', 'damaged-jwe'])('%s cannot be opened', async (fault) => {
    const jwe = String((await fetchResult(fault))['sign_certificate_jwe']);
    await expect(compactDecrypt(jwe, world.pfKey)).rejects.toMatchObject({
      code: 'ERR_JWE_DECRYPTION_FAILED',
    });
  });

  it.each([
    ['enc-a128gcm', { enc: 'A128GCM' }],
    ['enc-a128cbc-hs256', { enc: 'A128CBC-HS256' }],
    ['enc-a256cbc-hs512', { enc: 'A256CBC-HS512' }],
    ['alg-key-wrap', { alg: 'ECDH-ES+A256KW' }],
    ['zip', { zip: 'DEF' }],
    ['wrong-kid', { kid: 'no-such-key' }],
  ])('%s stands in the header, and the JWE is otherwise whole', async (fault, header) => {
    const jwe = String((await fetchResult(fault))['sign_certificate_jwe']);
    expect(decodeProtectedHeader(jwe)).toMatchObject(header);
    expect((await compactDecrypt(jwe, world.pfKey)).plaintext.length).toBeGreaterThan(2000);
  });

  it('a damaged signature, another certificate, the other mode, no signature', async () => {
    expect(await bundle('enc-a128gcm')).toEqual({ over: true, members: ['certificate', 'signature'] });
    for (const fault of ['damaged-signature', 'other-certificate', 'other-mode']) {
      expect((await bundle(fault)).over).toBe(false);
    }
    expect((await bundle('missing-signature')).members).toEqual(['certificate']);
  });
});

describe('wrong transport, at any endpoint', () => {
  const fetchDiscovery = () => fetch(world.simulator.url + DISCOVERY);

  it.each([
    ['html', 200, 'text/html;charset=UTF-8', /^<!doctype html>/],
    ['html-error', 502, 'text/html;charset=UTF-8', /502 Bad Gateway/],
    ['empty', 200, 'application/json; charset=utf-8', /^$/],
    ['not-json', 200, 'application/json; charset=utf-8', /^\{"error":$/],
    ['maintenance', 503, 'application/json;charset=UTF-8', /service_temporarily_unavailable/],
    ['rate-limit', 429, 'application/json;charset=UTF-8', /too_many_requests/],
  ])('%s', async (fault, status, type, text) => {
    world.simulator.faults.next('discovery', fault);
    const response = await fetchDiscovery();
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
    expect(await response.text()).toMatch(text);
  });

  it('delays, and cuts the connection', async () => {
    world.simulator.faults.next('discovery', 'delay', { milliseconds: 40 });
    const before = performance.now();
    expect((await fetchDiscovery()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThanOrEqual(35);
    world.simulator.faults.next('discovery', 'cut');
    await expect(fetchDiscovery().then((response) => response.text())).rejects.toThrow();
  });

  it('loses the answer after processing: the code is used up', async () => {
    const { code } = redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid' })));
    world.simulator.faults.next('token', 'timeout-after-processing', { milliseconds: 10 });
    await expect(exchange(world, code ?? '')).rejects.toThrow();
    expect((await exchange(world, code ?? '')).body['error_description']).toBe('Code not valid');
    world.simulator.faults.next('start', 'cut-after-processing');
    await expect(openTransaction(world, PLAIN_DATA)).rejects.toThrow();
    expect((await postToken(world, { grant_type: 'client_credentials', scope: 'sign' })).status).toBe(200);
  });

  it('knows every fault that it announces', () => {
    for (const [endpoint, names] of Object.entries(ANSWER_FAULTS)) {
      for (const name of names) world.simulator.faults.next(endpoint as SimulatedEndpoint, name);
    }
    expect(world.simulator.faults.pending()).toBe(Object.values(ANSWER_FAULTS).flat().length);
    world.simulator.faults.clear('token');
    expect(world.simulator.faults.pending('token')).toBe(0);
  });
});
