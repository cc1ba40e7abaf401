import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { notRunUnless } from '../../support/not-run.ts';

const CHROMIUM = process.env['JITSUIN_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** True when there is a browser. Otherwise one loud line, or a failure where `JITSUIN_REQUIRE_BROWSER=1`. */
export function browserAvailable(): boolean {
  if (existsSync(CHROMIUM)) return true;
  const how = `no ${CHROMIUM}; apt-get install chromium fonts-noto-cjk`;
  notRunUnless('JITSUIN_REQUIRE_BROWSER', 'tests in a real browser', how);
  return false;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Everything of ours that a citizen's browser got to see, and what it complained about. */
export interface Watch {
  /** URLs of all requests, of every site. */
  readonly urls: string[];
  /** Console messages and uncaught errors of every page, those of other origins too. */
  readonly complaints: string[];
  /** Console messages of every kind. */
  readonly console: string[];
}

/** A browser context whose pages are watched from their first request on. */
export async function watchedContext(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ readonly context: BrowserContext; readonly watch: Watch }> {
  const context = await browser.newContext({ locale: 'ja-JP', ...options });
  const watch: Watch = { urls: [], complaints: [], console: [] };
  context.on('request', (request) => watch.urls.push(request.url()));
  context.on('console', (message) => {
    watch.console.push(message.text());
    const expected = /Failed to load resource: the server responded with a status of (4|5)\d\d/;
    if (!expected.test(message.text())) watch.complaints.push(message.text());
  });
  context.on('weberror', (error) => watch.complaints.push(String(error.error())));
  return { context, watch };
}

/** What a page keeps in the browser, as far as its own scripts could reach it: local, session, databases, caches, cookies. */
export function storageOf(page: Page): Promise<readonly (string | number)[]> {
  return page.evaluate<readonly (string | number)[]>(`(async () => [
    localStorage.length,
    sessionStorage.length,
    (await indexedDB.databases()).length,
    (await caches.keys()).length,
    document.cookie,
  ])()`);
}
