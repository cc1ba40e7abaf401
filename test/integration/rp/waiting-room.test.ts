import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { applicationOf, ended, type RpWorld, startRpWorld, submitted } from './world.ts';

const documentOf = (n: number) => `<届出><番号>${n}</番号></届出>`;
const PLACE = /id="place" role="status" data-waiting-room="(\w+)" data-ask="5000"/;

let world: RpWorld;
beforeAll(async () => {
  // a call in about half a second: six people are more than it carries at once
  world = await startRpWorld('gov', { env: { JITSUIN_SERVICE_RATE: '2' } });
}, 60_000);
afterAll(() => world.close());

interface Waiter {
  readonly id: string;
  readonly browser: Browser;
  page: Page;
}

async function pressed(n: number, apiKey?: string): Promise<Waiter> {
  const { id, sign_url = '' } = await submitted(world, documentOf(n), apiKey === undefined ? {} : { apiKey });
  const browser = new Browser();
  return { id, browser, page: await browser.submit(await browser.visit(sign_url), '/sign') };
}

const roomOf = ({ id }: Waiter) => `${world.url}/applications/${id}/wait`;
const isSentOn = ({ location }: Page) => location?.startsWith(world.simulator.url) === true;

describe('citizens when the rate of the service is full', () => {
  it('wait in line, keep their place, and every one of them signs', { timeout: 180_000 }, async () => {
    const waiters = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => pressed(n)));
    const waiting = waiters.filter(({ page }) => !isSentOn(page));
    expect(waiting.length).toBeGreaterThan(1);
    for (const { page, id } of waiting)
      expect([page.status, page.location]).toEqual([303, `${world.url}/applications/${id}/wait`]);
    const shown = waiting.at(-1);
    if (shown === undefined) throw new Error('nobody waits');
    const page = await shown.browser.open(`${roomOf(shown)}?look=1`);
    expect(page.status).toBe(200);
    expect(page.html).toMatch(PLACE);
    expect(page.html).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
    expect(page.html).toContain('順番をお待ちください');
    expect(page.html).toContain('Please wait for your turn');
    // another browser sees nothing of it, and has no place
    expect((await new Browser().open(roomOf(shown))).status).toBe(403);

    const codes: string[] = [];
    for (const waiter of waiters) {
      const until = Date.now() + 120_000;
      while (!isSentOn(waiter.page)) {
        if (Date.now() > until) throw new Error('never let in');
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        waiter.page = await waiter.browser.open(roomOf(waiter));
      }
      const callback = await driveCitizen(waiter.page.location ?? '');
      codes.push(callback);
      const back = await waiter.browser.open(callback);
      expect([back.status, back.location]).toEqual([303, `${world.url}/applications/${waiter.id}/complete`]);
    }
    expect(new Set(codes).size).toBe(6);
    for (const { id } of waiters)
      expect((await ended(world, id)).verdict?.indication, (await applicationOf(world, id)).state).toBe(
        'TOTAL-PASSED',
      );
  });

  it('who did not press the button has no place, and who is done goes on', { timeout: 60_000 }, async () => {
    const { id, sign_url = '' } = await submitted(world, documentOf(7));
    const browser = new Browser();
    await browser.visit(sign_url);
    const page = await browser.open(`${world.url}/applications/${id}/wait`);
    expect([page.status, page.location]).toEqual([303, `${world.url}/applications/${id}/sign`]);
  });
});
