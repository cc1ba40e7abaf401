import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { SoftwareAuthenticator } from '../../support/software-authenticator.ts';
import { type RpWorld, startRpWorld } from './world.ts';

const stateOf = (page: Page) => /id="account" data-state="([^"]*)"/.exec(page.html)?.[1];
const codeOf = (page: Page) => [page.status, /data-code="([^"]*)"/.exec(page.html)?.[1]];
const hidden = (page: Page, name: string) =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(page.html)?.[1] ?? '';

describe('where passkeys are switched on', () => {
  let world: RpWorld;
  let origin: string;
  beforeAll(async () => {
    world = await startRpWorld('gov', { env: { JITSUIN_PASSKEY: 'on' }, host: 'localhost' });
    ({ origin } = new URL(world.url));
  });
  afterAll(() => world.close());

  const post = (browser: Browser, path: string, fields: Record<string, string>, from = origin) =>
    fetch(`${world.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: browser.cookieFor(world.url), origin: from },
      body: new URLSearchParams(fields),
    });

  async function cardLogin(): Promise<Browser> {
    const browser = new Browser();
    const { location = '' } = await browser.open(`${world.url}/login`);
    await browser.open(await driveCitizen(location, { person: 'hanako' }));
    return browser;
  }

  async function registered() {
    const browser = await cardLogin();
    const page = await browser.open(`${world.url}/account/passkeys`);
    const [csrf, challenge] = [hidden(page, 'csrf'), hidden(page, 'challenge')];
    const authenticator = new SoftwareAuthenticator();
    const passkey = authenticator.create({ rpId: 'localhost', origin, challenge });
    const made = await post(browser, '/account/passkeys', { csrf, challenge, passkey, name: '電話' });
    expect([made.status, made.headers.get('location')]).toEqual([303, '/account/passkeys']);
    return { browser, authenticator, csrf };
  }

  /** The fields of the login form, filled in. */
  async function answered(browser: Browser, authenticator: SoftwareAuthenticator) {
    const page = await browser.open(`${world.url}/login/passkey?return_to=/account/passkeys`);
    const challenge = hidden(page, 'challenge');
    const passkey = authenticator.get({ rpId: 'localhost', origin, challenge });
    return { csrf: hidden(page, 'csrf'), challenge, passkey, return_to: hidden(page, 'return_to') };
  }

  it('the cookie of a login by passkey is like that of the card: fresh, opaque, __Host-', async () => {
    const { authenticator } = await registered();
    const browser = new Browser();
    const answer = await post(browser, '/login/passkey', await answered(browser, authenticator));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account/passkeys']);
    expect(answer.headers.getSetCookie().join()).toMatch(
      /^jitsuin-login=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it('O31: every form counts from our own page only; nothing changes otherwise', async () => {
    const { browser, authenticator, csrf } = await registered();
    const page = await browser.open(`${world.url}/account/passkeys`);
    const key = /data-passkey-key="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const stranger = new Browser();
    const fields = await answered(stranger, authenticator);
    const tries: [Browser, string, Record<string, string>][] = [
      [stranger, '/login/passkey', fields],
      [browser, '/account/passkeys', { challenge: 'x', passkey: '{}', name: 'x' }],
      [browser, `/account/passkeys/${key}/name`, { name: 'x' }],
      [browser, `/account/passkeys/${key}/remove`, {}],
    ];
    for (const [by, path, given] of tries) {
      expect((await post(by, path, { csrf, ...given }, 'https://evil.example')).status, path).toBe(403);
      expect((await post(by, path, { ...given, csrf: 'x' })).status, path).toBe(403);
    }
    expect((await browser.open(`${world.url}/account/passkeys`)).html).toContain('電話');
    expect(stateOf(await stranger.open(`${world.url}/account`))).toBe('logged-out');
  });

  it('a refusal is a page with the code, one log line, and no session', async () => {
    const browser = new Browser();
    const fields = await answered(browser, new SoftwareAuthenticator());
    const before = world.logLines.length;
    const answer = await post(browser, '/login/passkey', fields);
    const page = { url: '', status: answer.status, html: await answer.text() };
    expect(codeOf(page)).toEqual([401, 'passkey.unknown']);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const lines = world.logLines.slice(before).filter((line) => line.includes('passkey.unknown'));
    expect(lines).toHaveLength(1);
    expect(stateOf(await browser.open(`${world.url}/account`))).toBe('logged-out');
  });

  it.each(['/login/passkey', '/account/passkeys'])('O30: %s carries the security headers', async (path) => {
    const { headers } = await fetch(`${world.url}${path}`, { redirect: 'manual' });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('nobody logged in: the list leads to the account, and nothing is registered', async () => {
    const browser = new Browser();
    const page = await browser.open(`${world.url}/account`);
    expect((await browser.open(`${world.url}/account/passkeys`)).location).toBe(`${world.url}/account`);
    const { csrf } = await answered(browser, new SoftwareAuthenticator());
    const fields = { csrf, challenge: 'x', passkey: '{}', name: 'x' };
    expect((await post(browser, '/account/passkeys', fields)).status).not.toBe(303);
    expect(page.html).toContain('href="/login/passkey"');
  });
});

describe('where they are not', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov');
  });
  afterAll(() => world.close());

  it.each(['/login/passkey', '/account/passkeys'])('%s is not there', async (path) => {
    expect((await fetch(`${world.url}${path}`)).status).toBe(404);
    expect(await (await fetch(`${world.url}/account`)).text()).not.toContain('passkey');
  });
});
