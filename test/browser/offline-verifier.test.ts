import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offlinePage } from '../../scripts/offline.mjs';
import { main } from '../../src/cli/main.ts';
import { toPem } from '../../src/simulator/jpki/certificate.ts';
import { stampedExport } from '../attacks/evidence/forger.ts';
import { anchorsPem, NOW } from '../support/pf-signing.ts';
import { startPfWorld } from '../support/pf-world.ts';
import { APPLICATION } from '../support/xmldsig/documents.ts';
import { testCrl, testRoot } from '../support/xmldsig/signers.ts';
import { signDocument } from '../support/xmldsig/signing.ts';
import { evidenceFor, registry } from '../unit/evidence/evidence-kit.ts';
import { tsa } from '../unit/timestamp/tsa-kit.ts';
import { axeViolations } from './support/axe.ts';
import { browserAvailable, openBrowser } from './support/open-browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-offline-'));
function put(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const SIZES = [
  { width: 375, height: 812 },
  { width: 1280, height: 800 },
];

describe.skipIf(!browserAvailable())('the offline verifier in a real browser', { timeout: 90_000 }, () => {
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];
  const said: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    const file = put('verify.html', await offlinePage());
    page = await (await browser.newContext()).newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    await page.goto(pathToFileURL(file).href);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
  });

  async function judged(): Promise<readonly (string | null)[]> {
    await page.click('button[type=submit]');
    await page.waitForSelector('#verdict');
    const status = await page.getAttribute('#verdict', 'data-status');
    return [status, await page.getAttribute('#verdict', 'data-outcome')];
  }

  it('judges a document that was brought, and one that was changed', async () => {
    const signed = signDocument(APPLICATION, 'enveloped');
    await page.setInputFiles('#file', put('signed.xml', signed));
    await page.setInputFiles('#trust', put('root.pem', toPem(testRoot().certificateDer)));
    await page.setInputFiles('#crls', put('good.crl', testCrl({ revoked: false })));
    await page.selectOption('#policy', 'general');
    expect(await judged()).toEqual(['0', 'valid']);
    expect(await page.textContent('#verdict')).toContain('署名は有効です。');
    expect(await page.textContent('#text')).toContain('TOTAL-PASSED');
    await page.setInputFiles('#file', put('changed.xml', signed.replace('2025/02/04', '2026/02/04')));
    expect(await judged()).toEqual(['1', 'wrong']);
  });

  it('judges evidence, with anchors that were pasted', async () => {
    await page.selectOption('#kind', 'evidence');
    await page.setInputFiles(
      '#file',
      put('evidence.json', stampedExport(evidenceFor('browser').octets, NOW)),
    );
    await page.setInputFiles('#trust', []);
    await page.fill('#trust-text', anchorsPem(registry));
    await page.click('summary >> nth=0');
    await page.setInputFiles('#tsa', put('tsa.pem', toPem(tsa.rootCertificate)));
    await page.fill('#at', '2026-11-22T09:00:00Z');
    expect(await judged()).toEqual(['0', 'valid']);
  });

  it('says what is missing instead of judging', async () => {
    await page.fill('#trust-text', '');
    await page.click('button[type=submit]');
    await page.waitForSelector('#refused');
    expect(await page.textContent('#refused')).toContain('A trust anchor is missing.');
  });

  it.each(SIZES)('has nothing that axe finds, and nothing beyond its edge, at $width px', async (size) => {
    await page.setViewportSize(size);
    for (const kind of ['document', 'form', 'file', 'evidence', 'receipt']) {
      await page.selectOption('#kind', kind);
      expect(await axeViolations(page), kind).toEqual([]);
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth > document.documentElement.clientWidth',
      );
      expect(wide, kind).toBe(false);
    }
  });

  it('a page of jitsuin verify --html judges again what lies in it, and tells when it is told otherwise', async () => {
    const out = join(folder, 'kept.html');
    const file = put('kept.xml', signDocument(APPLICATION, 'enveloped'));
    const root = put('root.pem', toPem(testRoot().certificateDer));
    const rules = ['--trust', root, '--no-revocation', '--policy', 'general', '--at', '2026-11-22T09:00:00Z'];
    const io = { stdout: () => {}, stderr: () => {}, isTty: false, env: {} };
    const signal = new AbortController().signal;
    expect(await main(['verify', file, ...rules, '--html', out], { ...io, signal })).toBe(0);
    const other = await (await browser.newContext()).newPage();
    await other.goto(pathToFileURL(out).href);
    expect(await other.getAttribute('#kept', 'data-same')).toBe('true');
    expect(await other.getAttribute('#verdict', 'data-outcome')).toBe('valid');
    expect(await axeViolations(other)).toEqual([]);
    const forged = readFileSync(out, 'utf8').replace('"status":0', '"status":1');
    await other.goto(pathToFileURL(put('forged.html', forged)).href);
    expect(await other.getAttribute('#kept', 'data-same')).toBe('false');
  });

  it('a platform operator offers it at /verify, with its anchors in it and a policy as strict as its own', async () => {
    const world = await startPfWorld();
    try {
      const other = await (await browser.newContext()).newPage();
      const wrong: string[] = [];
      other.on('console', (message) => wrong.push(message.text()));
      await other.goto(`${world.url}/verify`);
      const [answer] = await Promise.all([other.waitForNavigation(), other.click('#offline a')]);
      expect(answer?.headers()['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'sha256-[^;]+; /,
      );
      expect(await other.textContent('#trust-said')).toMatch(/[1-9]件/);
      await other.setInputFiles('#file', put('unsigned.xml', '<a/>'));
      await other.click('button[type=submit]');
      await other.waitForSelector('#verdict');
      expect(await other.textContent('#text')).toContain('xmldsig.unsigned');
      expect(wrong).toEqual([]);
    } finally {
      await world.close();
    }
  });

  it('asked no network for anything, its console is empty, and its policy refuses who would ask', async () => {
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    expect(said).toEqual([]);
    const refused = await page.evaluate(
      "fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => String(error))",
    );
    expect(refused).toContain('Failed to fetch');
    expect(said.join()).toContain('Content Security Policy');
  });
});
