import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import { type CitizenChoice, driveCitizen } from '../../../src/simulator/citizen.ts';
import { ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

let world: RpWorld;
beforeAll(async () => {
  world = await startRpWorld('sp');
});
afterAll(() => world.close());

async function toService(browser: Browser, path = '/login'): Promise<URL> {
  const { location, status } = await browser.open(`${world.url}${path}`);
  expect(status).toBe(303);
  return new URL(location ?? '');
}

async function callbackOf(browser: Browser, choice: CitizenChoice = {}, path?: string): Promise<string> {
  return driveCitizen((await toService(browser, path)).href, choice);
}

async function logIn(browser: Browser, choice: CitizenChoice = {}): Promise<Page> {
  const back = await browser.open(await callbackOf(browser, choice));
  return back.location === undefined ? back : browser.open(back.location);
}

const account = (browser: Browser) => browser.open(`${world.url}/account`);
const stateOf = (page: Page) => /id="account" data-state="([^"]*)"/.exec(page.html)?.[1];
const codeOf = (page: Page) => [page.status, /data-code="([^"]*)"/.exec(page.html)?.[1]];

describe('login with the user-authentication certificate (認証 [02]–[12])', () => {
  it('asks for the attributes and for no signature; fresh state, nonce and challenge each time', async () => {
    const browser = new Browser();
    const [first, second] = [await toService(browser), await toService(browser)];
    expect(first.searchParams.get('scope')).toBe('openid name address birthdate gender');
    expect(first.searchParams.has('sign_transaction_id')).toBe(false);
    expect(first.searchParams.get('code_challenge_method')).toBe('S256');
    expect(first.searchParams.get('redirect_uri')).toBe(`${world.url}/login/callback`);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(first.searchParams.get(name)).not.toBe(second.searchParams.get(name));
    }
  });

  it('opens a session with the four attributes of the same sub; nothing of a token is in the browser', async () => {
    const browser = new Browser();
    const page = await logIn(browser, { person: 'hanako' });
    const hanako = world.simulator.people.find(({ id }) => id === 'hanako');
    expect(stateOf(page)).toBe('logged-in');
    expect(page.html).toContain(`<dd id="name">${hanako?.name}</dd>`);
    expect(page.html).toContain(`<dd id="address">${hanako?.address}</dd>`);
    expect(page.html).toContain('<dd id="gender">女</dd>');
    expect(page.html).not.toMatch(/eyJ|access_token|<script/);
  });

  it('the login cookie is a fresh opaque __Host- value with every login; the former session ends', async () => {
    const browser = new Browser();
    const cookies: string[] = [];
    for (const _round of [1, 2]) {
      const callback = await callbackOf(browser);
      const sent = [browser.cookieFor(callback), ...cookies].join('; ');
      const [set = ''] = (await rawCallback(callback, sent)).headers
        .getSetCookie()
        .filter((line) => line.startsWith('jitsuin-login='));
      expect(set).toMatch(/^jitsuin-login=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
      cookies.push(set.split(';')[0] ?? '');
    }
    expect(cookies[0]).not.toBe(cookies[1]);
    expect(stateOf(await withCookie(cookies[1] ?? ''))).toBe('logged-in');
    expect(stateOf(await withCookie(cookies[0] ?? ''))).toBe('logged-out');
    expect(stateOf(await withCookie(`jitsuin-login=${'A'.repeat(43)}`))).toBe('logged-out');
  });

  it('O2: the callback in another browser is refused and logs nobody in', async () => {
    const callback = await callbackOf(new Browser());
    const victim = new Browser();
    await account(victim);
    expect(codeOf(await victim.open(callback))).toEqual([400, 'oidc.state']);
    expect(stateOf(await account(victim))).toBe('logged-out');
  });

  it('O3: 20 callbacks at once and one later: one session, all others read the stored outcome', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    const cookie = browser.cookieFor(callback);
    const answers = await Promise.all(Array.from({ length: 20 }, () => rawCallback(callback, cookie)));
    answers.push(await rawCallback(callback, cookie));
    const opened = answers.filter((answer) =>
      answer.headers.getSetCookie().some((line) => line.startsWith('jitsuin-login=')),
    );
    expect(opened).toHaveLength(1);
    expect(answers.at(-1)?.status).toBe(303);
    expect(new Set(answers.map(({ status }) => status))).toEqual(
      new Set([...(answers.some(({ status }) => status === 200) ? [200] : []), 303]),
    );
  });

  it('two tabs, two flows: both end well', async () => {
    const browser = new Browser();
    const callbacks = [await callbackOf(browser), await callbackOf(browser, { person: 'hanako' })];
    for (const callback of callbacks.reverse()) {
      expect((await browser.open(callback)).location).toBe(`${world.url}/account`);
    }
  });

  it.each([
    ['token', 'wrong-nonce', 422, 'oidc.nonce'],
    ['token', 'wrong-at-hash', 422, 'oidc.at-hash'],
    ['token', 'alg-none', 422, 'oidc.token-signature'],
    ['token', 'wrong-iss', 422, 'oidc.issuer'],
    ['token', 'wrong-aud', 422, 'oidc.audience'],
    ['userinfo', 'wrong-sub', 422, 'oidc.subject'],
    ['userinfo', 'missing-sub', 422, 'oidc.subject'],
    ['userinfo', 'userinfo-1', 503, 'upstream.operator'],
    ['userinfo', 'signed', 503, 'oidc.user-info'],
  ] as const)('%s %s: no session', async (endpoint, name, status, code) => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    world.simulator.faults.next(endpoint, name);
    expect(codeOf(await browser.open(callback))).toEqual([status, code]);
    expect(stateOf(await account(browser))).toBe('logged-out');
  });

  it('what UserInfo cannot do now is asked for once more; a refused access token, and an ID token out of time, are refreshed', async () => {
    for (const [endpoint, name] of [
      ['userinfo', 'userinfo-7'],
      ['userinfo', 'userinfo-3'],
      ['token', 'expired'],
      ['token', 'old-iat'],
    ] as const) {
      const browser = new Browser();
      const callback = await callbackOf(browser);
      world.simulator.faults.next(endpoint, name);
      expect((await browser.open(callback)).location).toBe(`${world.url}/account`);
      expect(stateOf(await account(browser))).toBe('logged-in');
    }
  });

  it.each([
    ['address-object', {}],
    ['address-parts', { address: expect.stringMatching(/^JP /) as string }],
    ['address-without-members', { address: undefined }],
    ['birthdate-year', { birthdate: '1998' }],
    ['empty-claims', { name: undefined, address: undefined, birthdate: undefined, gender: undefined }],
    ['missing-claims', { name: undefined, address: undefined, birthdate: undefined, gender: undefined }],
  ])('%s from the service: logged in, with what was said', async (fault, said) => {
    const browser = new Browser();
    const callback = await callbackOf(browser, { person: 'hanako' });
    world.simulator.faults.next('userinfo', fault);
    const page = await browser.open((await browser.open(callback)).location ?? '');
    expect(stateOf(page)).toBe('logged-in');
    const found = (id: string) => new RegExp(`<dd id="${id}">([^<]*)`).exec(page.html)?.[1];
    const whole = { name: '模擬 花子', birthdate: '1998-07-20', gender: '女' };
    const shown = Object.fromEntries(['name', 'address', 'birthdate', 'gender'].map((id) => [id, found(id)]));
    expect(shown).toMatchObject({ ...whole, ...said });
  });

  it('the citizen who refuses reads the app’s own sentence', async () => {
    const page = await logIn(new Browser(), { outcome: 'refuse' });
    expect(codeOf(page)).toEqual([422, 'upstream.citizen']);
    expect(page.html).toContain('data-row="authorization-7"');
  });

  it('a page beyond every length leads to the start page', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser, {}, `/login?return_to=/account${'x'.repeat(3000)}`);
    expect((await browser.open(callback)).location).toBe(`${world.url}/account`);
  });

  it.each([
    '//evil.example',
    'https:evil',
    '/\\evil',
    'javascript:alert(1)',
    '/account\r\nX: y',
    'https://u@evil.example/account',
    '%2Faccount',
    '%252Faccount',
    '/v1/applications',
    '/applications/../account',
  ])('O25: return_to %j leads to the start page', async (returnTo) => {
    const browser = new Browser();
    const path = `/login?return_to=${encodeURIComponent(returnTo)}`;
    const back = await browser.open(await callbackOf(browser, {}, path));
    expect(back.location).toBe(`${world.url}/account`);
  });

  it('a page of ours on the list is led back to', async () => {
    const { id } = await submitted(world, '<届出>模擬</届出>');
    const page = `/applications/${id}/sign`;
    const browser = new Browser();
    const callback = await callbackOf(browser, {}, `/login?return_to=${encodeURIComponent(page)}`);
    expect((await browser.open(callback)).location).toBe(`${world.url}${page}`);
  });
});

