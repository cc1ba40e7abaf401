import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressThatPageLeadsTo, driveCitizen } from '../../../src/simulator/citizen.ts';
import {
  authorizationUrl,
  exchange,
  get,
  makeTestWorld,
  redirected,
  signOnce,
  type TestWorld,
  USERINFO_PATH,
} from './relying-party.ts';

// What OpenID Connect and OAuth demand of every provider, and stock libraries use.
let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());

const DISCOVERY = '/api/realms/main/.well-known/openid-configuration';

/** The request as a form, and the simulator's answer. */
async function posted(parameters: Record<string, string>): Promise<Response> {
  const { origin, pathname, searchParams } = new URL(
    authorizationUrl(world, { scope: 'openid', ...parameters }),
  );
  return fetch(origin + pathname, { method: 'POST', body: searchParams, redirect: 'manual' });
}

const asked = () => world.simulator.journal[0];

describe('the authorization endpoint', () => {
  it('takes POST (Core 3.1.2.1), and what follows is the same login', async () => {
    const answer = await posted({});
    expect(answer.status).toBe(200);
    const html = await answer.text();
    const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(html) ?? [];
    const [, interaction = ''] = /name="interaction" value="([^"]+)"/.exec(html) ?? [];
    const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';');
    const done = await fetch(action, {
      ...{ method: 'POST', headers: { cookie } },
      body: new URLSearchParams({ interaction, person: 'hanako', outcome: 'sign' }),
    });
    const { code } = redirected(addressThatPageLeadsTo(await done.text()) ?? '');
    expect((await exchange(world, code ?? '')).status).toBe(200);
  });

  it('an error after a form goes back by a page, with the words of the redirect and a line in the journal', async () => {
    const state = 'x'.repeat(256);
    const answer = await posted({ state });
    expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
    const back = redirected(addressThatPageLeadsTo(await answer.text()) ?? '');
    expect(back).toMatchObject({ error: 'invalid_request', error_description: 'Invalid parameter: state' });
    expect(asked()?.explanation).toMatchObject({ parameter: 'state', came: { en: 'it has 256 characters' } });
  });

  it.each(['none', 'login none'])(
    'prompt=%s is login_required: nobody is let in without a card',
    async (prompt) => {
      const answer = await fetch(authorizationUrl(world, { scope: 'openid', prompt }), {
        redirect: 'manual',
      });
      expect(answer.status).toBe(302);
      const back = redirected(answer.headers.get('location') ?? '');
      expect(back).toEqual({ error: 'login_required', state: expect.any(String) as string });
      expect(asked()?.explanation).toMatchObject({ parameter: 'prompt', assumption: true });
    },
  );

  it('prompt=login leads on', async () => {
    const location = await driveCitizen(authorizationUrl(world, { scope: 'openid', prompt: 'login' }));
    expect(redirected(location)).toHaveProperty('code');
  });
});

describe('metadata and UserInfo', () => {
  it('RS256 is among the algorithms, as Discovery 1.0 section 3 demands of every provider', async () => {
    const { body } = await get(world, DISCOVERY);
    expect(body['id_token_signing_alg_values_supported']).toEqual(['ES256', 'RS256']);
  });

  it('takes the token in a form’s body, and not in two places (RFC 6750 section 2.2)', async () => {
    const { accessToken } = await signOnce(world, { scope: 'openid sign name' });
    const send = (headers: Record<string, string>) =>
      fetch(world.simulator.url + USERINFO_PATH, {
        ...{ method: 'POST', headers, body: new URLSearchParams({ access_token: accessToken }) },
      });
    const good = await send({});
    expect([good.status, await good.json()]).toEqual([200, expect.objectContaining({ name: '模擬 太郎' })]);
    const twice = await send({ authorization: `Bearer ${accessToken}` });
    expect(twice.status).toBe(401);
    expect(asked()?.explanation).toMatchObject({ parameter: 'Authorization' });
  });
});
