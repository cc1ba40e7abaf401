import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorInvite } from '../../src/cli/operator.ts';
import { type RpWorld, startRpWorld, submitted } from '../integration/rp/world.ts';
import { registerEndpoint } from '../support/api-worlds.ts';
import { freePorts } from '../support/ports.ts';
import { axeViolations } from './support/axe.ts';
import { withAuthenticator } from './support/console-world.ts';
import { browserAvailable, openBrowser, watchedContext } from './support/open-browser.ts';

describe.skipIf(!browserAvailable())('the console of an sp in a real browser', { timeout: 120_000 }, () => {
  let world: RpWorld;
  let browser: Browser;
  let page: Page;
  let origin: string;
  let id = '';

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    origin = `http://localhost:${port}`;
    const env = { JITSUIN_CONSOLE_PORT: String(port), JITSUIN_WEBHOOK_LOOPBACK: '1' };
    [world, browser] = await Promise.all([startRpWorld('sp', { env }), openBrowser()]);
    const query = `?${new URLSearchParams({ name: '口座開設の申込', external_id: '受付 42' })}`;
    ({ id } = await submitted(world, '<a/>', { query }));
    await registerEndpoint(
      world.url,
      `Bearer ${world.apiKey}`,
      'http://127.0.0.1:9/a-long-path/of-the-receiver',
    );
    let link = '';
    const io = {
      stdout: (text: string) => {
        link += text;
      },
      ...{ stderr: () => undefined, isTty: false, env: { ...world.env('sp'), ...env } },
      signal: new AbortController().signal,
    };
    await operatorInvite.run(['--at', 'sp', '--role', 'administrator', '--name', '模擬 花子'], io);
    const { context } = await watchedContext(browser, { viewport: { width: 375, height: 740 } });
    page = await context.newPage();
    await withAuthenticator(context, page);
    await page.goto(link.trim());
    await page.click('form[data-code-from-fragment] button');
    await page.click('form[data-passkey=create] button');
    await page.waitForSelector('#operator');
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('has no axe violation at 375 px on any page, and scrolls in its tables only', async () => {
    await page.goto(`${origin}/console/webhooks`);
    const endpoint = (await page.getAttribute('#endpoints a', 'href')) ?? '';
    const sections = ['records', 'work', 'metrics', 'keys', 'webhooks', 'api-keys', 'settings', 'approvals'];
    const paths = [...sections, 'audit', 'operators'].map((section) => `/console/${section}`);
    const wrong: string[] = [];
    for (const path of [...paths, `/console/records/${id}`, endpoint]) {
      const status = (await page.goto(`${origin}${path}`))?.status();
      const violations = await axeViolations(page);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      if (status !== 200 || violations.length > 0 || Number(overflow) > 0)
        wrong.push(`${path}: ${status}, ${JSON.stringify(violations)}, ${overflow} px too wide`);
    }
    expect(wrong).toEqual([]);
  });

  it('shows every page, makes a key and sends a test event without scripts', async () => {
    const { context: plain } = await watchedContext(browser, { javaScriptEnabled: false });
    await plain.addCookies(await page.context().cookies());
    const bare = await plain.newPage();
    const go = async (path: string) =>
      expect([path, (await bare.goto(origin + path))?.status()]).toEqual([path, 200]);
    await go('/console/records');
    const menu = await bare
      .locator('nav a[href^="/console/"]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(menu.length).toBeGreaterThan(8);
    for (const path of menu) await go(path);
    await go('/console/records');
    await bare.click(`#records a[href$="${id}"]`);
    expect(await bare.locator('[data-event="application.received"]').count()).toBe(1);
    await go('/console/api-keys');
    await bare.fill('#tenant', 'without-scripts');
    await bare.click('#make-api-key button');
    expect(await bare.textContent('#api-key')).toMatch(/^jk_[\w-]{32}$/);
    await go('/console/webhooks');
    await bare.click('#endpoints a');
    await bare.click('#test-endpoint button');
    expect(await bare.getAttribute('#state-of-delivery', 'data-state')).toBe('waiting');
    await plain.close();
  });

  it('shows a made key once, keeps a wrong form, and sends a test event', async () => {
    await page.goto(`${origin}/console/api-keys`);
    await page.fill('#tenant', '模擬');
    await page.click('#make-api-key button');
    expect(await page.getAttribute('#wrong-field', 'data-at')).toBe('tenant');
    expect(await page.inputValue('#tenant')).toBe('模擬');
    expect(await axeViolations(page)).toEqual([]);
    await page.fill('#tenant', 'partner');
    await page.click('#make-api-key button');
    expect(await page.textContent('#api-key')).toMatch(/^jk_[\w-]{32}$/);
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${origin}/console/webhooks`);
    await page.click('#endpoints a');
    await page.click('#test-endpoint button');
    expect(await page.getAttribute('#state-of-delivery', 'data-state')).toBe('waiting');
    expect(await axeViolations(page)).toEqual([]);
  });
});
