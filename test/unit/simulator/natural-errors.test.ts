import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { otherSpellings } from '../../support/compact-spellings.ts';
import {
  type Answered,
  assertion,
  authorizationUrl,
  BASE_TIME,
  clientToken,
  DIGEST_INFO_DATA,
  exchange,
  get,
  makeTestWorld,
  openTransaction,
  postStart,
  postToken,
  REDIRECT_URI,
  redirected,
  resultPath,
  signOnce,
  startBody,
  type TestWorld,
  USERINFO_PATH,
} from './relying-party.ts';

// Each row where the guideline says the request itself causes it: nothing is switched on here.
let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
beforeEach(() => {
  world.clock.now = BASE_TIME;
});
afterAll(() => {
  // whatever was refused in this file, its developer was told: which parameter, what came, the rule, where it is written
  const refused = world.simulator.journal.filter(({ error, status }) => error !== undefined || status >= 400);
  expect(refused.length).toBeGreaterThan(40);
  expect(refused.filter(({ explanation }) => explanation === undefined)).toEqual([]);
  return world.simulator.close();
});

const seen = ({ status, body }: Answered) => [status, body['error'], body['error_description']];

describe('authorization endpoint', () => {
  const missing = ['response_type', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method'];
  it.each(missing)('Missing parameter: %s', async (name) => {
    const location = await driveCitizen(authorizationUrl(world, { scope: 'openid', [name]: undefined }));
    expect(redirected(location)).toMatchObject({
      error: 'invalid_request',
      error_description: `Missing parameter: ${name}`,
    });
  });

  it.each([
    ['state', ''],
    ['state', '状態'],
    ['nonce', 'n'.repeat(256)],
    ['code_challenge', 'padded='],
    ['code_challenge_method', 'plain'],
    ['sign_transaction_id', 'not-a-uuid'],
    ['sign_transaction_id', '37a52ac8-b232-ebac-a454-04d68916489f'],
  ])('Invalid parameter: %s', async (name, value) => {
    const location = await driveCitizen(
      authorizationUrl(world, {
        [name]: value,
        ...(name === 'sign_transaction_id' ? {} : { scope: 'openid' }),
      }),
    );
    expect(redirected(location)['error_description']).toBe(`Invalid parameter: ${name}`);
  });

  it.each([
    [{ response_type: '' }, { error: 'unsupported_response_type', state: 'state-1' }],
    [{ response_type: 'code id_token' }, { error: 'unsupported_response_type', state: 'state-1' }],
    [{ response_type: 'token' }, { error: 'unauthorized_client' }],
    [
      { scope: 'openid email' },
      { error: 'invalid_scope', error_description: 'Invalid scopes: openid email' },
    ],
    [{ scope: 'name' }, { error: 'invalid_scope', error_description: 'Invalid scopes: name' }],
    [{ client_id: 'stopped' }, { error: 'invalid_request', error_description: 'Client disabled' }],
    [{ scope: 'openid sign' }, { error_description: 'Missing parameter: sign_transaction_id' }],
  ])('%o', async (parameters, expected) => {
    expect(
      redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid', ...parameters }))),
    ).toMatchObject(expected);
  });

  it.each([
    { redirect_uri: `${REDIRECT_URI}/` },
    { redirect_uri: undefined },
    { client_id: 'nobody' },
    { client_id: undefined },
  ])('shows %o in the browser and never redirects', async (parameters) => {
    const response = await fetch(authorizationUrl(world, parameters), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it("refuses another client's transaction", async () => {
    const id = await openTransaction(world, DIGEST_INFO_DATA, 'other');
    const location = await driveCitizen(authorizationUrl(world, { sign_transaction_id: id }));
    expect(redirected(location)['error_description']).toBe('Invalid parameter: sign_transaction_id');
  });

  it.each([
    ['refuse', 'Consent rejected by user'],
    ['authentication-failed', 'Authentication failed'],
  ] as const)('%s', async (outcome, description) => {
    const location = await driveCitizen(authorizationUrl(world, { scope: 'openid' }), { outcome });
    expect(redirected(location)).toEqual({
      error: 'access_denied',
      error_description: description,
      state: 'state-1',
    });
  });

  it('redirects with code, state and session_state only', async () => {
    const location = await driveCitizen(authorizationUrl(world, { scope: 'openid' }));
    expect(Object.keys(redirected(location)).sort()).toEqual(['code', 'session_state', 'state']);
  });
});

describe('token endpoint', () => {
  const credentials = { grant_type: 'client_credentials', scope: 'sign' };
  const unusedCode = {
    grant_type: 'authorization_code',
    code: 'x',
    redirect_uri: REDIRECT_URI,
    code_verifier: 'v',
  };
  it.each([
    [
      { ...credentials, client_assertion: undefined },
      400,
      'invalid_client',
      'client_assertion parameter missing',
    ],
    [
      { ...credentials, client_assertion_type: undefined },
      400,
      'invalid_client',
      'Parameter client_assertion_type is missing',
    ],
    [{ ...credentials, client_id: undefined }, 400, 'invalid_client', 'Invalid client credentials'],
    [{ ...credentials, client_id: '' }, 400, 'invalid_client', 'Invalid client credentials'],
    [{ ...credentials, client_id: 'nobody' }, 400, 'invalid_client', 'Invalid client credentials'],
    [{ ...credentials, client_id: 'stopped' }, 400, 'unauthorized_client', 'Invalid client credentials'],
    [{ ...credentials, scope: '' }, 400, 'invalid_scope', 'Invalid scopes: '],
    [{ ...credentials, scope: 'sign admin' }, 400, 'invalid_scope', 'Invalid scopes: sign admin'],
    [{ ...credentials, scope: undefined }, 400, 'invalid_request', 'Missing parameter: scope'],
    [{ ...credentials, grant_type: undefined }, 400, 'invalid_request', 'Missing parameter: grant_type'],
    [{ ...credentials, grant_type: '' }, 400, 'unsupported_grant_type', 'Unsupported grant_type'],
    [{ ...credentials, grant_type: 'device' }, 400, 'unsupported_grant_type', 'Unsupported grant_type'],
    [{ grant_type: 'password' }, 400, 'unauthorized_client', 'Client not allowed for direct access grants'],
    [
      { ...unusedCode, client_assertion: undefined },
      401,
      'invalid_client',
      'Invalid client or Invalid client credentials',
    ],
    [
      { ...unusedCode, client_assertion_type: undefined },
      401,
      'invalid_client',
      'Invalid client or Invalid client credentials',
    ],
    [unusedCode, 400, 'invalid_grant', 'Code not valid'],
    [{ ...unusedCode, code: '' }, 400, 'invalid_grant', 'Code not valid'],
    [{ ...unusedCode, code: undefined }, 400, 'invalid_request', 'Missing parameter: code'],
    [{ grant_type: 'refresh_token' }, 400, 'invalid_request', 'No refresh token'],
    [{ grant_type: 'refresh_token', refresh_token: '' }, 400, 'invalid_grant', 'Invalid refresh token'],
    [{ grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant', 'Invalid refresh token'],
    [
      { grant_type: 'refresh_token', refresh_token: 'x', client_assertion: undefined },
      401,
      'invalid_client',
      'Invalid client or Invalid client credentials',
    ],
  ])('%o', async (form, ...expected) => {
    expect(seen(await postToken(world, form))).toEqual(expected);
  });

  const code = async () =>
    redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid' })))['code'] ?? '';

  it('takes a code once, for its client, with its redirect_uri and verifier, within its minute', async () => {
    const used = await code();
    const first = await exchange(world, used);
    const token = String(first.body['access_token']);
    expect((await get(world, USERINFO_PATH, token)).status).toBe(200);
    expect(seen(await exchange(world, used))[2]).toBe('Code not valid');
    // RFC 6749 section 4.1.2: the second use ends what the first one gave.
    expect((await get(world, USERINFO_PATH, token)).status).toBe(401);
    expect(seen(await exchange(world, await code(), 'other'))[2]).toBe('Code not valid');
    const with_ = async (form: Record<string, string | undefined>) =>
      seen(
        await postToken(world, {
          grant_type: 'authorization_code',
          code: await code(),
          redirect_uri: REDIRECT_URI,
          code_verifier: 'v'.repeat(43),
          ...form,
        }),
      )[2];
    expect(await with_({ redirect_uri: undefined })).toBe('Incorrect redirect_uri');
    expect(await with_({ redirect_uri: `${REDIRECT_URI}?x` })).toBe('Incorrect redirect_uri');
    expect(await with_({ code_verifier: 'w'.repeat(43) })).toBe('PKCE invalid code verifier');
    expect(await with_({ code_verifier: undefined })).toBe('Missing parameter: code_verifier');
    const late = await code();
    world.clock.now += 61_000;
    expect(seen(await exchange(world, late))[2]).toBe('Code not valid');
  });

  it('tells an expired refresh token from an unknown one, and refreshes without a nonce', async () => {
    const { body } = await exchange(world, await code());
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) };
    const again = await postToken(world, refresh);
    const claims = JSON.parse(
      Buffer.from(String(again.body['id_token']).split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(again.status).toBe(200);
    expect(claims).not.toHaveProperty('nonce');
    expect(seen(await postToken(world, refresh, 'other'))[2]).toBe('Invalid refresh token');
    world.clock.now += 1_801_000;
    expect(seen(await postToken(world, refresh))[2]).toBe('Refresh token expired');
  });

  it('refuses assertions that are replayed, expired, for another audience, by another key or for another client', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const now = BASE_TIME / 1000;
    const jti = randomUUID();
    expect(
      (await postToken(world, { ...credentials, client_assertion: await assertion(world, 'rp', { jti }) }))
        .status,
    ).toBe(200);
    const bad = [
      await assertion(world, 'rp', { jti }),
      await assertion(world, 'rp', { exp: now - 1 }),
      await assertion(world, 'rp', { exp: undefined }),
      await assertion(world, 'rp', { jti: undefined }),
      await assertion(world, 'rp', { aud: `${world.simulator.issuer}/protocol/openid-connect/token/` }),
      await assertion(world, 'rp', { sub: 'other' }),
      await assertion(world, 'other'),
      ...otherSpellings(await assertion(world, 'rp')).map(([, text]) => text),
      await assertion(world, 'rp', {}, stranger),
      'not-a-jwt',
    ];
    for (const client_assertion of bad) {
      expect((await postToken(world, { ...credentials, client_assertion })).body['error']).toBe(
        'invalid_client',
      );
    }
    const issuerAsAudience = await assertion(world, 'rp', { aud: world.simulator.issuer });
    expect((await postToken(world, { ...credentials, client_assertion: issuerAsAudience })).status).toBe(200);
  });
});

describe('start endpoint', () => {
  const good = startBody(DIGEST_INFO_DATA);
  it.each([
    [{ ...good, client_id: undefined }, 'クライアントIDが設定されていません。'],
    [{ ...good, client_id: '' }, 'クライアントIDが設定されていません。'],
    [{ ...good, client_id: 'a'.repeat(256) }, 'クライアントIDの桁数が不正です。'],
    [{ ...good, name: '' }, '署名対象データ名が設定されていません。'],
    [{ ...good, name: 'あ'.repeat(101) }, '署名対象データ名の桁数が不正です。'],
    [{ ...good, code: undefined }, '署名対象識別コードが設定されていません。'],
    [{ ...good, code: 'A'.repeat(21) }, '署名対象識別コードの桁数が不正です。'],
    [{ ...good, data: '' }, '署名対象ハッシュ値が設定されていません。'],
    [{ ...good, data: '署名' }, '署名対象ハッシュ値がエンコードされていません。'],
    [{ ...good, data: 'AAA' }, '署名対象ハッシュ値がエンコードされていません。'],
    ['not json', 'クライアントIDが設定されていません。'],
  ])('%o', async (body, item) => {
    const answer = await postStart(world, await clientToken(world), body);
    expect([...seen(answer), answer.body['item']]).toEqual([
      400,
      'invalid_request',
      'パラメータエラー。',
      item,
    ]);
  });

  it('refuses the id of another client, a citizen token and an expired token', async () => {
    const token = await clientToken(world);
    const other = await postStart(world, token, { ...good, client_id: 'other' });
    expect([...seen(other), other.body['item']]).toEqual([
      400,
      'invalid_request',
      'クライアントIDが不正です。',
      undefined,
    ]);
    const { accessToken } = await signOnce(world);
    const unscoped = await postStart(world, accessToken, good);
    expect([...seen(unscoped), unscoped.body['item']]).toEqual([
      401,
      'invalid_grant',
      undefined,
      '権限がありません。',
    ]);
    world.clock.now += 900_000;
    expect(seen(await postStart(world, token, good))).toEqual([
      401,
      'invalid_token',
      'Token verification failed',
    ]);
  });

  it('answers system_error, without a stack, to a body that it cannot read', async () => {
    const answer = await postStart(world, await clientToken(world), 'x'.repeat(70_000));
    expect([answer.status, answer.body]).toEqual([500, { error: 'system_error' }]);
    const form = await postToken(world, { grant_type: 'x'.repeat(70_000) });
    expect([form.status, form.body]).toEqual([500, { error: 'unknown_error' }]);
  });

  it('does not notice a hash of a wrong length', async () => {
    expect((await postStart(world, await clientToken(world), startBody('AAAA'))).status).toBe(200);
  });
});

describe('result endpoint', () => {
  it.each([
    ['malformed', 'invalid_certificat'],
    ['expired', 'expired_certificate'],
    ['wrong-person', 'certificate_not_match'],
    ['locked', 'locked_certificate'],
    ['not-installed', 'not_installed_certificate'],
    ['revoked', 'revoked_certificate'],
    ['not-signed', 'invalid_request'],
  ] as const)('outcome %s surfaces here after a good redirect', async (outcome, error) => {
    const { id, accessToken } = await signOnce(world, { outcome });
    expect(seen(await get(world, resultPath(id), accessToken))).toEqual([400, error, undefined]);
  });

  it.each([
    ['malformed', 'invalid_certificat'],
    ['expired', 'expired_certificate'],
    ['locked', 'locked_certificate'],
    ['not-installed', 'not_installed_certificate'],
  ])('the card of %s causes it by itself', async (person, error) => {
    const { id, accessToken } = await signOnce(world, { person });
    expect((await get(world, resultPath(id), accessToken)).body['error']).toBe(error);
  });

  it('checks revocation for government only', async () => {
    const gov = await signOnce(world, { person: 'revoked', clientId: 'gov' });
    expect((await get(world, resultPath(gov.id), gov.accessToken)).body['error']).toBe('revoked_certificate');
    const rp = await signOnce(world, { person: 'revoked' });
    expect((await get(world, resultPath(rp.id), rp.accessToken)).status).toBe(200);
  });

  it('notices the card of another person, and can say a card failure on the redirect', async () => {
    const { id, accessToken } = await signOnce(world, { person: 'taro', signer: 'hanako' });
    expect((await get(world, resultPath(id), accessToken)).body['error']).toBe('certificate_not_match');
    const url = authorizationUrl(world, {
      sign_transaction_id: await openTransaction(world, DIGEST_INFO_DATA),
    });
    const location = await driveCitizen(url, { person: 'locked', surface: 'redirect' });
    expect(redirected(location)['error_description']).toBe('Authentication failed');
  });

  it("keeps results from other people's and other clients' tokens, unscoped tokens and client tokens", async () => {
    const { id, accessToken } = await signOnce(world);
    const hanako = await signOnce(world, { person: 'hanako' });
    const other = await signOnce(world, { clientId: 'other' });
    for (const token of [hanako.accessToken, other.accessToken]) {
      expect(seen(await get(world, resultPath(id), token))).toEqual([400, 'invalid_request', undefined]);
    }
    const login = redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid' })))['code'] ?? '';
    const unscoped = String((await exchange(world, login)).body['access_token']);
    for (const token of [unscoped, await clientToken(world)]) {
      expect(seen(await get(world, resultPath(id), token))).toEqual([401, 'invalid_grant', undefined]);
    }
    for (const token of ['x', undefined]) {
      expect(seen(await get(world, resultPath(id), token))).toEqual([
        401,
        'invalid_token',
        'Token verification failed',
      ]);
    }
    expect((await get(world, resultPath(id), accessToken)).status).toBe(200);
  });

  it('forgets a transaction that nobody signs, and a result after an hour', async () => {
    const url = authorizationUrl(world, {
      sign_transaction_id: await openTransaction(world, DIGEST_INFO_DATA),
    });
    const page = await fetch(url);
    expect(page.status).toBe(200);
    const id = await openTransaction(world, DIGEST_INFO_DATA);
    world.clock.now += 1_799_000;
    const { code } = redirected(
      await driveCitizen(authorizationUrl(world, { sign_transaction_id: id }), { outcome: 'not-signed' }),
    );
    world.clock.now += 2_000;
    const token = String((await exchange(world, code ?? '')).body['access_token']);
    expect((await get(world, resultPath(id), token)).body['error']).toBe('expired_sign_transaction');

    const signed = await signOnce(world);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(signed.tokens['refresh_token']) };
    world.clock.now += 1_790_000;
    const second = await postToken(world, refresh);
    world.clock.now += 1_790_000;
    const third = await postToken(world, { ...refresh, refresh_token: String(second.body['refresh_token']) });
    const fresh = String(third.body['access_token']);
    expect((await get(world, resultPath(signed.id), fresh)).status).toBe(200);
    world.clock.now += 21_000;
    expect((await get(world, resultPath(signed.id), fresh)).body['error']).toBe('invalid_request');
  });

  it('says when the platform operator has no key, or an expired one', async () => {
    const { simulator } = world;
    const base = { jwks: { keys: [] }, redirectUris: [REDIRECT_URI], variant: 'private' as const };
    const signed = await signOnce(world, { clientId: 'other' });
    simulator.registerClient({ ...base, clientId: 'other' });
    expect((await get(world, resultPath(signed.id), signed.accessToken)).body['error']).toBe(
      'invalid_pf_provider_public_key',
    );
    const pfPublicKey = {
      kty: 'EC',
      use: 'enc',
      alg: 'ECDH-ES',
      crv: 'P-256',
      x: 'A'.repeat(43),
      y: 'A'.repeat(43),
      kid: 'pf',
    } as const;
    simulator.registerClient({ ...base, clientId: 'other', pfPublicKey });
    expect(seen(await get(world, resultPath(signed.id), signed.accessToken))).toEqual([
      500,
      'encryption_error',
      'Certificate encryption error',
    ]);
    simulator.registerClient({
      ...base,
      clientId: 'other',
      pfPublicKey,
      pfPublicKeyExpiresAt: BASE_TIME as EpochMillis,
    });
    expect((await get(world, resultPath(signed.id), signed.accessToken)).body['error']).toBe(
      'expired_pf_provider_public_key',
    );
  });
});

describe('UserInfo endpoint', () => {
  it.each([undefined, 'x'])('refuses the token %s', async (token) => {
    expect(seen(await get(world, USERINFO_PATH, token))).toEqual([
      401,
      'invalid_token',
      'Token verification failed',
    ]);
  });

  it('refuses a client token and an expired one', async () => {
    const { accessToken } = await signOnce(world);
    expect((await get(world, USERINFO_PATH, await clientToken(world))).status).toBe(401);
    expect((await get(world, USERINFO_PATH, accessToken)).status).toBe(200);
    world.clock.now += 900_000;
    expect((await get(world, USERINFO_PATH, accessToken)).status).toBe(401);
  });
});
