import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RpWorld, startRpWorld } from '../integration/rp/world.ts';
import { axeViolations } from './support/axe.ts';
import { browserAvailable, openBrowser } from './support/open-browser.ts';

describe.skipIf(!browserAvailable())(
  'the API’s page in a real browser, at phone size',
  { timeout: 120_000 },
  () => {
    let world: RpWorld;
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      [world, browser] = await Promise.all([startRpWorld('sp'), openBrowser()]);
      page = await browser.newPage({ viewport: { width: 360, height: 740 } });
      await page.goto(`${world.url}/docs`);
      await page.waitForSelector('#words');
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await world?.close();
    });

    it('fits, has nothing that axe finds, and shows a call in four languages', async () => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      await page.click('#createApplication summary:has-text("Python")');
      expect(await page.isVisible('#createApplication details[open] pre')).toBe(true);
      expect(await axeViolations(page)).toEqual([]);
    });

    it('the search leaves what has all the words', async () => {
      await page.fill('#words', 'rotate secret');
      expect(await page.isVisible('section#rotateWebhookSecret')).toBe(true);
      expect(await page.isVisible('section#listApplications')).toBe(false);
      expect(await page.textContent('form[role=search] output')).toMatch(/^\d+件 \/ \d+ found$/);
      await page.fill('#words', '');
      expect(await page.isVisible('section#listApplications')).toBe(true);
    });

    it('a test environment can be tried: a document handed in, and read again', async () => {
      await page.fill('#try-key', world.apiKey);
      const said = (id: string) => page.textContent(`#${id} form.try pre`);
      await page.click('#createApplication form.try button');
      await expect.poll(() => said('createApplication')).toMatch(/^201\n/);
      const id = /"id": "([^"]+)"/.exec((await said('createApplication')) ?? '')?.[1] ?? '';
      await page.fill('#readApplication-path-id', id);
      await page.click('#readApplication form.try button');
      await expect.poll(() => said('readApplication')).toMatch(/^200\n/);
      expect(await said('readApplication')).toContain('"name": "届出"');
      expect(page.url()).toBe(`${world.url}/docs`);
      expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
    });
  },
);
