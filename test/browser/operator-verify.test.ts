import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PfWorld, startPfWorld } from '../support/pf-world.ts';
import { axeViolations } from './support/axe.ts';
import {
  browserAvailable,
  openBrowser,
  storageOf,
  type Watch,
  watchedContext,
} from './support/open-browser.ts';

const UNSIGNED = '<届出><氏名>模擬 太郎</氏名></届出>';

describe.skipIf(!browserAvailable())(
  '/verify of a platform operator in a real browser',
  { timeout: 90_000 },
  () => {
    let world: PfWorld;
    let browser: Browser;
    let watch: Watch;
    let page: Page;

    beforeAll(async () => {
      [world, browser] = await Promise.all([startPfWorld(), openBrowser()]);
      const watched = await watchedContext(browser);
      watch = watched.watch;
      page = await watched.context.newPage();
    }, 90_000);
    afterAll(async () => {
      await browser?.close();
      await world?.close();
    });

    async function bring(text: string): Promise<void> {
      await page.goto(`${world.url}/verify`);
      const buffer = Buffer.from(text);
      await page.setInputFiles('#file', { name: 'a.xml', mimeType: 'application/xml', buffer });
      await page.click('button[type=submit]');
    }

    it('takes a file by keyboard and says what is wrong with it; nothing stays in the browser', async () => {
      await page.goto(`${world.url}/verify`);
      expect(await axeViolations(page)).toEqual([]);
      const buffer = Buffer.from(UNSIGNED);
      await page.setInputFiles('#file', { name: 'a.xml', mimeType: 'application/xml', buffer });
      await page.focus('button[type=submit]');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#verdict', { timeout: 20_000 });
      expect(await page.getAttribute('#verdict', 'data-code')).toBe('xmldsig.unsigned');
      expect(await page.getAttribute('#verdict', 'data-outcome')).toBe('unsigned');
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.content()).not.toContain('模擬 太郎');
      expect(await storageOf(page)).toEqual([0, 0, 0, 0, '']);
    });

    it('markup in a file is not markup on the page', async () => {
      await bring('<a><script>document.title="changed"</script></a');
      await page.waitForSelector('#verdict', { timeout: 20_000 });
      expect(await page.getAttribute('#verdict', 'data-code')).toBe('xml.not-well-formed');
      expect(await page.getAttribute('#verdict', 'data-outcome')).toBe('not-xml');
      expect(await page.title()).not.toBe('changed');
      expect(watch.complaints).toEqual([]);
      expect(world.log.lines.join('')).not.toContain('模擬');
    });
  },
);
