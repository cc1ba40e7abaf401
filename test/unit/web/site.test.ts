import { readFileSync } from 'node:fs';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application } from '../../../src/core/sign-transaction/application.ts';
import { completionPage } from '../../../src/web/applicant/completion-page.ts';
import { confirmationPage } from '../../../src/web/applicant/confirmation-page.ts';
import { contrast } from '../../../src/web/site/contrast.ts';
import { siteOf, siteRoutes } from '../../../src/web/site/site.ts';
import { parseSiteFile } from '../../../src/web/site/site-file.ts';
import { fakeWorld } from '../../support/fakes.ts';
import { received } from '../../support/flow.ts';

const SAMPLE = readFileSync(new URL('../../../samples/site.json', import.meta.url), 'utf8');
const NAMES = JSON.stringify({
  app: { name: { ja: '新アプリ', en: 'New App' }, former: { ja: '旧名', en: 'old name' }, ios: '20.1' },
});

describe('the file of the site', () => {
  it('black on white is 21 to 1, a colour on itself 1 to 1', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#123456', '#123456')).toBe(1);
  });

  it('the sample is good', () => {
    expect(parseSiteFile(SAMPLE).organization?.name.ja).toBe('模擬市役所');
  });

  it.each([
    ['not JSON', '{', 'not JSON'],
    ['a colour that cannot be read on white', colours('#7096f8', '#7096f8'), 'organization.colours.light'],
    [
      'a colour that cannot be read on the dark ground',
      colours('#0017c1', '#0017c1'),
      'organization.colours.dark',
    ],
    ['a notice without TLS', SAMPLE.replace('https:', 'http:'), 'organization.privacy_notice'],
    [
      'a logo elsewhere',
      SAMPLE.replace('"organization": {', '"organization": { "logo": "../x.png",'),
      'logo',
    ],
    ['an unknown member', '{"colour": 1}', ''],
  ])('%s is refused, and the member named', (_, text, member) => {
    expect(() => parseSiteFile(text)).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining(member) }),
    );
  });
});

function colours(light: string, dark: string): string {
  return JSON.stringify({
    organization: { name: { ja: '市', en: 'City' }, colours: { light, dark } },
  });
}

describe('the pages say for whom one signs, where, and with which app', () => {
  const pages: Record<string, string> = {};
  const servers: { close(): void }[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });
  let application: Application;
  beforeAll(async () => {
    application = await received(fakeWorld());
    pages['none'] = await pageUnder(undefined, 'production');
    pages['city'] = await pageUnder(SAMPLE, 'test');
    pages['names'] = await pageUnder(NAMES, 'production');
  });

  async function pageUnder(file: string | undefined, environment: 'test' | 'production'): Promise<string> {
    const app = express();
    siteRoutes(app, siteOf(file === undefined ? undefined : parseSiteFile(file), environment, undefined));
    app.get('/', (_request, response) => {
      const waiting = completionPage({ ...application, state: 'authorizing' }, 'full');
      const parts = { document: undefined, login: undefined };
      response.send(confirmationPage(application, 'csrf', parts) + waiting);
    });
    const server = app.listen(0);
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const theme = await (await fetch(`http://127.0.0.1:${port}/assets/site.css`)).text();
    return `${await (await fetch(`http://127.0.0.1:${port}/`)).text()}<style>${theme}</style>`;
  }

  it('by default: the names of 2026, the old one in brackets, no badge', () => {
    expect(pages['none']).toContain('マイナアプリ(旧デジタル認証アプリ)に表示される');
    expect(pages['none']).toContain('iOS 16.4以降');
    expect(pages['none']).not.toMatch(/試験環境|id="contact"/);
  });

  it('name, contact, notice, colour and the badge of the test environment', () => {
    for (const said of [
      '模擬市役所',
      '00-0000-0000',
      'https://city.example/privacy',
      '試験環境',
      '--key: #0017c1',
    ])
      expect(pages['city']).toContain(said);
  });

  it('the names are one set: nothing of the default is left', () => {
    expect(pages['names']).toContain('新アプリ(旧名)に表示される');
    expect(pages['names']).toContain('iOS 20.1以降');
    expect(pages['names']).not.toMatch(/マイナアプリ|デジタル認証アプリ/);
  });

  it('what is needed stands before the button; ways on stand on both pages', () => {
    const page = pages['none'] ?? '';
    expect(page.indexOf('id="needs"')).toBeLessThan(page.indexOf('マイナンバーカードで署名する<'));
    expect(page.match(/id="trouble"/g)).toHaveLength(2);
    for (const said of [
      '画面ロック',
      '利用登録',
      '4桁の暗証番号ではありません',
      'シークレットモード',
      '6桁の番号',
      '何も起きない',
      '別のアプリ',
      '別のブラウザー',
      'QRコードが出た',
    ])
      expect(page).toContain(said);
  });
});
