import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submitted } from '../integration/rp/world.ts';
import { axeViolations } from './support/axe.ts';
import { type CitizenWorld, chooseInApp, shows, startCitizenWorld } from './support/citizen-world.ts';
import {
  browserAvailable,
  openBrowser,
  storageOf,
  type Watch,
  watchedContext,
} from './support/open-browser.ts';

const XML = '<届出><氏名>模擬 花子</氏名></届出>';
const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;
/** A ceremony that was refused ends on the page that says so; the browser itself tells nothing more. */
const WAIT = { timeout: 20_000 };

describe.skipIf(!browserAvailable())('passkeys in a real browser', { timeout: 90_000 }, () => {
  let world: CitizenWorld;
  let browser: Browser;
  let context: BrowserContext;
  let watch: Watch;
  let page: Page;
  let device: CDPSession;
  let authenticatorId: string;

  beforeAll(async () => {
    [world, browser] = await Promise.all([
      startCitizenWorld({ JITSUIN_PASSKEY: 'on', JITSUIN_PASSKEY_NAME: '模擬市' }, 'localhost'),
      openBrowser(),
    ]);
    ({ context, watch } = await watchedContext(browser));
    page = await context.newPage();
    device = await context.newCDPSession(page);
    await device.send('WebAuthn.enable');
    ({ authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR }));
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const path = () => new URL(page.url()).pathname;
  const cookie = async () =>
    (await context.cookies()).find(({ name }) => name === 'jitsuin-login')?.value ?? '';

  async function cardLogin(person = 'hanako'): Promise<void> {
    await page.goto(`${world.url}/login?return_to=/account/passkeys`);
    await chooseInApp(page, { person });
    await page.waitForURL(`${world.url}/account/passkeys`, WAIT);
  }

  async function logOut(): Promise<void> {
    await page.goto(`${world.url}/account`);
    await page.click('form[action="/logout"] button');
    await page.waitForSelector('#account[data-state="logged-out"]', WAIT);
  }

  async function passkeyLogin(query = ''): Promise<void> {
    await page.goto(`${world.url}/login/passkey${query}`);
    await page.click('form[data-passkey="get"] button');
  }

  const loggedIn = (by: string) => page.waitForSelector(`#account[data-by="${by}"]`, WAIT);
  const error = async () => (await page.waitForSelector('#error', WAIT)).getAttribute('data-code');

  it('after a login by card a passkey is registered, named and listed; the next login is by passkey', async () => {
    await cardLogin();
    expect(await page.locator('#no-passkeys').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    await page.fill('#new-name', 'わたしの電話');
    await page.click('form[data-passkey="create"] button');
    await page.waitForSelector('#passkeys li', WAIT);
    expect(await page.textContent('#passkeys h2')).toBe('わたしの電話');
    expect(await axeViolations(page)).toEqual([]);
    const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost', signCount: 1 }]);
    const card = await cookie();
    await logOut();
    await passkeyLogin();
    await loggedIn('passkey');
    expect(path()).toBe('/account');
    expect(await cookie()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await cookie()).not.toBe(card);
    expect(await page.content()).not.toMatch(/模擬 花子|eyJ/);
    expect(await storageOf(page)).toEqual([0, 0, 0, 0, '']);
  });

  it('the login page is accessible, and says what to do when the ceremony is stopped', async () => {
    await page.goto(`${world.url}/login/passkey`);
    expect(await axeViolations(page)).toEqual([]);
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.click('form[data-passkey="get"] button');
    await page.waitForSelector('[data-passkey-problem="stopped"]:not([hidden])', { timeout: 40_000 });
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.click('form[data-passkey="get"] button');
    await loggedIn('passkey');
  });

  it('a session of a passkey makes no passkey, and signs only with the card of the same person, which raises it', async () => {
    await page.goto(`${world.url}/account/passkeys`);
    expect(await page.locator('#card-needed').count()).toBe(1);
    expect(await page.locator('form[data-passkey]').count()).toBe(0);
    const refused = await submitted(world, XML);
    await page.goto(refused.sign_url ?? '');
    expect(await page.textContent('#signer')).toContain('ログインしているご本人');
    await page.click('form[action$="/sign"] button');
    await chooseInApp(page, { person: 'taro' });
    await shows(page, 'refused');
    expect(await page.getAttribute('#state', 'data-code')).toBe('signer.other-person');
    await page.goto(`${world.url}/account`);
    await loggedIn('passkey');
    const before = await cookie();
    const signed = await submitted(world, XML);
    await page.goto(signed.sign_url ?? '');
    await page.click('form[action$="/sign"] button');
    await chooseInApp(page, { person: 'hanako' });
    await shows(page, 'decided');
    expect(await page.getAttribute('#state', 'data-indication')).toBe('TOTAL-PASSED');
    expect(await cookie()).not.toBe(before);
    await page.goto(`${world.url}/account`);
    await loggedIn('service');
    await page.goto(`${world.url}/account/passkeys`);
    expect(await page.locator('form[data-passkey="create"]').count()).toBe(1);
  });

  it('the authenticator that holds one already makes no second one, and the page says so', async () => {
    await page.click('form[data-passkey="create"] button');
    await page.waitForSelector('[data-passkey-problem="known"]:not([hidden])', WAIT);
    expect(await page.locator('#passkeys li').count()).toBe(1);
  });

  it('the page is led back to after the login; elsewhere is never led to', async () => {
    await logOut();
    await passkeyLogin('?return_to=/account/passkeys');
    await page.waitForURL(`${world.url}/account/passkeys`, WAIT);
    await logOut();
    await passkeyLogin('?return_to=//evil.example');
    await loggedIn('passkey');
    expect(path()).toBe('/account');
  });

  it('after a back-channel logout the passkey rests until the next login by card', async () => {
    const deliveries = await world.simulator.logout({ person: 'hanako', clientId: world.clientId });
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set([200]));
    await page.goto(`${world.url}/account`);
    expect(await page.getAttribute('#account', 'data-state')).toBe('logged-out');
    await passkeyLogin();
    expect(await error()).toBe('passkey.card-needed');
    expect(await axeViolations(page)).toEqual([]);
    await cardLogin();
    expect(await page.getAttribute('#passkeys li', 'data-state')).toBe('active');
    await logOut();
    await passkeyLogin();
    await loggedIn('passkey');
  });

  it('a copy with an older counter is found out, and the passkey ends for both', async () => {
    const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId });
    const [credential] = credentials;
    if (credential === undefined) throw new Error('no credential');
    await device.send('WebAuthn.removeCredential', {
      authenticatorId,
      credentialId: credential.credentialId,
    });
    await device.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: { ...credential, signCount: 0 },
    });
    await passkeyLogin();
    expect(await error()).toBe('passkey.counter');
    await page.goto(`${world.url}/account`);
    expect(await page.getAttribute('#account', 'data-state')).toBe('logged-out');
    await cardLogin();
    expect(await page.getAttribute('#passkeys li', 'data-state')).toBe('suspended');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('renamed and removed; what was removed logs nobody in', async () => {
    await page.fill('#passkeys input[name=name]', '<b>古い電話</b>');
    await page.click('#passkeys form[action$="/name"] button');
    await page.waitForURL(`${world.url}/account/passkeys`, WAIT);
    expect(await page.textContent('#passkeys h2')).toBe('<b>古い電話</b>');
    await page.click('#passkeys form[action$="/remove"] button');
    await page.waitForSelector('#no-passkeys', WAIT);
    await logOut();
    await passkeyLogin();
    expect(await error()).toBe('passkey.unknown');
  });

  it('no page complained, and no URL of ours told anything but paths and own pages', () => {
    expect(watch.complaints).toEqual([]);
    const queries = watch.urls
      .filter((url) => url.startsWith(world.url))
      .map((url) => new URL(url).search)
      // a signature's one-time link, and what the service sends back
      .filter((search) => search !== '' && !/^\?hand_over=[\w-]{43}(?:&cookie=sent)?$|state=/.test(search));
    expect(new Set(queries)).toEqual(new Set(['?return_to=/account/passkeys', '?return_to=//evil.example']));
  });
});
