import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import {
  type RecordedService,
  SIMULATED_SUBJECT,
  startRecordedService,
  tokenAnswer,
} from '../../contract/auth-and-sign/recorded-service.ts';
import { mint } from '../../unit/oidc/mint.ts';
import { type RpWorld, startRpWorld } from './world.ts';

/**
 * What OpenID Connect lets a provider send, through a whole login: a member, a spelling of it, and what the citizen's
 * page and the log say then.
 */
const CLIENT_ID = 'urn:app_1@city.example/~x y&%';
let folder: string;
let provider: RecordedService;
let world: RpWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jitsuin-provider-'));
  const secretFile = join(folder, 'client-secret.txt');
  writeFileSync(secretFile, 'simulated-secret-0123456789', { mode: 0o600 });
  chmodSync(secretFile, 0o600);
  provider = await startRecordedService();
  world = await startRpWorld('sp', {
    env: {
      JITSUIN_LOGIN: 'broker',
      JITSUIN_LOGIN_ISSUER: provider.issuer,
      JITSUIN_LOGIN_CLIENT_ID: CLIENT_ID,
      JITSUIN_LOGIN_CLIENT_AUTHENTICATION: 'client_secret_basic',
      JITSUIN_LOGIN_CLIENT_SECRET_FILE: secretFile,
      JITSUIN_LOGIN_SCOPE: 'openid profile address',
    },
  });
});
afterAll(async () => {
  await world.close();
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  for (const route of Object.keys(provider.answers))
    delete provider.answers[route as keyof typeof provider.answers];
  provider.seen.length = 0;
});

interface Given {
  /** Members of UserInfo beside `sub`. */
  readonly userInfo?: Record<string, unknown>;
  /** Laid over the token answer; undefined takes a member away. */
  readonly answer?: Record<string, unknown>;
}

const WHOLE = { name: '見本　花子', address: '見本市1', birthdate: '19980720', gender: '2' };

async function logIn(given: Given): Promise<{ browser: Browser; page: Page; logged: string | undefined }> {
  const browser = new Browser();
  const sent = new URL((await browser.open(`${world.url}/login`)).location ?? '');
  expect(sent.searchParams.get('client_id')).toBe(CLIENT_ID);
  const [state, nonce] = ['state', 'nonce'].map((name) => sent.searchParams.get(name) ?? '');
  const claims = { aud: CLIENT_ID, nonce, auth_time: Math.floor(Date.now() / 1000) };
  provider.answers.token = () => ({
    json: { ...tokenAnswer(provider.issuer, provider.key, 'authorization_code', claims), ...given.answer },
  });
  provider.answers.userinfo ??= { json: { sub: SIMULATED_SUBJECT, ...(given.userInfo ?? WHOLE) } };
  const before = world.logLines.length;
  const callback = new URLSearchParams({ state: state ?? '', code: 'code' });
  const back = await browser.open(`${world.url}/login/callback?${callback}`);
  const page = back.location === undefined ? back : await browser.open(back.location);
  const line = world.logLines.slice(before).find((text) => text.includes('login.claims-left-out'));
  const logged = line === undefined ? undefined : (JSON.parse(line) as { claims: string }).claims;
  return { browser, page, logged };
}

const shown = (page: Page, id: string) => new RegExp(`<dd id="${id}">([^<]*)</dd>`).exec(page.html)?.[1];
const isIn = (page: Page) => page.html.includes('data-state="logged-in"');

