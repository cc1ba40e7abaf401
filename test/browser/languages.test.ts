import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application, ApplicationState, Verdict } from '../../src/core/sign-transaction/application.ts';
import { STATE_MESSAGES } from '../../src/core/sign-transaction/citizen-messages.ts';
import { accountPage, loginEndedPage } from '../../src/web/account/pages.ts';
import { completionPage } from '../../src/web/applicant/completion-page.ts';
import { confirmationPage } from '../../src/web/applicant/confirmation-page.ts';
import { documentPage, documentSection } from '../../src/web/applicant/document-section.ts';
import { errorPage } from '../../src/web/applicant/error-page.ts';
import { paperPage } from '../../src/web/applicant/paper-page.ts';
import { wayBackPage } from '../../src/web/applicant/way-back-page.ts';
import { assetsRoute } from '../../src/web/assets-route.ts';
import { LANGUAGES, type Language } from '../../src/web/language/languages.ts';
import { readBy } from '../../src/web/language/reader.ts';
import { siteOf, siteRoutes } from '../../src/web/site/site.ts';
import { fakeWorld } from '../support/fakes.ts';
import { received } from '../support/flow.ts';
import { quickAxeViolations } from './support/axe.ts';
import { browserAvailable, openBrowser } from './support/open-browser.ts';

const STATES = Object.keys(STATE_MESSAGES) as readonly ApplicationState[];
const LANGUAGE_NAMES = Object.keys(LANGUAGES) as readonly Language[];
const VERDICTS = [
  { name: 'valid', indication: 'TOTAL-PASSED' },
  { name: 'wrong', indication: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' },
  { name: 'certificate ended', indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE' },
  { name: 'undecided', indication: 'INDETERMINATE', subIndication: 'TRY_LATER' },
] as const;
const ROWS = ['authorization-7', 'authorization-8', 'result-4', 'result-6', 'result-7', 'result-8'] as const;
const SESSION = {
  ...{ idHash: 'h', csrf: 'c' },
  login: {
    attributes: { name: '模擬 太郎', address: '模擬県模擬市1-2-3', birthdate: '19900101', gender: '1' },
  },
} as never;

/** Every page of the citizen's in every state, by its name. */
async function pages(): Promise<ReadonlyMap<string, () => string>> {
  const world = fakeWorld();
  const made = new Map<string, () => string>();
  const failure = { code: 'upstream.citizen', row: 'result-7' } as const;
  let first: Application | undefined;
  for (const state of STATES) {
    if (state === 'decided') continue;
    const record = await received(world, { state, failure });
    first ??= record;
    made.set(`state ${state}`, () => completionPage(record, 'full', { again: 'c' }));
  }
  for (const { name, ...found } of VERDICTS) {
    const verdict: Verdict = {
      ...found,
      ...{ signedOctetsSha256: 'f'.repeat(64), reference: 'r', decidedAt: world.clock.now() },
    };
    const record = await received(world, { state: 'decided', verdict });
    made.set(`decided ${name}`, () => completionPage(record, 'full', { again: 'c' }));
    if (name === 'valid') made.set('paper', () => paperPage(record, verdict));
  }
  for (const row of ROWS) {
    const record = await received(world, { state: 'refused', failure: { code: 'upstream.citizen', row } });
    made.set(`row ${row}`, () => completionPage(record, 'full', { again: 'c' }));
  }
  if (first === undefined) throw new Error('no record');
  const record = first;
  made.set('confirm', () =>
    confirmationPage(record, 'c', { document: documentSection(record), login: SESSION }),
  );
  made.set('document', () => documentPage(record));
  made.set('way back', () => wayBackPage(record, 'https://sp.example'));
  for (const code of [
    'http.cookie',
    'transaction.hand-over',
    'transaction.other-browser',
    'http.not-found',
  ] as const)
    made.set(`refusal ${code}`, () => errorPage(code, 'id', '/applications/x/sign'));
  made.set('logged out', () => accountPage(undefined, 'c', 'offered'));
  made.set('logged in', () => accountPage(SESSION, 'c', 'offered'));
  made.set('login ended', () => loginEndedPage({ code: 'oidc.state' }));
  return made;
}

describe.skipIf(!browserAvailable())(
  'every page of the citizen’s in every state and language',
  { timeout: 900_000 },
  () => {
    let all: ReadonlyMap<string, () => string>;
    let server: Server;
    let browser: Browser;
    let page: Page;
    let url: string;

    beforeAll(async () => {
      all = await pages();
      const app = express();
      siteRoutes(app, siteOf(undefined, 'test', undefined));
      assetsRoute(app);
      app.get('/page', (request, response) => {
        const language = request.query['lang'] as Language;
        const name = String(request.query['name']);
        const make = all.get(name) ?? (() => '');
        response.type('html').send(readBy({ language, address: `?name=${encodeURIComponent(name)}&` }, make));
      });
      server = createServer(app).listen(0, '127.0.0.1');
      await new Promise((ready) => server.once('listening', ready));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`;
      browser = await openBrowser();
      page = await browser.newPage();
    });
    afterAll(async () => {
      await browser?.close();
      server?.close();
    });

    it.each(LANGUAGE_NAMES)(
      '%s: nothing that axe finds, light and dark; fits 320 px and 200 percent',
      async (language) => {
        const found: string[] = [];
        for (const name of all.keys()) {
          await page.setViewportSize({ width: 1280, height: 900 });
          await page.goto(`${url}?name=${encodeURIComponent(name)}&lang=${language}`);
          expect(await page.getAttribute('html', 'lang')).toBe(LANGUAGES[language].tag);
          found.push(...(await quickAxeViolations(page)).map((violation) => `${name}: ${violation}`));
          await page.setViewportSize({ width: 320, height: 640 });
          for (const size of ['100%', '200%']) {
            await page.evaluate(`document.documentElement.style.fontSize = '${size}'`);
            const wide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
            if (wide) found.push(`${name}: wider than 320 px at ${size}`);
          }
        }
        expect(found).toEqual([]);
      },
    );

    it('the choice leads to the same page in that language, by keyboard too', async () => {
      await page.goto(`${url}?name=confirm&lang=ja`);
      await page.click('.languages a[hreflang="vi"]');
      expect(await page.textContent('h1')).toBe('Xác nhận trước khi ký');
      expect(await page.getAttribute('.languages a[aria-current]', 'lang')).toBe('vi');
      await page.focus('.languages a[hreflang="pt"]');
      await Promise.all([page.waitForURL(/lang=pt/), page.keyboard.press('Enter')]);
      expect(await page.textContent('h1')).toBe('Confirme antes de assinar');
    });
  },
);
