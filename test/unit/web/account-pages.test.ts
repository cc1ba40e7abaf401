import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { BrowserSession } from '../../../src/ports/session-store.ts';
import { accountPage, loginEndedPage } from '../../../src/web/account/pages.ts';

const NASTY = `<img src=x onerror=alert(1)>"'&\u202e`;
const session = (attributes: object): BrowserSession => ({
  idHash: 'h',
  csrf: 'c',
  createdAt: 0 as EpochMillis,
  expiresAt: 0 as EpochMillis,
  login: { revision: 1, idToken: 'MARK-id-token', refreshToken: 'MARK-refresh-token', attributes },
});

describe('the pages of the login', () => {
  it('A15: attributes are text, whatever they hold', () => {
    const page = accountPage(
      session({ name: NASTY, address: NASTY, birthdate: NASTY, gender: NASTY }),
      'csrf',
    );
    expect(page).not.toContain('<img');
    expect(page.match(/&lt;img/g)).toHaveLength(4);
    expect(page).not.toContain('\u202e');
  });

  it('O28: no token is in the page', () => {
    expect(accountPage(session({}), 'csrf')).not.toContain('MARK');
  });

  it.each([
    ['aal3', 'card'],
    ['aal3 crl', 'card'],
    ['aal2', 'service'],
    ['xaal3', 'service'],
    [undefined, 'service'],
    [['aal3'], 'service'],
  ])('the card is named only where acr says so: %j', (acr, by) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const idToken = `${part({ alg: 'RS256' })}.${part(acr === undefined ? {} : { acr })}.c2ln`;
    const base = session({});
    const page = accountPage({ ...base, login: { revision: 1, idToken } }, 'csrf');
    expect(page).toContain(`data-by="${by}"`);
    expect(page.includes('マイナンバーカードで本人確認')).toBe(by === 'card');
  });

  it('shows the attributes readably, in Japanese first', () => {
    const page = accountPage(session({ birthdate: '19850315', gender: '1' }), 'csrf');
    expect(page).toContain('<dd id="birthdate">1985-03-15</dd>');
    expect(page).toContain('<dd id="gender">男</dd>');
    expect(page.indexOf('生年月日')).toBeLessThan(page.indexOf('Date of birth'));
  });

  it.each([
    ['oidc.state', 'ログインを始めたブラウザー'],
    ['oidc.nonce', 'もう一度ログインしてください'],
    ['upstream.unreachable', 'ただいま利用できません'],
    ['upstream.operator', 'お問い合わせ窓口'],
  ] as const)('%s tells what to do', (code, sentence) => {
    expect(loginEndedPage({ code })).toContain(sentence);
  });
});
