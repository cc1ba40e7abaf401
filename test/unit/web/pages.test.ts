import { describe, expect, it } from 'vitest';
import { completionPage } from '../../../src/web/applicant/completion-page.ts';
import { confirmationPage } from '../../../src/web/applicant/confirmation-page.ts';
import { errorPage } from '../../../src/web/applicant/error-page.ts';
import { escapeText, html } from '../../../src/web/html.ts';
import { fakeWorld } from '../../support/fakes.ts';
import { received } from '../../support/flow.ts';

const EVIL = '"><script>alert(1)</script>\u202e&\'';

describe('html', () => {
  it('escapes every inserted text and no inserted markup', () => {
    expect(html`<p title="${EVIL}">${html`<b>${'<'}</b>`}${[html`<i></i>`]}${undefined}${3}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]&amp;&#39;"><b>&lt;</b><i></i>3</p>',
    );
  });

  it('shows what cannot be seen and changes no other character', () => {
    expect(escapeText('a\u200bb\u0007')).toBe('a[U+200B]b[U+0007]');
    expect(escapeText('髙𠮷葛\u{e0100}が')).toBe('髙𠮷葛\u{e0100}が');
  });
});

describe('the citizen’s pages', () => {
  it('the confirmation page shows name and code, Japanese first, and posts with the token', async () => {
    const application = await received(fakeWorld(), { displayName: EVIL });
    const page = confirmationPage(application, 'csrf-token', { document: undefined, login: undefined });
    expect(page).toContain('<html lang="ja">');
    expect(page).toContain(application.identificationCode);
    expect(page).toContain('<input type="hidden" name="csrf" value="csrf-token">');
    expect(page).not.toContain('<script');
  });

  it.each([
    ['refused', { code: 'upstream.citizen', row: 'result-7' }, '署名用電子証明書がロックされています'],
    ['expired', { code: 'transaction.expired' }, '有効な時間が過ぎました'],
    ['failed', { code: 'upstream.operator' }, 'お問い合わせ窓口'],
  ] as const)('%s is said in the words of the row', async (state, failure, text) => {
    const application = await received(fakeWorld(), { state, failure });
    expect(completionPage(application, 'full')).toContain(text);
  });

  it('a browser that is logged out reads neither name nor code', async () => {
    const application = await received(fakeWorld(), { state: 'authorized', displayName: 'MARK-name' });
    const page = completionPage(application, 'state');
    expect(page).not.toContain('MARK-name');
    expect(page).not.toContain(application.identificationCode);
    expect(page).toContain('data-state="authorized"');
  });

  it('the error page has the code and the reference, nothing else of the request', () => {
    const page = errorPage('oidc.state', '00000000-0000-0000-0000-000000000001');
    expect(page).toContain('data-code="oidc.state"');
    expect(page).toContain('00000000-0000-0000-0000-000000000001');
  });
});