describe('UserInfo of a conforming provider', () => {
  it.each([
    ['address', 'text', '東京都模擬区1', '東京都模擬区1', undefined],
    ['address', 'formatted', { formatted: '東京都\n模擬区1' }, '東京都\n模擬区1', undefined],
    ['address', 'formatted among parts', { formatted: '全部', region: '東京都' }, '全部', undefined],
    [
      'address',
      'every part',
      { street_address: '1-1', locality: '模擬区', region: '東京都', postal_code: '100-0000', country: 'JP' },
      'JP 100-0000 東京都 模擬区 1-1',
      undefined,
    ],
    ['address', 'one part', { region: '東京都' }, '東京都', undefined],
    ['address', 'empty formatted, one part', { formatted: '', locality: '模擬区' }, '模擬区', undefined],
    ['address', 'a part of another kind', { region: 7, locality: '模擬区' }, '模擬区', undefined],
    ['address', 'no member', {}, undefined, 'address:form'],
    ['address', 'empty text', '', undefined, 'address:empty'],
    ['address', 'null', null, undefined, 'address:empty'],
    ['address', 'list', ['東京都'], undefined, 'address:form'],
    ['birthdate', 'YYYYMMDD', '19850315', '1985-03-15', undefined],
    ['birthdate', 'YYYY-MM-DD', '1985-03-15', '1985-03-15', undefined],
    ['birthdate', 'YYYY', '1985', '1985', undefined],
    ['birthdate', '0000-MM-DD', '0000-03-15', '03-15', undefined],
    ['birthdate', 'year alone in eight digits', '19260000', '1926', undefined],
    ['birthdate', 'in words', '昭和60年3月15日', undefined, 'birthdate:form'],
    ['birthdate', 'a number', 19_850_315, undefined, 'birthdate:form'],
    ['birthdate', 'empty', '', undefined, 'birthdate:empty'],
    ['gender', 'male', 'male', '男', undefined],
    ['gender', 'number', 2, '女', undefined],
    ['gender', 'a word of its own', 'x', 'x', undefined],
    ['gender', 'null', null, undefined, 'gender:empty'],
    ['name', 'empty', '', undefined, 'name:empty'],
    ['name', 'blank', '　', undefined, 'name:form'],
    ['name', 'object', { ja: '花子' }, undefined, 'name:form'],
    ['name', 'without end', 'あ'.repeat(1_001), undefined, 'name:form'],
  ] as const)('%s as %s logs in', async (member, _spelling, value, expected, logged) => {
    const login = await logIn({ userInfo: { ...WHOLE, [member]: value } });
    expect(isIn(login.page)).toBe(true);
    expect(shown(login.page, member)).toBe(expected);
    expect(login.logged).toBe(logged);
    const others = (['name', 'address', 'birthdate', 'gender'] as const).filter((name) => name !== member);
    for (const name of others) expect(shown(login.page, name)).toBeDefined();
  });

  it('missing claims of the scope are named, and nothing of a value is in the log', async () => {
    const login = await logIn({ userInfo: { name: '見本　花子', birthdate: 'geheim' } });
    expect(login.logged).toBe('address:missing birthdate:form gender:missing');
    expect(world.logLines.join('')).not.toMatch(/geheim|見本/);
  });
});

describe('a token answer of a conforming provider', () => {
  it.each([
    ['expires_in', '3600'],
    ['expires_in', undefined],
    ['expires_in', null],
    ['expires_in', 0],
    ['expires_in', 10 * 365 * 86_400],
    ['expires_in', 'soon'],
    ['token_type', 'bearer'],
    ['token_type', 'BEARER'],
    ['token_type', undefined],
    ['refresh_token', undefined],
    ['refresh_token', null],
    ['refresh_token', ''],
    ['scope', 'openid'],
    ['not-before-policy', 0],
  ])('%s %j logs in', async (member, value) => {
    expect(isIn((await logIn({ answer: { [member]: value } })).page)).toBe(true);
  });

  it.each([
    ['id_token', undefined, 409, 'upstream.restart'],
    ['id_token', null, 409, 'upstream.restart'],
    ['access_token', undefined, 409, 'upstream.restart'],
    ['token_type', 'DPoP', 409, 'upstream.restart'],
  ])(
    '%s %j does not: the code is used up, and the citizen begins anew',
    async (member, value, status, code) => {
      const { page } = await logIn({ answer: { [member]: value } });
      expect([page.status, page.html.includes(`data-code="${code}"`), isIn(page)]).toEqual([
        status,
        true,
        false,
      ]);
    },
  );

  it('a refresh without an ID token keeps the login and reads the attributes anew', async () => {
    const { browser, page } = await logIn({});
    provider.answers.token = { json: { access_token: 'next', token_type: 'Bearer', expires_in: 60 } };
    provider.answers.userinfo = { json: { sub: SIMULATED_SUBJECT, ...WHOLE, name: '見本　次郎' } };
    expect((await browser.submit(page, '/account/refresh')).location).toBe(`${world.url}/account`);
    const after = await browser.open(`${world.url}/account`);
    expect([isIn(after), shown(after, 'name')]).toEqual([true, '見本　次郎']);
  });
});

describe('what is not read says what it is', () => {
  it.each([
    ['signed', () => mint(provider.key, { sub: SIMULATED_SUBJECT, ...WHOLE })],
    ['encrypted', () => 'eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVydGV4dA.dGFn'],
  ])('UserInfo %s as a JWT: no "try later", but what an operator has to do', async (_name, body) => {
    provider.answers.userinfo = { raw: body() };
    const { page } = await logIn({});
    expect([page.status, isIn(page)]).toEqual([503, false]);
    expect(page.html).toContain('data-code="oidc.user-info"');
    expect(page.html).toContain('システムの設定に問題がある');
    const line = world.logLines.findLast((text) => text.includes('login.refused')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ level: 'error', code: 'oidc.user-info' });
    expect(provider.count('userinfo')).toBe(1);
  });
});
