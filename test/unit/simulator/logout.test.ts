import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, makeTestWorld, postToken, signOnce, type TestWorld, USERINFO_PATH } from './relying-party.ts';

interface Received {
  readonly type: string | undefined;
  readonly token: string;
}

let world: TestWorld;
let server: Server;
const received: Received[] = [];
let answer = 200;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1');
    });
    request.on('end', () => {
      received.push({
        type: request.headers['content-type'],
        token: new URLSearchParams(body).get('logout_token') ?? '',
      });
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  world = await makeTestWorld({ client: { backchannelLogoutUri: `http://127.0.0.1:${port}/logout` } });
});
afterAll(async () => {
  server.close();
  await world.simulator.close();
});

describe('back-channel logout', () => {
  it('posts an ES256 token with the claims of the guideline to every client with a session', async () => {
    const { tokens } = await signOnce(world, { person: 'hanako' });
    await signOnce(world, { person: 'hanako', clientId: 'gov' });
    const deliveries = await world.simulator.logout({ person: 'hanako' });
    expect(deliveries).toEqual([
      { clientId: 'rp', status: 200 },
      { clientId: 'gov', status: 200 },
    ]);
    const { type, token } = received[0] ?? { type: '', token: '' };
    expect(type).toBe('application/x-www-form-urlencoded');
    const keys = createLocalJWKSet(
      (await get(world, '/api/realms/main/protocol/openid-connect/certs')).body as never,
    );
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: ['ES256'],
      issuer: world.simulator.issuer,
      audience: 'rp',
      currentDate: new Date(world.clock.now),
    });
    expect(protectedHeader.typ).toBe('JWT');
    expect(Object.keys(payload).sort()).toEqual(['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    expect(payload['events']).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
    expect(payload['sid']).toBe(tokens['session_state']);
    expect(Number(payload.exp) - Number(payload.iat)).toBe(36_000);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) };
    expect((await postToken(world, refresh)).body['error_description']).toBe('Invalid refresh token');
    expect((await get(world, USERINFO_PATH, String(tokens['access_token']))).status).toBe(401);
    expect(await world.simulator.logout({ person: 'hanako' })).toEqual([]);
  });

  it('can be sent by sub to one client, as logout+jwt, with wrong claims, and tells the answer', async () => {
    const { tokens } = await signOnce(world);
    await signOnce(world, { clientId: 'gov' });
    const claims = JSON.parse(
      Buffer.from(String(tokens['id_token']).split('.')[1] ?? '', 'base64url').toString(),
    ) as { sub: string };
    answer = 400;
    const response = await fetch(`${world.simulator.url}/simulator/logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sub: claims.sub, typ: 'logout+jwt', claims: { nonce: 'x', sid: null } }),
    });
    expect(await response.json()).toEqual({ deliveries: [{ clientId: 'rp', status: 400 }] });
    const { token } = received.at(-1) ?? { token: '' };
    expect(decodeProtectedHeader(token).typ).toBe('logout+jwt');
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(payload).toMatchObject({ nonce: 'x' });
    expect(payload).not.toHaveProperty('sid');
  });

  it('sends nothing when nobody is named, and says 0 when the client cannot be reached', async () => {
    expect(await world.simulator.logout({})).toEqual([]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await signOnce(world, { person: 'kanji' });
    expect(await world.simulator.logout({ person: 'kanji' })).toEqual([{ clientId: 'rp', status: 0 }]);
  });
});
