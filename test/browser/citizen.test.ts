import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplicationView } from '../../src/contracts/public-api.ts';
import { api, submitted } from '../integration/rp/world.ts';
import { FILES, KOUSEI } from '../support/egov-application.ts';
import { axeViolations } from './support/axe.ts';
import { type CitizenWorld, chooseInApp, shows, startCitizenWorld } from './support/citizen-world.ts';
import {
  browserAvailable,
  openBrowser,
  storageOf,
  type Watch,
  watchedContext,
} from './support/open-browser.ts';

const XML = `<?xml version="1.0" encoding="UTF-8"?>
<届出><!-- 注釈 --><申請書><氏名>模擬 太郎</氏名><備考>pаypal\u202e&lt;script&gt;alert(1)&lt;/script&gt;</備考></申請書></届出>`;

const pathOf = (signPage: string) => (path: string) => signPage.replace(/sign$/, path);
const onSignButton = `document.activeElement.matches('form[action$="/sign"] button')`;

describe.skipIf(!browserAvailable())('the citizen in a real browser', { timeout: 60_000 }, () => {
  let world: CitizenWorld;
  let browser: Browser;
  let context: BrowserContext;
  let watch: Watch;
  let page: Page;

  beforeAll(async () => {
    [world, browser] = await Promise.all([startCitizenWorld({ JITSUIN_DEMO_PAGES: '1' }), openBrowser()]);
    ({ context, watch } = await watchedContext(browser));
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  async function begin(at: Page = page) {
    const application = await submitted(world, XML, { query: '?name=%E5%B1%8A%E5%87%BA' });
    await at.goto(application.sign_url ?? '');
    return application;
  }

  it('signs from end to end: code, viewer, app, progress, receipt', async () => {
    const application = await begin();
    expect(await page.textContent('#identification-code code')).toBe(application.identification_code);
    expect(await page.textContent('.document')).toContain('模擬 太郎');
    expect(await page.locator('.revealed').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('U+0430'), expect.stringContaining('U+202E')]),
    );
    expect(await page.locator('.coverage').first().textContent()).toContain('署名の対象外');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('form[action$="/sign"] button');
    expect(await page.textContent('[data-testid=identification-code]')).toBe(application.identification_code);
    await chooseInApp(page);
    await shows(page, 'decided');
    expect(await page.getAttribute('#state', 'data-indication')).toBe('TOTAL-PASSED');
    expect(await page.textContent('#signed-octets')).toMatch(/^[0-9a-f]{64}$/);
    expect(await page.locator('a[href$="/receipt"]').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    const source = await page.content();
    expect(source).not.toMatch(/eyJ|access_token|MII|模擬市|19\d{6}/);
    expect(await storageOf(page)).toEqual([0, 0, 0, 0, '']);
  });

  it('a form with files: each is shown with what is covered of it, opened, and signed', async () => {
    const form = new FormData();
    form.append('document', new File([KOUSEI], 'kousei.xml'));
    for (const [name, content] of FILES) form.append('files', new File([content], name));
    const response = await fetch(`${world.url}/v1/applications?form=egov-standard`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.apiKey}`, 'idempotency-key': crypto.randomUUID() },
      body: form,
    });
    expect(response.status).toBe(201);
    const { sign_url: signUrl = '' } = (await response.json()) as ApplicationView;
    await page.goto(signUrl);
    const items = await page.locator('ol.files > li').allTextContents();
    expect(items.map((text, at) => text.includes(FILES[at]?.[0] ?? '-'))).toEqual([true, true]);
    expect(await axeViolations(page)).toEqual([]);
    const opened = await context.request.get(pathOf(page.url())('files/1'));
    expect([opened.status(), await opened.text()]).toEqual([200, FILES[0][1]]);
    await page.click('form[action$="/sign"] button');
    await chooseInApp(page);
    await shows(page, 'decided');
    expect(await page.getAttribute('#state', 'data-indication')).toBe('TOTAL-PASSED');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('progress goes on by events, without a reload, while the worker is away', async () => {
    await world.stopWorker();
    await begin();
    await page.click('form[action$="/sign"] button');
    await chooseInApp(page);
    await shows(page, 'authorized');
    expect(await axeViolations(page)).toEqual([]);
    await page.evaluate(() => Reflect.set(globalThis, 'stayed', true));
    await world.startWorker();
    await shows(page, 'decided');
    expect(await page.evaluate(() => Reflect.get(globalThis, 'stayed'))).toBe(true);
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  it('the waiting page goes on by itself after a proxy’s 502, for the page and for its events', async () => {
    await world.stopWorker();
    const own = await browser.newContext();
    const waiting = await own.newPage();
    await begin(waiting);
    await waiting.click('form[action$="/sign"] button');
    await chooseInApp(waiting);
    await shows(waiting, 'authorized');
    let refused = 0;
    await own.route('**/events', (route) => route.fulfill({ status: 502, body: 'Bad Gateway' }));
    await own.route('**/complete', async (route) => {
      if (route.request().isNavigationRequest() || refused >= 2) return route.continue();
      refused += 1;
      return route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' });
    });
    await waiting.reload();
    await world.startWorker();
    await shows(waiting, 'decided');
    expect(refused).toBe(2);
    await own.close();
  });

  it.each([
    ['refuse', 'redirect', 'refused', 'authorization-7'],
    ['authentication-failed', 'redirect', 'refused', 'authorization-8'],
    ['locked', 'result', 'refused', 'result-7'],
    ['expired', 'result', 'refused', 'result-4'],
    ['revoked', 'result', 'refused', 'result-5'],
    ['not-installed', 'result', 'refused', 'result-8'],
    ['malformed', 'result', 'refused', 'result-3'],
    ['wrong-person', 'result', 'refused', 'result-6'],
    ['not-signed', 'result', 'restart-needed', 'result-2'],
  ] as const)(
    '%s: says what happened and what to do next, and begins again',
    async (outcome, surface, state, row) => {
      const first = await begin();
      await page.click('form[action$="/sign"] button');
      await chooseInApp(page, { outcome, surface });
      await shows(page, state);
      expect(await page.getAttribute('#state', 'data-row')).toBe(row);
      expect(await page.locator('.next li').count()).toBeGreaterThan(0);
      if (outcome === 'locked' || outcome === 'refuse') expect(await axeViolations(page)).toEqual([]);
      await page.click('form[action$="/again"] button');
      expect(page.url()).toMatch(/\/applications\/[0-9a-f-]{36}\/sign$/);
      expect(page.url()).not.toContain(first.id);
      expect(await page.textContent('.document')).toContain('模擬 太郎');
    },
  );

  it('two tabs on one application: the newest wins, the older one is told so', async () => {
    await begin();
    const other = await context.newPage();
    await other.goto(page.url());
    await page.click('form[action$="/sign"] button');
    await other.click('form[action$="/sign"] button');
    await chooseInApp(page);
    expect(await page.getAttribute('#error', 'data-code')).toBe('oidc.state');
    expect(await axeViolations(page)).toEqual([]);
    await chooseInApp(other);
    await shows(other, 'decided');
    await other.close();
  });

  it('the back button after the end leads to the end again', async () => {
    await begin();
    await page.click('form[action$="/sign"] button');
    await chooseInApp(page, { outcome: 'refuse' });
    await shows(page, 'refused');
    await page.goBack();
    await page.goBack();
    await shows(page, 'refused');
  });

  it('cancels', async () => {
    await begin();
    await page.click('form[action$="/cancel"] button');
    await shows(page, 'cancelled');
    expect(await axeViolations(page)).toEqual([]);
    await page.evaluate(
      "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/assets/icon.svg\">')",
    );
    expect(await axeViolations(page)).toEqual([
      expect.stringMatching(/^light: image-alt/),
      expect.stringMatching(/^dark: image-alt/),
    ]);
  });

  it('the link works in one browser; another one reads so, until the tenant makes a new link', async () => {
    const application = await begin();
    const url = page.url();
    expect(url).toBe(`${world.url}/applications/${application.id}/sign`);
    const { context: strange } = await watchedContext(browser);
    const stranger = await strange.newPage();
    for (const address of [application.sign_url ?? '', url, ...['document', 'complete'].map(pathOf(url))]) {
      expect((await stranger.goto(address))?.status(), address).toBe(403);
      expect(await stranger.getAttribute('#error', 'data-code')).toBe('transaction.other-browser');
      expect(await stranger.content()).not.toContain('模擬 太郎');
    }
    expect(await axeViolations(stranger)).toEqual([]);
    const renewed = await api(world, `/v1/applications/${application.id}/sign-url`, { method: 'POST' });
    await stranger.goto(((await renewed.json()) as ApplicationView).sign_url ?? '');
    expect(stranger.url()).toBe(url);
    expect(await stranger.textContent('.document')).toContain('模擬 太郎');
    expect((await page.goto(url))?.status()).toBe(403);
    await strange.close();
  });

  it('a program that looks at the link takes nothing; the citizen’s button does', async () => {
    const application = await submitted(world, XML);
    await page.goto(`${world.url}/`);
    const seen = await page.evaluate(async (url) => (await fetch(url)).text(), application.sign_url ?? '');
    expect(seen).toContain('id="hand-over"');
    await page.setContent(seen.replaceAll('="/', `="${world.url}/`));
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(application.sign_url ?? '');
    expect(page.url()).toBe(`${world.url}/applications/${application.id}/sign`);
  });

  it('the start page: a sample, then a file of one’s own; never from another site', async () => {
    await page.goto(`${world.url}/`);
    expect(await axeViolations(page)).toEqual([]);
    await page.selectOption('#sample', 'xx-city-zz-application.xml');
    await page.click('button[type=submit]');
    expect(await page.textContent('.document')).toContain('住民太郎');
    await page.goto(`${world.url}/`);
    await page.setInputFiles('#file', {
      name: 'a.xml',
      mimeType: 'application/xml',
      buffer: Buffer.from(XML),
    });
    await page.click('button[type=submit]');
    expect(await page.textContent('.document')).toContain('模擬 太郎');
    const form = new FormData();
    form.set('sample', 'xx-city-zz-application.xml');
    const foreign = await fetch(`${world.url}/demo/applications`, { method: 'POST', body: form });
    expect(foreign.status).toBe(403);
  });

  it('anyone’s page is not at an sp; at the simulator it tells what is wrong with a file', async () => {
    expect((await fetch(`${world.url}/verify`)).status).toBe(404);
    await page.goto(`${world.simulator.url}/verify`);
    expect(await axeViolations(page)).toEqual([]);
    await page.setInputFiles('#file', {
      name: 'a.xml',
      mimeType: 'application/xml',
      buffer: Buffer.from(XML),
    });
    await page.click('button[type=submit]');
    expect(await page.getAttribute('#verdict', 'data-code')).toBe('xmldsig.unsigned');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('the whole document on a page of its own, and as the very file', async () => {
    await begin();
    const url = page.url().replace(/sign$/, 'document');
    await page.goto(url);
    expect(await axeViolations(page)).toEqual([]);
    const file = await (await context.request.get(`${url}/file`)).text();
    expect(file).toBe(XML);
  });

  it('all of it by keyboard, with visible focus', async () => {
    await begin();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    const outline = () => page.evaluate<string>('getComputedStyle(document.activeElement).outline');
    for (let presses = 0; presses < 12; presses += 1) {
      if (await page.evaluate(onSignButton)) break;
      await page.keyboard.press('Tab');
    }
    expect(await outline()).toMatch(/4px/);
    await Promise.all([page.waitForURL(/\/protocol\/openid-connect\/auth/), page.keyboard.press('Enter')]);
    await page.focus('button[type=submit]');
    await page.keyboard.press('Enter');
    await shows(page, 'decided');
  });

  it('works without scripts', async () => {
    const { context: plain } = await watchedContext(browser, { javaScriptEnabled: false });
    const bare = await plain.newPage();
    await begin(bare);
    await bare.click('form[action$="/sign"] button');
    await chooseInApp(bare);
    await shows(bare, 'decided');
    await plain.close();
  });

  it('texts fit at 200 % on a phone, and targets are 44 px', async () => {
    const { context: phone } = await watchedContext(browser, {
      viewport: { width: 320, height: 640 },
    });
    const small = await phone.newPage();
    await begin(small);
    await small.evaluate("document.documentElement.style.setProperty('font-size', '200%')");
    const over = await small.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(over).toBeLessThanOrEqual(0);
    const heights = await small
      .locator('button, main a')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    await phone.close();
  });

  it('nothing was complained about, and no token or personal value was in a URL or the console', () => {
    expect(watch.complaints).toEqual([]);
    const seen = [...watch.urls, ...watch.console].map((text) => decodeURIComponent(text));
    expect(seen.length).toBeGreaterThan(50);
    expect(seen.filter((text) => /eyJ|模擬|access_token/.test(text))).toEqual([]);
  });
});
