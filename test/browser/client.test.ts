import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_SAYS, clientImports, clientProgram, startClientServer } from '../support/client-program.ts';
import { browserAvailable, openBrowser } from './support/open-browser.ts';

const root = resolve(import.meta.dirname, '../..');

describe.skipIf(!browserAvailable())('jitsuin/client in a page', { timeout: 60_000 }, () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startClientServer>>;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startClientServer(), openBrowser()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('calls an sp of another origin, is refused, judges webhooks, signs assertions', async () => {
    const contents = `${clientImports(`${root}/dist/src/client`)}
(async () => {${await clientProgram(server.url)}})().then(
  (found) => { document.title = found; }, (thrown) => { document.title = String(thrown); });`;
    const options = { bundle: true, format: 'esm', logLevel: 'silent', write: false } as const;
    const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir: root } });
    const script = outputFiles[0]?.text ?? '';
    const site = createServer((request, response) => {
      const isScript = request.url === '/app.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
      response.end(
        isScript ? script : '<!doctype html><title></title><script type="module" src="/app.js"></script>',
      );
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => site.once('listening', listening));
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.waitForFunction('document.title !== ""');
    expect(await page.title()).toBe(CLIENT_SAYS);
    site.close();
    site.closeAllConnections();
  });
});
