import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { submissionOf } from '../support/pf-world.ts';
import { axeViolations } from './support/axe.ts';
import {
  type ConsoleWorld,
  enrolledOperator,
  type OperatorBrowser,
  startConsoleWorld,
} from './support/console-world.ts';
import { browserAvailable, openBrowser, storageOf, watchedContext } from './support/open-browser.ts';

describe.skipIf(!browserAvailable())('the operator in a real browser', { timeout: 60_000 }, () => {
  let world: ConsoleWorld;
  let browser: Browser;
  let operator: OperatorBrowser;
  let decided: string;

  beforeAll(async () => {
    [world, browser] = await Promise.all([startConsoleWorld(), openBrowser()]);
    const { id } = await world.pf.service('alpha').submit(await submissionOf(world.pf));
    decided = id;
    await world.pf.startWorker();
    await vi.waitFor(async () => expect((await world.pf.service('alpha').status(id)).state).toBe('decided'), {
      timeout: 30_000,
      interval: 100,
    });
    operator = await enrolledOperator(world, browser, 'operator');
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('shows nothing but login and enrolment to who is not logged in', async () => {
    const { context } = await watchedContext(browser);
    const page = await context.newPage();
    await page.goto(`${world.origin}/console/records`);
    expect(new URL(page.url()).pathname).toBe('/console/login');
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${world.origin}/console/enrol`);
    expect(await axeViolations(page)).toEqual([]);
    await page.fill('#code', 'A'.repeat(43));
    await page.click('main button');
    expect(await page.getAttribute('#error', 'data-code')).toBe('operator.invitation');
    expect(await axeViolations(page)).toEqual([]);
    await context.close();
  });

  it('logs out and in again with the passkey; the invitation is used up', async () => {
    const { page } = operator;
    await page.click('form[action="/console/logout"] button');
    expect(new URL(page.url()).pathname).toBe('/console/login');
    await page.click('form[data-passkey=get] button');
    await page.waitForSelector('#operator');
    expect(await page.textContent('#operator')).toContain('模擬 operator');
    expect(await storageOf(page)).toEqual([0, 0, 0, 0, '']);
  });

  it('lists and finds verifications, shows one with its checks, path and revocation data', async () => {
    const { page } = operator;
    await operator.open('/console/records?status=OK');
    expect(await page.locator(`#records tr[data-id="${decided}"]`).count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    await operator.open('/console/records?status=verification-refused');
    expect(await page.locator('#nothing').count()).toBe(1);
    await page.fill('#q', decided);
    await page.click('form[role=search] button');
    expect(new URL(page.url()).pathname).toBe(`/console/records/${decided}`);
    expect(await page.getAttribute('#status-of-record', 'data-status')).toBe('OK');
    expect(await page.locator('#checks li[data-check="signature-value"][data-result=passed]').count()).toBe(
      1,
    );
    expect(await page.locator('#path rect').count()).toBe(2);
    expect(await page.locator('#revocation tbody tr').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('masks what is personal, and shows it with a reason that stands in the audit chain', async () => {
    const { page } = operator;
    await operator.open(`/console/records/${decided}`);
    expect(await page.locator('.masked').count()).toBe(6);
    expect(await page.content()).not.toMatch(/模擬 太郎|模擬太郎|模擬市/);
    await page.fill('#personal-reference', 'case-7');
    await page.click('#show-personal button');
    expect(await page.textContent('[data-personal=name]')).toContain('模擬');
    expect(await page.locator('.masked').count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    const [record] = await world.store.audit.page({ event: 'personal-data.shown', limit: 1 });
    expect(record).toMatchObject({
      subject: decided,
      facts: { operator: operator.id, reason: 'inquiry', reference: 'case-7' },
    });
    await operator.open(`/console/records/${decided}`);
    expect(await page.locator('.masked').count()).toBe(6);
  });

  it('refuses what the role has no right to, and does not offer it', async () => {
    const { page } = operator;
    expect(await operator.open('/console/keys')).toBe(403);
    expect(await page.getAttribute('#error', 'data-code')).toBe('right.missing');
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.locator('nav.sections a[href="/console/keys"]').count()).toBe(0);
    expect(await page.locator('nav.sections a[href="/console/work"]').count()).toBe(1);
  });

  it('exports the evidence with a reason and decides it again from the file alone', async () => {
    const { page } = operator;
    await operator.open(`/console/records/${decided}`);
    const download = page.waitForEvent('download');
    await page.click('#export-evidence button');
    const file = await (await download).path();
    await operator.open('/console/evidence');
    expect(await axeViolations(page)).toEqual([]);
    await page.setInputFiles('#file', file);
    await page.click('#check-evidence button');
    expect(await page.getAttribute('#integrity', 'data-indication')).toBe('TOTAL-PASSED');
    expect(await axeViolations(page)).toEqual([]);
    await page.setInputFiles('#file', {
      name: 'x.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{}'),
    });
    await page.click('#check-evidence button');
    expect(await page.getAttribute('#integrity', 'data-indication')).toBe('TOTAL-FAILED');
  });

  it('puts a failed job back to work', async () => {
    const { page } = operator;
    await world.pf.stopWorker();
    const { id } = await world.pf.service('alpha').submit(await submissionOf(world.pf));
    await world.store.kysely
      .updateTable('jobs')
      .set({ state: 'dead', reason: 'internal.unexpected', finished_at: world.pf.clock.millis })
      .where('subject', '=', id)
      .execute();
    await operator.open('/console/work');
    expect(await page.textContent('#dead-letters code')).toBe(id);
    expect(await axeViolations(page)).toEqual([]);
    await page.click('form[action$="/retry"] button');
    expect(await page.locator('#no-dead').count()).toBe(1);
    expect(await page.textContent('#waiting')).toBe('1');
    await world.pf.startWorker();
  });

  it('a key is made by two administrators, never by one', async () => {
    const [asking, second] = [
      await enrolledOperator(world, browser, 'administrator'),
      await enrolledOperator(world, browser, 'administrator'),
    ];
    await asking.open('/console/keys');
    expect(await axeViolations(asking.page)).toEqual([]);
    const before = await asking.page.locator('#keys tbody tr').count();
    await asking.page.click('#generate-key button');
    expect(new URL(asking.page.url()).pathname).toBe('/console/approvals');
    expect(await asking.page.locator('form[action$="/approve"]').count()).toBe(0);
    expect(await axeViolations(asking.page)).toEqual([]);
    await second.open('/console/approvals');
    await second.page.click('form[action$="/approve"] button');
    expect(await second.page.locator('tr[data-state=done]').count()).toBe(1);
    await second.open('/console/keys');
    expect(await second.page.locator('#keys tbody tr').count()).toBe(before + 1);
    expect(await second.page.locator('#keys tr[data-state=generated]').count()).toBe(1);
    expect([...asking.watch.complaints, ...second.watch.complaints]).toEqual([]);
    await asking.context.close();
    await second.context.close();
  });

  it('a tenant that two administrators removed is refused by the API at once', async () => {
    const [asking, second] = [
      await enrolledOperator(world, browser, 'administrator'),
      await enrolledOperator(world, browser, 'administrator'),
    ];
    await asking.open('/console/tenants');
    expect(await axeViolations(asking.page)).toEqual([]);
    const status = async () =>
      (
        await fetch(`${world.pf.url}/v1/verifications`, {
          headers: { Authorization: await world.pf.bearer('beta') },
        })
      ).status;
    expect(await status()).toBe(200);
    await asking.page.click('tr[data-tenant=tenant-beta] form button');
    expect(await status()).toBe(200);
    await second.open('/console/approvals');
    await second.page.click('tr[data-state=pending] form[action$="/approve"] button');
    expect(await status()).toBe(401);
    await asking.context.close();
    await second.context.close();
  });

  it('an auditor reads fees, audit records, keys and metrics, by axe without fault, and changes nothing', async () => {
    const auditor = await enrolledOperator(world, browser, 'auditor');
    const { page } = auditor;
    for (const path of ['metrics', 'fees', 'audit', 'operators', 'keys', 'tenants', 'approvals']) {
      expect(await auditor.open(`/console/${path}`), path).toBe(200);
      expect(await axeViolations(page), path).toEqual([]);
    }
    expect(await auditor.open('/console/keys')).toBe(200);
    expect(await page.locator('main form').count()).toBe(0);
    await auditor.open('/console/audit');
    await page.click('#verify-chain button');
    expect(await page.getAttribute('#audit-chain', 'data-state')).toBe('whole');
    expect(await axeViolations(page)).toEqual([]);
    await auditor.open(`/console/records/${decided}`);
    expect(await page.locator('#show-personal').count()).toBe(0);
    expect(auditor.watch.complaints).toEqual([]);
    await auditor.context.close();
  });

  it('works by keyboard, fits at 200 % on a phone, and shows its lists without scripts', async () => {
    const { page, context } = operator;
    await page.setViewportSize({ width: 320, height: 640 });
    for (const path of ['records', `records/${decided}`, 'work']) {
      await operator.open(`/console/${path}`);
      await page.evaluate("document.documentElement.style.setProperty('font-size', '200%')");
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(over, path).toBeLessThanOrEqual(0);
    }
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    const cookies = await context.cookies();
    const { context: plain } = await watchedContext(browser, { javaScriptEnabled: false });
    await plain.addCookies(cookies);
    const bare = await plain.newPage();
    await bare.goto(`${world.origin}/console/records`);
    await bare.click(`#records a[href$="${decided}"]`);
    expect(await bare.locator('#checks li').count()).toBeGreaterThan(5);
    await plain.close();
  });

  it('nothing was complained about, and no personal value or secret was in a URL or the console', () => {
    const { watch } = operator;
    expect(watch.complaints).toEqual([]);
    const seen = [...watch.urls, ...watch.console].map((text) => decodeURIComponent(text));
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.filter((text) => /模擬|challenge/.test(text))).toEqual([]);
  });
});
