import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submitted } from '../integration/rp/world.ts';
import { BROKER_CLIENT_ID, BROKER_CLIENT_SECRET, type Broker, startBroker } from '../support/broker.ts';
import { type CitizenWorld, chooseInApp, shows, startCitizenWorld } from './support/citizen-world.ts';
import { browserAvailable, openBrowser } from './support/open-browser.ts';

/**
 * Four origins in one chain: a tenant's app, an sp that lets only those sign who are logged in, a broker that logs
 * them in, the service behind it. Chromium holds every redirect of a form against `form-action`: what dies so is
 * told nowhere but in the console of the browser.
 */
describe.skipIf(!browserAvailable())('the whole chain across origins', { timeout: 90_000 }, () => {
  let folder: string;
  let broker: Broker;
  let world: CitizenWorld;
  let app: TenantApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const told: string[] = [];
  const visited: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'jitsuin-origins-'));
    const secretFile = join(folder, 'client-secret.txt');
    writeFileSync(secretFile, BROKER_CLIENT_SECRET, { mode: 0o600 });
    broker = await startBroker(() => `${world.url}/login/callback`);
    world = await startCitizenWorld({
      JITSUIN_LOGIN: 'broker',
      JITSUIN_LOGIN_ISSUER: broker.issuer,
      JITSUIN_LOGIN_CLIENT_ID: BROKER_CLIENT_ID,
      JITSUIN_LOGIN_CLIENT_AUTHENTICATION: 'client_secret_basic',
      JITSUIN_LOGIN_CLIENT_SECRET_FILE: secretFile,
      JITSUIN_LOGIN_TOKEN_ALGORITHM: 'RS256',
      JITSUIN_LOGIN_AT_HASH: 'if-present',
      JITSUIN_LOGIN_SCOPE: 'openid profile address',
      JITSUIN_LOGIN_PROOF: 'identity_provider=jpki',
      JITSUIN_SIGNER_LOGIN: 'required',
    });
    await broker.connect(world.simulator);
    app = await startTenantApp(world);
    allowReturn(world, `${app.url}/done`);
    await world.restart();
    browser = await openBrowser();
    context = await browser.newContext({ locale: 'ja-JP' });
    context.on('console', (message) => told.push(`${message.location().url}: ${message.text()}`));
    context.on('weberror', (error) => told.push(String(error.error())));
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).origin));
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await world?.close();
    await broker?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('app → sp → broker → service → broker → sp → service → sp → app, and no browser has a word to say', async () => {
    await page.goto(app.url);
    await page.click('form button');
    await page.click('a#sign');
    // not logged in: by a page to the broker, from there to the service
    await page.waitForSelector('select[name=person]');
    expect(page.url().startsWith(world.simulator.url)).toBe(true);
    await chooseInApp(page, { person: 'hanako' });
    await page.waitForSelector('form[action$="/sign"] button');
    expect(page.url().startsWith(world.url)).toBe(true);
    await page.click('form[action$="/sign"] button');
    await page.waitForSelector('[data-testid=identification-code]');
    await chooseInApp(page, { person: 'hanako' });
    await shows(page, 'decided');
    expect(new Set(visited)).toEqual(new Set([app.url, world.url, world.simulator.url]));
    await page.click(`a[href^="${app.url}"]`);
    expect(await page.textContent('h1')).toBe('模擬の窓口');
    expect(told).toEqual([]);
  });

  it('the login ended meanwhile: pressing 署名に進む leads through the broker and back', async () => {
    await page.goto(app.url);
    await page.click('form button');
    await page.click('a#sign');
    await page.waitForSelector('form[action$="/sign"] button');
    await context.clearCookies({ name: /jitsuin-login/ });
    await page.click('form[action$="/sign"] button');
    await page.waitForSelector('select[name=person]');
    await chooseInApp(page, { person: 'hanako' });
    await page.waitForSelector('form[action$="/sign"] button');
    expect(told).toEqual([]);
  });

  it('an answer that leads off-site by redirect would be told: this test can fail', async () => {
    app.answers = 'redirect';
    await page.goto(app.url);
    await page.click('form button');
    await expect.poll(() => told.some((text) => text.includes('form-action'))).toBe(true);
    expect(page.url()).toBe(`${app.url}/`);
    told.length = 0;
  });
});

/** Registers the address to which the first tenant sends its citizens back. */
function allowReturn({ dir }: CitizenWorld, url: string): void {
  const file = join(dir, 'world', 'sp', 'api-keys.json');
  const keys = JSON.parse(readFileSync(file, 'utf8')) as { tenants: { return_urls?: string[] }[] };
  for (const key of keys.tenants.slice(0, 1)) key.return_urls = [url];
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
}

interface TenantApp {
  readonly url: string;
  /** How the form's answer leads to the page of the sp. */
  answers: 'page' | 'redirect';
  close(): Promise<void>;
}

/** A tenant with an API of its own host: its form hands a document in, and its page leads to the sp's. */
async function startTenantApp(world: CitizenWorld): Promise<TenantApp> {
  const server: Server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html;charset=utf-8');
    response.setHeader('x-not-ours', '1');
    response.setHeader('content-security-policy', "default-src 'none'; form-action 'self'");
    const body = (content: string) =>
      `<!doctype html><html lang="ja"><title>窓口</title><h1>模擬の窓口</h1>${content}`;
    if (request.url === '/favicon.ico') return void response.writeHead(204).end();
    if (request.method !== 'POST') {
      return void response.end(body('<form method="post" action="/begin"><button>届け出る</button></form>'));
    }
    void submitted(world, '<届出>模擬</届出>', {
      query: `?return_to=${encodeURIComponent(`${app.url}/done`)}`,
    }).then(({ sign_url = '' }) => {
      if (app.answers === 'redirect') response.writeHead(303, { location: sign_url }).end();
      else response.end(body(`<a id="sign" href="${sign_url.replaceAll('&', '&amp;')}">署名する</a>`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const app: TenantApp = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    answers: 'page',
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return app;
}
