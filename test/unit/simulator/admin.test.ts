import { generateKeyPairSync } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import {
  authorizationUrl,
  get,
  makeTestWorld,
  redirected,
  resultPath,
  signOnce,
  type TestWorld,
} from './relying-party.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());

async function send(
  path: string,
  body?: unknown,
  method = 'POST',
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${world.simulator.url}/simulator/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  expect(response.headers.get('x-simulator')).toBe('not-part-of-the-service');
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
  };
}

const client = {
  clientId: 'fresh',
  jwks: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  redirectUris: ['https://fresh.invalid/cb'],
  variant: 'government',
};

describe('the admin API', () => {
  it('registers a client', async () => {
    expect((await send('clients', client)).status).toBe(201);
    const url = authorizationUrl(world, {
      client_id: 'fresh',
      redirect_uri: 'https://fresh.invalid/cb',
      scope: 'openid',
    });
    expect(redirected(await driveCitizen(url))).toHaveProperty('code');
  });

  it.each([
    [{ ...client, variant: 'both' }, 'variant'],
    [{ ...client, redirectUris: [] }, 'redirectUris'],
    [
      {
        ...client,
        pfPublicKey: { kty: 'EC', use: 'enc', alg: 'ECDH-ES', crv: 'P-384', x: 'x', y: 'y', kid: 'k' },
      },
      'pfPublicKey.crv',
    ],
    [
      { ...client, pfPublicKey: { kty: 'EC', use: 'enc', alg: 'ECDH-ES', crv: 'P-256', x: 'x', y: 'y' } },
      'pfPublicKey.kid',
    ],
    [
      {
        ...client,
        pfPublicKey: {
          kty: 'EC',
          use: 'enc',
          alg: 'ECDH-ES',
          crv: 'P-256',
          x: 'x',
          y: 'y',
          kid: 'k',
          d: 'd',
        },
      },
      'pfPublicKey',
    ],
    [{ ...client, surprise: 1 }, ''],
  ])('refuses a client that is not right: %#', async (body, at) => {
    const answer = await send('clients', body);
    expect([answer.status, (answer.body as { at: string }).at]).toEqual([400, at]);
  });

  it('chooses faults, lists and clears them', async () => {
    expect(await send('faults', { endpoint: 'userinfo', name: 'userinfo-4', times: 2 })).toEqual({
      status: 201,
      body: { pending: 2 },
    });
    expect((await get(world, '/api/realms/main/protocol/openid-connect/userinfo')).body['error']).toBe(
      'server_error',
    );
    const list = (await send('faults', undefined, 'GET')).body as { pending: number; rows: unknown[] };
    expect([list.pending, list.rows.length]).toEqual([1, 61]);
    expect((await send('faults', undefined, 'DELETE')).status).toBe(204);
    expect(world.simulator.faults.pending()).toBe(0);
    expect((await send('faults', { endpoint: 'userinfo', name: 'token-1' })).status).toBe(400);
    expect((await send('faults', { endpoint: 'nowhere', name: 'html' })).status).toBe(400);
  });

  it('lists people and gives the trust anchors', async () => {
    const people = (await send('people', undefined, 'GET')).body as {
      id: string;
      name: string;
      triesLeft: number;
    }[];
    expect(people.map(({ id }) => id)).toEqual(world.simulator.people.map(({ id }) => id));
    expect(people.every(({ name }) => name.startsWith('模擬'))).toBe(true);
    expect(people.find(({ id }) => id === 'locked')?.triesLeft).toBe(0);
    expect((await send('trust-anchors.pem', undefined, 'GET')).body).toBe(
      world.simulator.trustAnchorPems.join(''),
    );
  });

  it('revokes and restores a card', async () => {
    const errorOf = async () => {
      const { id, accessToken } = await signOnce(world, { clientId: 'gov' });
      return (await get(world, resultPath(id), accessToken)).body['error'];
    };
    expect(await errorOf()).toBe(undefined);
    expect((await send('cards/taro/revoke', { reason: 'superseded' })).status).toBe(204);
    expect(await errorOf()).toBe('revoked_certificate');
    expect((await send('cards/taro/restore')).status).toBe(204);
    expect(await errorOf()).toBe(undefined);
    expect((await send('cards/nobody/revoke')).status).toBe(404);
    expect((await send('cards/taro/revoke', { reason: 'bored' })).status).toBe(400);
  });

  it('answers loopback only, unless told otherwise', async () => {
    const address = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    if (address === undefined) return;
    for (const [adminAccess, status] of [
      ['loopback', 403],
      ['any', 200],
    ] as const) {
      const { simulator } = await makeTestWorld({ simulator: { host: '0.0.0.0', adminAccess } });
      const { port } = new URL(simulator.url);
      const response = await fetch(`http://${address}:${port}/simulator/people`);
      await response.arrayBuffer();
      await simulator.close();
      expect(response.status).toBe(status);
    }
  });
});
