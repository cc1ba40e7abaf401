import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addressThatPageLeadsTo, driveCitizen } from '../../../src/simulator/citizen.ts';
import {
  authorizationUrl,
  clientToken,
  DIGEST_INFO_DATA,
  get,
  makeTestWorld,
  openTransaction,
  postStart,
  redirected,
  resultPath,
  signOnce,
  startBody,
  type TestWorld,
} from './relying-party.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
beforeEach(() => fetch(`${world.simulator.url}/simulator/cards/taro/unlock`, { method: 'POST' }));
afterAll(() => world.simulator.close());

async function openPage(
  name = '利用規約 <script>&"',
): Promise<{ readonly response: Response; readonly html: string }> {
  const started = await postStart(world, await clientToken(world), { ...startBody(DIGEST_INFO_DATA), name });
  const id = String(started.body['sign_transaction_id']);
  const response = await fetch(authorizationUrl(world, { sign_transaction_id: id }));
  return { response, html: await response.text() };
}

function submit(
  html: string,
  cookie: string | undefined,
  fields: Record<string, string> = {},
): Promise<Response> {
  const interaction = /name="interaction" value="([^"]*)"/.exec(html)?.[1] ?? '';
  return fetch(`${world.simulator.issuer}/login-actions/authenticate`, {
    method: 'POST',
    redirect: 'manual',
    headers: cookie === undefined ? {} : { cookie },
    body: new URLSearchParams({ interaction, person: 'taro', outcome: 'sign', ...fields }),
  });
}

const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0];

describe('the consent and card page', () => {
  it('shows RP, document name and code, escaped, in Japanese, and says that it is a simulator', async () => {
    const { response, html } = await openPage();
    expect(response.status).toBe(200);
    expect(html).toContain('<html lang="ja">');
    expect(html).toMatch(/シミュレータ.*SIMULATOR/s);
    expect(html).toContain('data-testid="rp-name">模擬サービス &#60;&#38;&#62;<');
    expect(html).toContain('data-testid="display-name">利用規約 &#60;script&#62;&#38;&#34;<');
    expect(html).toContain('data-testid="identification-code">ABCD-1234<');
    expect(html).not.toContain('<script');
  });

  it('allows no script, no inline style, no frame, and forms only to itself: pages lead back', async () => {
    const { response, html } = await openPage();
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(html).not.toMatch(/ style=| on[a-z]+=/);
    const style = await fetch(`${world.simulator.url}/simulator/style.css`);
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  });

  it('counts once, and only with its cookie', async () => {
    const { response, html } = await openPage();
    expect((await submit(html, undefined)).status).toBe(400);
    expect((await submit(html, 'AUTH_SESSION_ID=other')).status).toBe(400);
    const first = await submit(html, cookieOf(response));
    expect(addressThatPageLeadsTo(await first.text())).toMatch(/^https:\/\/rp\.invalid\/.*code=/);
    expect(first.headers.get('location')).toBeNull();
    expect((await submit(html, cookieOf(response))).status).toBe(400);
  });

  it('works in two tabs of one browser', async () => {
    const one = await openPage();
    const cookie = cookieOf(one.response) ?? '';
    const second = await fetch(authorizationUrl(world, { scope: 'openid' }), { headers: { cookie } });
    expect(cookieOf(second)).toBe(cookie);
    for (const html of [await second.text(), one.html]) {
      expect(addressThatPageLeadsTo(await (await submit(html, cookie)).text())).toContain('code=');
    }
  });

  it.each([{ person: 'nobody' }, { outcome: 'nonsense' }, { signer: 'nobody' }])(
    'refuses %o',
    async (fields) => {
      const { response, html } = await openPage();
      expect((await submit(html, cookieOf(response), fields)).status).toBe(400);
    },
  );

  it('stays open after a wrong PIN and locks the card at the fifth', async () => {
    const { response, html } = await openPage();
    for (const left of [4, 3, 2, 1]) {
      const again = await submit(html, cookieOf(response), { outcome: 'wrong-pin' });
      expect(await again.text()).toContain(`暗証番号が正しくありません(残り${left}回)`);
    }
    const last = await submit(html, cookieOf(response), { outcome: 'wrong-pin' });
    expect(await last.text()).toContain('署名用電子証明書がロックされています');
    expect(addressThatPageLeadsTo(await (await submit(html, cookieOf(response))).text())).toBeDefined();
    const { id, accessToken } = await signOnce(world);
    expect((await get(world, resultPath(id), accessToken)).body['error']).toBe('locked_certificate');
    await fetch(`${world.simulator.url}/simulator/cards/taro/unlock`, { method: 'POST' });
    const after = await signOnce(world);
    expect((await get(world, resultPath(after.id), after.accessToken)).status).toBe(200);
  });

  it('closes without a word to the RP when the citizen goes away', async () => {
    const url = authorizationUrl(world, { scope: 'openid' });
    await expect(driveCitizen(url, { outcome: 'abandon' })).rejects.toMatchObject({
      code: 'upstream.response',
    });
  });

  it('lets nobody sign a transaction twice', async () => {
    const id = await openTransaction(world, DIGEST_INFO_DATA);
    const url = authorizationUrl(world, { sign_transaction_id: id });
    expect(redirected(await driveCitizen(url))).toHaveProperty('code');
    expect(redirected(await driveCitizen(url))['error_description']).toBe(
      'Invalid parameter: sign_transaction_id',
    );
  });
});

describe('driveCitizen', () => {
  it('says when the service shows an error page', async () => {
    await expect(driveCitizen(authorizationUrl(world, { client_id: 'nobody' }))).rejects.toMatchObject({
      code: 'upstream.response',
      upstream: { status: 400 },
    });
  });
});