describe('every answer of the login', () => {
  it.each([
    '/login',
    '/login/callback',
    '/login/callback?state=x&code=y',
    '/account',
    '/logout',
    '/account/refresh',
  ])('O30: %s carries the security headers', async (path) => {
    const { headers } = await fetch(`${world.url}${path}`, { redirect: 'manual' });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('the session after a login', () => {
  it('O32: the card of somebody else signs: the flow ends by certificate_not_match, the login stays whose it was', async () => {
    const browser = new Browser();
    await logIn(browser, { person: 'hanako' });
    const application = await submitted(world, '<届出>模擬</届出>');
    const choice = { person: 'hanako', outcome: 'wrong-person', signer: 'taro' } as const;
    await sign(browser, application.sign_url ?? '', choice);
    expect(await ended(world, application.id)).toMatchObject({
      state: 'refused',
      failure: { row: 'result-6' },
    });
    expect((await account(browser)).html).toContain('<dd id="name">模擬 花子</dd>');
  });

  it('a signature in between leaves the login as it is', async () => {
    const browser = new Browser();
    await logIn(browser, { person: 'hanako' });
    const { sign_url: url = '' } = await submitted(world, '<届出>模擬</届出>');
    await sign(browser, url, { person: 'hanako' });
    expect((await account(browser)).html).toContain('<dd id="name">模擬 花子</dd>');
  });

  it('refresh reads the attributes again', async () => {
    const browser = new Browser();
    const page = await browser.submit(await logIn(browser), '/account/refresh');
    expect([page.status, page.location]).toEqual([303, `${world.url}/account`]);
    expect(stateOf(await account(browser))).toBe('logged-in');
  });

  it('O23: two refreshes at once are one; another sub ends the session', async () => {
    const browser = new Browser();
    const page = await logIn(browser);
    world.simulator.faults.next('token', 'delay', { milliseconds: 300 });
    const both = await Promise.all([1, 2].map(() => browser.submit(page, '/account/refresh')));
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(stateOf(await account(browser))).toBe('logged-in');
    world.simulator.faults.next('token', 'wrong-sub');
    expect(codeOf(await browser.submit(page, '/account/refresh'))).toEqual([422, 'oidc.subject']);
    expect(stateOf(await account(browser))).toBe('logged-out');
  });

  it('logout ends the session and its cookie, by our own form only', async () => {
    const browser = new Browser();
    const page = await logIn(browser);
    const cookie = browser.cookieFor(page.url);
    for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example' }]) {
      const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
      const body = new URLSearchParams({ csrf });
      const answer = await fetch(`${world.url}/logout`, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body,
      });
      expect(answer.status).toBe(403);
    }
    expect(stateOf(await account(browser))).toBe('logged-in');
    expect((await browser.submit(page, '/logout')).location).toBe(`${world.url}/account`);
    expect(stateOf(await account(browser))).toBe('logged-out');
    expect(stateOf(await withCookie(cookie))).toBe('logged-out');
  });

  it('O20: a back-channel logout ends all three sessions of the sub at once', async () => {
    const browsers = [new Browser(), new Browser(), new Browser()];
    for (const browser of browsers) await logIn(browser, { person: 'hanako' });
    const other = new Browser();
    await logIn(other, { person: 'taro' });
    const deliveries = await world.simulator.logout({ person: 'hanako', clientId: world.clientId });
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set([200]));
    for (const browser of browsers) expect(stateOf(await account(browser))).toBe('logged-out');
    expect(stateOf(await account(other))).toBe('logged-in');
  });
});

function rawCallback(callback: string, cookie: string): Promise<Response> {
  return fetch(callback, { redirect: 'manual', headers: { cookie } });
}

async function withCookie(cookie: string): Promise<Page> {
  const response = await fetch(`${world.url}/account`, { headers: { cookie } });
  return { url: response.url, status: response.status, html: await response.text() };
}
