import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplicationView } from '../../src/contracts/public-api.ts';
import { api, applicationOf, submitted } from '../integration/rp/world.ts';
import { quickAxeViolations } from './support/axe.ts';
import { type CitizenWorld, chooseInApp, shows, startCitizenWorld } from './support/citizen-world.ts';
import { browserAvailable, openBrowser, watchedContext } from './support/open-browser.ts';

const XML = '<届出><申請書><氏名>模擬 太郎</氏名></申請書></届出>';
const SIGN = 'form[action$="/sign"] button';
const STRANGE_ID = '01890a5d-ac96-774b-bcce-000000000001';

describe.skipIf(!browserAvailable())('where a citizen could get stuck', { timeout: 120_000 }, () => {
  let world: CitizenWorld;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [world, browser] = await Promise.all([startCitizenWorld(), openBrowser()]);
    ({ context } = await watchedContext(browser));
    page = await context.newPage();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  async function begin(query = '') {
    const application = await submitted(world, XML);
    await page.goto(`${application.sign_url ?? ''}${query}`);
    return application;
  }

  it('an unknown id is a page that says so, with a reference', async () => {
    const answer = await page.goto(`${world.url}/applications/${STRANGE_ID}/sign`);
    expect(answer?.status()).toBe(404);
    expect(await page.getAttribute('#error', 'data-code')).toBe('http.not-found');
    expect(await page.textContent('.reference code')).toMatch(/^http\.not-found [0-9a-f-]{36}$/);
    expect(await quickAxeViolations(page)).toEqual([]);
  });

  it('cookies that were lost are named; nothing was used up, and the tenant’s new link goes on', async () => {
    const application = await begin();
    await context.clearCookies();
    await page.click(SIGN);
    expect(await page.getAttribute('#error', 'data-code')).toBe('http.cookie');
    expect(await page.textContent('#error')).toContain('Cookie');
    expect((await applicationOf(world, application.id)).state).toBe('opened');
    const renewed = await api(world, `/v1/applications/${application.id}/sign-url`, { method: 'POST' });
    await page.goto(((await renewed.json()) as ApplicationView).sign_url ?? '');
    expect(await page.textContent('#identification-code code')).toBe(application.identification_code);
  });

  it('the button pressed twice at once signs once', async () => {
    const application = await begin();
    await page.dblclick(SIGN);
    await page.waitForSelector('select[name=person]');
    await chooseInApp(page);
    await shows(page, 'decided');
    expect((await applicationOf(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
  });

  it('two tabs that both go to the app end well: one signs, the other leads to the same end', async () => {
    await begin();
    const other = await context.newPage();
    await other.goto(page.url());
    await page.click(SIGN);
    await other.click(SIGN);
    await chooseInApp(other);
    await shows(other, 'decided');
    await chooseInApp(page);
    expect(await page.getAttribute('#error', 'data-code')).toBe('oidc.state');
    await page.goto(other.url());
    await shows(page, 'decided');
    await other.close();
  });

  it('the language that was chosen stays through the walk, after a form and after the app too', async () => {
    await begin('&lang=pt');
    expect(await page.textContent('h1')).toBe('Confirme antes de assinar');
    expect(page.url()).not.toContain('hand_over');
    await page.click(SIGN);
    await chooseInApp(page, { outcome: 'locked' });
    await page.waitForSelector('[data-row="result-7"]');
    expect(await page.getAttribute('html', 'lang')).toBe('pt');
    expect(await page.textContent('[data-row="result-7"]')).toContain('está bloqueado');
    await page.click('form[action$="/way-back"] button');
    expect(await page.textContent('h1')).toBe('Link para voltar a este procedimento');
    await page.click('.languages a[hreflang="vi"]');
    expect(await page.textContent('h1')).toBe('Chưa được ký');
  });
});
