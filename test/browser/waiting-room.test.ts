import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser as Visitor } from '../../src/cli/demo/browser.ts';
import { submitted } from '../integration/rp/world.ts';
import { quickAxeViolations } from './support/axe.ts';
import { type CitizenWorld, chooseInApp, shows, startCitizenWorld } from './support/citizen-world.ts';
import { browserAvailable, openBrowser, watchedContext } from './support/open-browser.ts';

const SIGN = 'form[action$="/sign"] button';
const documentOf = () => `<届出><番号>${crypto.randomUUID()}</番号></届出>`;

describe.skipIf(!browserAvailable())('the waiting room', { timeout: 180_000 }, () => {
  let world: CitizenWorld;
  let browser: Browser;

  beforeAll(async () => {
    [world, browser] = await Promise.all([startCitizenWorld({ JITSUIN_SERVICE_RATE: '2' }), openBrowser()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  /** Others press at the same time, more than the rate carries; they close the page. */
  async function crowd(): Promise<void> {
    const others = Array.from({ length: 6 }, async () => {
      const { sign_url = '' } = await submitted(world, documentOf());
      const visitor = new Visitor();
      await visitor.submit(await visitor.visit(sign_url), '/sign');
    });
    await Promise.all(others);
  }

  async function waiting(page: Page): Promise<void> {
    const { sign_url = '' } = await submitted(world, documentOf());
    await page.goto(sign_url);
    await crowd();
    await page.click(SIGN);
    await page.waitForSelector('#place');
  }

  it('says the place and the time, has nothing that axe finds, and goes on by itself after a sleep', async () => {
    const { context } = await watchedContext(browser);
    const page = await context.newPage();
    await waiting(page);
    expect(await page.textContent('h1')).toContain('順番をお待ちください');
    expect(await page.textContent('#place')).toMatch(/あなたの前に\d+人|まもなくあなたの番/);
    expect(await quickAxeViolations(page)).toEqual([]);
    const place = page.url();
    await page.reload();
    expect([page.url(), await page.locator('#place').count()]).toEqual([place, 1]);
    // the page is away for longer than others wait for it, and finds its place again
    await page.goto('about:blank');
    await new Promise((resolve) => setTimeout(resolve, 22_000));
    await page.goto(place);
    await page.waitForSelector('select[name=person]', { timeout: 90_000 });
    await chooseInApp(page);
    await shows(page, 'decided');
    await context.close();
  });

  it('works without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await waiting(page);
    await page.waitForSelector('select[name=person]', { timeout: 90_000 });
    await context.close();
  });
});
