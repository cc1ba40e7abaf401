import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offlinePage } from '../../scripts/offline.mjs';
import { toPem } from '../../src/simulator/jpki/certificate.ts';
import { stampedExport } from '../attacks/evidence/forger.ts';
import { anchorsPem, NOW } from '../support/pf-signing.ts';
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
