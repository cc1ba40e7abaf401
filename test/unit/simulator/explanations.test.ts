import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { type Explanation, explanationLine } from '../../../src/simulator/explanation.ts';
import {
  assertion,
  authorizationUrl,
  BASE_TIME,
  exchange,
  makeTestWorld,
  postToken,
  REDIRECT_URI,
  redirected,
  signOnce,
  type TestWorld,
} from './relying-party.ts';

// What the developer of a client is told beside the service's own words.
let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
beforeEach(() => {
  world.clock.now = BASE_TIME;
});
afterAll(() => world.simulator.close());

const now = BASE_TIME / 1000;
const credentials = { grant_type: 'client_credentials', scope: 'sign' };

function last(): Explanation {
  const explanation = world.simulator.journal[0]?.explanation;
  if (explanation === undefined) throw new Error('The last request was not explained.');
  return explanation;
}

async function toldOf(claims: Record<string, unknown>, key = world.clientKey) {
  const client_assertion = await assertion(world, 'rp', claims, key);
  const { body, status } = await postToken(world, { ...credentials, client_assertion });
  return {
    answer: [status, body['error'], body['error_description']],
    told: status === 200 ? undefined : last(),
  };
}

describe('an assertion', () => {
  // ASSUMPTION: where the guideline is silent, as strict as Keycloak (facts clients.md, section 5)
  it.each([
    ['iat 16 s ahead', { iat: now + 16 }, 'iat', 'issued in the future'],
    ['iat an hour ago', { iat: now - 3600, exp: now + 60 }, 'iat', 'too far in the past'],
    ['two audiences', { aud: ['https://a.example', 'https://b.example'] }, 'aud', 'Multiple audiences'],
    ['no iat, exp 61 s ahead', { exp: now + 61 }, 'exp', 'iat claim not present'],
    ['no jti', { jti: undefined }, 'jti', 'jti claim is required'],
    ['no exp', { exp: undefined }, 'exp', 'exp claim is required'],
    ['an end that has come', { exp: now }, 'exp', 'not active'],
    ['a beginning to come', { nbf: now + 16 }, 'nbf', 'not active'],
    ['another audience', { aud: 'https://a.example' }, 'aud', 'Invalid token audience'],
    ['another sub', { sub: 'other' }, 'sub', 'RFC 7523'],
    ['another iss', { iss: 'other' }, 'iss', 'RFC 7523'],
  ])(
    'with %s is refused with the reason, and one sentence goes over the wire',
    async (_name, claims, claim, source) => {
      const { answer, told } = await toldOf(claims);
      expect(answer).toEqual([400, 'invalid_client', 'Invalid client credentials']);
      expect(told?.parameter).toBe(`client_assertion ${claim}`);
      expect(told?.source).toContain(source);
    },
  );

  it.each([
    ['iat 15 s ahead', { iat: now + 15 }],
    ['iat a minute ago', { iat: now - 60 }],
    ['no iat, exp 60 s ahead', { exp: now + 60 }],
    ['one audience in a list', { aud: ['AUD'] }],
  ])('with %s is taken', async (_name, claims) => {
    const aud = 'aud' in claims ? { aud: [world.simulator.issuer] } : {};
    expect((await toldOf({ ...claims, ...aud })).answer[0]).toBe(200);
  });

  it('that came before, or by a key that nobody registered, is named so', async () => {
    const jti = randomUUID();
    await toldOf({ jti });
    expect((await toldOf({ jti })).told?.came.en).toBe('it was used already');
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect((await toldOf({}, stranger)).told?.parameter).toBe('client_assertion signature');
    await postToken(world, { ...credentials, client_assertion: 'secret' });
    expect(last().parameter).toBe('client_assertion');
  });

  it('without client_id beside it is told what RFC 7521 allows and this service does not', async () => {
    await postToken(world, { ...credentials, client_id: undefined });
    expect(explanationLine(last())).toMatch(/^client_id: it is missing; RFC 7521 .* this service does not/);
  });
});

describe('an authorization request', () => {
  it.each([
    ['state', 's'.repeat(312), 'it has 312 characters', 'takes 1 to 255 characters'],
    ['nonce', '状態', 'character 1 is U+72B6', 'takes 1 to 255 characters'],
    ['code_challenge', 'padded=', 'character 7 is U+003D', 'base64url'],
    ['code_challenge_method', 'plain', 'it is "plain"', '"S256"'],
    ['scope', 'openid email', 'it has "email"', 'no profile, email'],
    ['response_type', 'id_token', 'it is "id_token"', '"code"'],
  ])('with a wrong %s is told what came and the rule', async (name, value, came, rule) => {
    await driveCitizen(authorizationUrl(world, { scope: 'openid', [name]: value }));
    const told = last();
    expect([told.parameter, told.came.en]).toEqual([name, came]);
    expect(told.rule.en).toContain(rule);
    expect(told.source).not.toBe('');
  });

  it('with another redirect URI is told the registered ones', async () => {
    await fetch(authorizationUrl(world, { redirect_uri: `${REDIRECT_URI}/` }));
    expect(last().came.en).toBe(`it is "${REDIRECT_URI}/"`);
    expect(last().rule.en).toContain(REDIRECT_URI);
  });
});

it('a code that comes twice is told apart from one that nobody gave', async () => {
  const code = redirected(await driveCitizen(authorizationUrl(world, { scope: 'openid' })))['code'] ?? '';
  await exchange(world, code);
  await exchange(world, code);
  expect(last().came.en).toContain('used already');
  await exchange(world, 'nobody-gave-it');
  expect(last().came.en).toContain('not known');
});

it('what the logout endpoint of a client answered is told', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"error":"invalid_request","error_description":"typ is not logout+jwt"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const own = await makeTestWorld({ client: { backchannelLogoutUri: `http://127.0.0.1:${port}/logout` } });
  await signOnce(own);
  await own.simulator.logout({ person: 'taro' });
  const [entry] = own.simulator.journal;
  expect(entry?.endpoint).toBe('logout');
  expect(entry?.explanation?.came.en).toContain('answered 400: invalid_request, typ is not logout+jwt');
  server.close();
  await own.simulator.close();
});

it('nothing that must stay secret stands in the journal', async () => {
  const client_assertion = await assertion(world, 'rp', { aud: 'https://a.example' });
  const { accessToken } = await signOnce(world);
  await postToken(world, { ...credentials, client_assertion });
  const text = JSON.stringify(world.simulator.journal);
  for (const secret of [client_assertion, client_assertion.split('.')[2] ?? '', accessToken, '模擬 太郎'])
    expect(text).not.toContain(secret);
});
