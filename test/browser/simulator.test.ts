import { generateKeyPairSync } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/simulator/options.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { quickAxeViolations } from './support/axe.ts';
import { browserAvailable, openBrowser, type Watch, watchedContext } from './support/open-browser.ts';

const jwk = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid: '1',
};
const REDIRECT_URI = 'http://localhost:1/callback';

/** What of the page reaches beyond its edge. */
const WIDE = `[...document.querySelectorAll('main *, header')].filter((one) => !one.closest('.wide *, pre') &&
  one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 80)).join(' | ')`;

describe.skipIf(!browserAvailable())('every page of the simulator', { timeout: 120_000 }, () => {
  let simulator: Simulator;
  let browser: Browser;
  let page: Page;
  let watch: Watch;

  beforeAll(async () => {
    simulator = await startSimulator({ seed: 'pages', now: () => Date.now() as never });
    browser = await openBrowser();
    const watched = await watchedContext(browser);
    watch = watched.watch;
    page = await watched.context.newPage();
    page.setDefaultTimeout(20_000);
  });
  afterAll(async () => {
    await browser?.close();
    await simulator?.close();
  });

  function request(changes: Record<string, string> = {}): string {
    const url = new URL(`${simulator.issuer}/protocol/openid-connect/auth`);
    const asked = {
      ...{ response_type: 'code', client_id: 'app-1', redirect_uri: REDIRECT_URI, scope: 'openid name' },
      ...{ state: 's', nonce: 'n', code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' },
      ...changes,
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Nothing that axe finds in light and dark; 320 px hold the page, at twice the size of letters too. */
  async function looked(): Promise<readonly string[]> {
    await page.setViewportSize({ width: 1280, height: 900 });
    const found = [...(await quickAxeViolations(page))];
    await page.setViewportSize({ width: 320, height: 640 });
    for (const size of ['100%', '200%']) {
      await page.evaluate(`document.documentElement.style.fontSize = '${size}'`);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      if (width > 320) found.push(`${width} px wide at ${size}: ${await page.evaluate<string>(WIDE)}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    return found;
  }

  async function register(key: unknown): Promise<void> {
    await page.goto(`${simulator.url}/`);
    await page.fill('[name=clientId]', 'app-1');
    await page.fill('[name=redirectUris]', REDIRECT_URI);
    await page.fill('[name=jwks]', JSON.stringify(key));
    await page.click('form:has([name=jwks]) button');
  }

  it('its own page: empty, with a refusal, with a client, requests and faults; the one JWK of rp keygen is taken', async () => {
    await page.goto(`${simulator.url}/`);
    expect(await looked()).toEqual([]);
    await register({ ...jwk, d: 'secret' });
    expect(await page.textContent('main')).toContain('秘密鍵です');
    expect(await looked()).toEqual([]);
    await register(jwk);
    expect(await page.textContent('main')).toContain('app-1 を登録しました');
    await page.goto(request({ state: 'x'.repeat(312), redirect_uri: `${REDIRECT_URI}/` }));
    simulator.faults.next('token', 'delay');
    await page.goto(`${simulator.url}/`);
    expect(await page.textContent('main')).toContain(REDIRECT_URI);
    expect(await page.textContent('main')).toContain('openid-client 6');
    expect(await looked()).toEqual([]);
  });

  it('the app: choice, a wrong PIN, closed, an error page, the page that leads back, /verify', async () => {
    await page.goto(request());
    expect(await looked()).toEqual([]);
    await page.check('input[name=outcome][value=wrong-pin]');
    await page.click('button[type=submit]');
    expect(await page.textContent('[role=alert]')).toContain('残り');
    expect(await looked()).toEqual([]);
    await page.check('input[name=outcome][value=abandon]');
    await page.click('button[type=submit]');
    expect(await looked()).toEqual([]);
    await page.goto(request({ client_id: 'nobody' }));
    expect(await page.textContent('.alert')).toContain('client_id');
    expect(await looked()).toEqual([]);
    // nobody listens where it leads: the page itself stays in view
    await page.route(`${REDIRECT_URI}**`, (route) => route.abort('aborted'));
    await page.goto(request());
    await page.click('button[type=submit]');
    await page.waitForSelector('a[rel=noreferrer]');
    expect(await looked()).toEqual([]);
    await page.unroute(`${REDIRECT_URI}**`);
    await page.goto(`${simulator.url}/verify`);
    expect(await looked()).toEqual([]);
    expect(watch.complaints).toEqual([]);
  });
});
