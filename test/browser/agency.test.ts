import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, ended, type RpWorld, startRpWorld, submitted } from '../integration/rp/world.ts';
import { axeViolations } from './support/axe.ts';
import { chooseInApp, shows } from './support/citizen-world.ts';
import {
  browserAvailable,
  openBrowser,
  storageOf,
  type Watch,
  watchedContext,
} from './support/open-browser.ts';

const XML = '<届出><氏名>模擬 花子</氏名></届出>';

describe.skipIf(!browserAvailable())('an agency’s pages in a real browser', { timeout: 90_000 }, () => {
  let world: RpWorld;
  let browser: Browser;
  let context: BrowserContext;
  let watch: Watch;
  let page: Page;

  beforeAll(async () => {
    [world, browser] = await Promise.all([startRpWorld('gov'), openBrowser()]);
    ({ context, watch } = await watchedContext(browser));
    page = await context.newPage();
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  async function begin() {
    const application = await submitted(world, XML);
    await page.goto(application.sign_url ?? '');
    return application;
  }

  it('a citizen signs, and reads what the agency itself verified', async () => {
    const application = await begin();
    expect(await axeViolations(page)).toEqual([]);
    await page.click('form[action$="/sign"] button');
    await chooseInApp(page, { person: 'hanako' });
    await shows(page, 'decided');
    expect(await page.getAttribute('#state', 'data-indication')).toBe('TOTAL-PASSED');
    expect(await axeViolations(page)).toEqual([]);
    expect((await ended(world, application.id)).state).toBe('decided');
    expect(await page.content()).not.toMatch(/eyJ|access_token|MII|19\d{6}/);
    expect(await storageOf(page)).toEqual([0, 0, 0, 0, '']);
  });

  it('/verify: a signed document with a part that nobody signed', async () => {
    const list = (await (await api(world, '/v1/applications?state=decided')).json()) as {
      items: { id: string }[];
    };
    const answer = await api(world, `/v1/applications/${list.items[0]?.id}/document`);
    const signed = `<!-- 後から足した注釈 -->${await answer.text()}`.replace(
      /^(<!--.*?-->)(<\?xml.*?\?>)/s,
      '$2$1',
    );
    await page.goto(`${world.url}/verify`);
    expect(await axeViolations(page)).toEqual([]);
    const buffer = Buffer.from(signed);
    await page.setInputFiles('#file', { name: 'signed.xml', mimeType: 'application/xml', buffer });
    await page.click('button[type=submit]');
    expect(await page.getAttribute('#verdict', 'data-indication')).toBe('TOTAL-PASSED');
    expect(await page.locator('#unsigned li').allTextContents()).toEqual([expect.stringContaining('注釈')]);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('/verify: a file that is too large is refused on a page that says so', async () => {
    await page.goto(`${world.url}/verify`);
    const buffer = Buffer.alloc(6 * 1024 * 1024, 'a');
    await page.setInputFiles('#file', { name: 'large.xml', mimeType: 'application/xml', buffer });
    await page.click('button[type=submit]');
    await page.waitForSelector('#error', { timeout: 20_000 });
    expect(await page.getAttribute('#error', 'data-code')).toBe('http.body-size');
    expect(await page.textContent('#error')).toContain('ファイルが大きすぎます');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('a back-channel logout ends the session: the account page asks to log in again', async () => {
    await page.goto(`${world.url}/login`);
    await chooseInApp(page, { person: 'hanako' });
    await page.waitForURL(`${world.url}/account`, { timeout: 20_000 });
    expect(await page.getAttribute('#account', 'data-state')).toBe('logged-in');
    expect(await axeViolations(page)).toEqual([]);
    const deliveries = await world.simulator.logout({ person: 'hanako', clientId: world.clientId });
    expect(deliveries.length).toBeGreaterThan(0);
    expect(deliveries.filter(({ status }) => status !== 200)).toEqual([]);
    await page.reload();
    expect(await page.getAttribute('#account', 'data-state')).toBe('logged-out');
    expect(await page.content()).not.toContain('模擬 花子');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('while the service is under maintenance: a page that says so and leads back, and the application is kept', async () => {
    world.simulator.faults.next('start', 'maintenance', { times: 50 });
    const application = await begin();
    await page.click('form[action$="/sign"] button');
    await page.waitForSelector('#error', { timeout: 20_000 });
    expect(await page.textContent('#error')).toContain('メンテナンス中');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('a.button');
    expect(new URL(page.url()).pathname).toBe(`/applications/${application.id}/sign`);
    expect(await page.textContent('.document')).toContain('模擬 花子');
    world.simulator.faults.clear();
  });

  it('nothing was complained about, and no token or personal value was in a URL or the console', () => {
    expect(watch.complaints).toEqual([]);
    const seen = [...watch.urls, ...watch.console].map((text) => decodeURIComponent(text));
    expect(seen.length).toBeGreaterThan(15);
    expect(seen.filter((text) => /eyJ|模擬|access_token/.test(text))).toEqual([]);
  });
});
