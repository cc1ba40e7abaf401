// `npm run shots`: screenshots of the main pages of a simulated world into samples/screenshots/, for the READMEs.
// Only simulated people are in them. Needs Chromium and fonts-noto-cjk.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import {
  type CitizenWorld,
  chooseInApp,
  shows,
  startCitizenWorld,
} from '../test/browser/support/citizen-world.ts';
import { enrolledOperator, startConsoleWorld } from '../test/browser/support/console-world.ts';
import { browserAvailable, openBrowser } from '../test/browser/support/open-browser.ts';
import { submitted } from '../test/integration/rp/world.ts';
import { submissionOf } from '../test/support/pf-world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'samples/screenshots');
const sample = readFileSync(join(root, 'samples/applications/xx-city-zz-application.xml'));
const NAME = '○○市 △△申請(見本)';
const DESKTOP = { width: 760, height: 900 };
const CONSOLE = { width: 1000, height: 800 };
const PHONE = { width: 390, height: 844 };

interface Look {
  readonly suffix: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

async function shoot(page: Page, name: string, look: Look): Promise<void> {
  const path = join(folder, `${name}${look.suffix}.png`);
  await page.screenshot({ path, fullPage: true, animations: 'disabled', scale: 'css' });
  console.log(path);
}

async function begin(world: CitizenWorld, page: Page): Promise<void> {
  const query = `?profile=guideline&name=${encodeURIComponent(NAME)}`;
  const { sign_url: url } = await submitted(world, sample, { query });
  await page.goto(url ?? '');
}

async function walk(world: CitizenWorld, page: Page, look: Look): Promise<void> {
  await begin(world, page);
  await shoot(page, 'confirm', look);
  await page.click('form[action$="/sign"] button');
  await world.stopWorker();
  await chooseInApp(page);
  await shows(page, 'authorized');
  await shoot(page, 'progress', look);
  await world.startWorker();
  await shows(page, 'decided');
  await shoot(page, 'done', look);
}

/** A card that is locked, the start page, and anyone's page with a document that nobody signed. */
async function others(world: CitizenWorld, page: Page, look: Look): Promise<void> {
  await begin(world, page);
  await page.click('form[action$="/sign"] button');
  await chooseInApp(page, { outcome: 'locked' });
  await shows(page, 'refused');
  await shoot(page, 'locked', look);
  await page.goto(`${world.url}/`);
  await shoot(page, 'start', look);
  await page.goto(`${world.simulator.url}/verify`);
  await page.setInputFiles('#file', { name: 'a.xml', mimeType: 'application/xml', buffer: sample });
  await page.click('button[type=submit]');
  await shoot(page, 'verify', look);
}

/** The console: its list, one verification with what is personal masked, and the keys. Simulated people only. */
async function consoleShots(browser: Browser): Promise<void> {
  const world = await startConsoleWorld();
  try {
    const { id } = await world.pf.service('alpha').submit(await submissionOf(world.pf));
    await world.pf.startWorker();
    const { page, open } = await enrolledOperator(world, browser, 'administrator', {
      viewport: CONSOLE,
      colorScheme: 'light',
    });
    await open(`/console/records/${id}`);
    while ((await page.getAttribute('#status-of-record', 'data-status')) === 'received') await page.reload();
    await shoot(page, 'console-verification', DAY);
    await open('/console/records');
    await shoot(page, 'console-list', DAY);
    await open('/console/keys');
    await shoot(page, 'console-keys', DAY);
  } finally {
    await world.close();
  }
}

function pageOf(browser: Browser, { viewport, colorScheme }: Look): Promise<Page> {
  return browser.newPage({ viewport, colorScheme, locale: 'ja-JP' });
}

const DAY: Look = { suffix: '', viewport: DESKTOP, colorScheme: 'light' };
const NIGHT: Look = { suffix: '-phone-dark', viewport: PHONE, colorScheme: 'dark' };

if (!browserAvailable()) process.exit(1);
mkdirSync(folder, { recursive: true });
const [world, browser] = await Promise.all([startCitizenWorld({ JITSUIN_DEMO_PAGES: '1' }), openBrowser()]);
try {
  const day = await pageOf(browser, DAY);
  await walk(world, day, DAY);
  await others(world, day, DAY);
  await walk(world, await pageOf(browser, NIGHT), NIGHT);
  await consoleShots(browser);
} finally {
  await browser.close();
  await world.close();
}
