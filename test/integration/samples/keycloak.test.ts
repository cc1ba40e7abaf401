import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClientKey, publicClientKey } from '../../../src/adapters/keys/client-key.ts';
import { writeKeyFile } from '../../../src/adapters/keys/key-file.ts';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import { readEnvFile } from '../../../src/config/env-file.ts';
import { defined } from '../../../src/core/defined.ts';
import { type CitizenChoice, driveCitizen } from '../../../src/simulator/citizen.ts';
import type { ObservedRequest, PublicJwk } from '../../../src/simulator/options.ts';
import { notRunUnless } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import { type RpWorld, startRpWorld } from '../rp/world.ts';
import { ADMIN, hasKeycloak, startKeycloak } from './keycloak-server.ts';
import { root } from './sample-process.ts';

const there = hasKeycloak();
if (!there)
  notRunUnless(
    'JITSUIN_REQUIRE_KEYCLOAK',
    'a login through Keycloak (samples/brokers)',
    'node scripts/get-keycloak.mjs; Java 17 or newer',
  );

const REALM = 'city';
const AT_SERVICE = 'KEYCLOAK0001';
const AT_KEYCLOAK = 'jitsuin';
const MOST_STEPS = 12;
const ID_TOKEN_FAULTS = [
  ...['wrong-at-hash', 'missing-at-hash', 'wrong-nonce', 'missing-nonce', 'wrong-kid', 'missing-kid'],
  ...[
    'alg-none',
    'alg-hs256',
    'alg-rs256',
    'wrong-signature',
    'wrong-iss',
    'wrong-aud',
    'extra-aud',
    'wrong-azp',
  ],
  ...[
    'old-iat',
    'future-iat',
    'expired',
    'missing-exp',
    'wrong-sub',
    'crit-header',
    'logout-token-as-id-token',
  ],
] as const;

describe.skipIf(!there)('Keycloak with the realm file of samples/brokers', { timeout: 120_000 }, () => {
  let folder: string;
  let base: string;
  let world: RpWorld;
  let keycloak: Awaited<ReturnType<typeof startKeycloak>>;
  const observed: ObservedRequest[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'jitsuin-behind-keycloak-'));
    const [port = 0] = await freePorts(1);
    base = `http://127.0.0.1:${port}`;
    const key = await generateClientKey('ES256');
    const keyFile = join(folder, 'client-key.json');
    await writeKeyFile(keyFile, { active: key.kid, keys: [key] });
    world = await startRpWorld('sp', {
      observed: (request) => void observed.push(request),
      env: {
        ...readEnvFile(join(root, 'samples/brokers/keycloak.env')).values,
        JITSUIN_LOGIN_ISSUER: `${base}/realms/${REALM}`,
        JITSUIN_LOGIN_CLIENT_KEY_FILE: keyFile,
      },
    });
    const { kid, x = '', y = '' } = publicClientKey(key);
    keycloak = await startKeycloak(port, REALM, {
      KEYCLOAK_URL: base,
      JPKI_REALM: REALM,
      JPKI_ISSUER: world.simulator.issuer,
      JPKI_CLIENT_ID: AT_SERVICE,
      APP_CLIENT_ID: AT_KEYCLOAK,
      APP_URL: world.url,
      APP_KEY_KID: kid,
      APP_KEY_X: x,
      APP_KEY_Y: y,
    });
    const protocol = `${base}/realms/${REALM}/protocol/openid-connect`;
    const { keys } = (await (await fetch(`${protocol}/certs`)).json()) as { keys: PublicJwk[] };
    world.simulator.registerClient({
      clientId: AT_SERVICE,
      variant: 'private',
      redirectUris: [`${base}/realms/${REALM}/broker/jpki/endpoint`],
      jwks: { keys },
      backchannelLogoutUri: `${protocol}/logout/backchannel-logout`,
    });
  }, 240_000);

  afterAll(async () => {
    await keycloak?.close();
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Follows redirects from the app on; at the service the citizen acts. The page at the end, within MOST_STEPS. */
  async function logIn(browser: Browser, choice: CitizenChoice = {}): Promise<Page> {
    let page = await browser.open(`${world.url}/login`);
    for (let step = 0; page.location !== undefined; step += 1) {
      if (step === MOST_STEPS) throw new Error(`no end at ${new URL(page.url).pathname}`);
      const atService = page.location.startsWith(world.simulator.issuer);
      page = await browser.open(atService ? await driveCitizen(page.location, choice) : page.location);
    }
    return page;
  }

  const stateOf = (page: Page) => /data-state="([^"]*)"/.exec(page.html)?.[1];
  const codeOf = (page: Page) => [page.status, /data-code="([^"]*)"/.exec(page.html)?.[1]];
  const account = (browser: Browser) => browser.open(`${world.url}/account`);
  const timesAsked = () => observed.filter(({ endpoint }) => endpoint === 'authorization').length;

  it('logs in by card alone, without a question of its own, with the attributes of the service', async () => {
    observed.length = 0;
    const page = await logIn(new Browser(), { person: 'hanako' });
    expect([page.url, stateOf(page)]).toEqual([`${world.url}/account`, 'logged-in']);
    // what the realm file names as proof came: it is not shown as a login through a broker
    expect(page.html).toContain('data-by="service"');
    const hanako = world.simulator.people.find(({ id }) => id === 'hanako');
    expect(page.html).toContain(`<dd id="name">${hanako?.name}</dd>`);
    expect(page.html).toContain(`<dd id="address">${hanako?.address}</dd>`);
    expect(page.html).toContain('<dd id="birthdate">1998-07-20</dd>');
    expect(page.html).toContain('<dd id="gender">女</dd>');
    const [asked] = observed;
    expect(asked?.parameters).toMatchObject({
      prompt: 'login',
      acr_values: 'aal3 crl',
      scope: 'openid name address birthdate gender',
      code_challenge_method: 'S256',
      nonce: expect.stringMatching(/^.{16,255}$/),
      // the long one holds the redirect URI, and passes 255 characters with one of some length
      state: expect.stringMatching(/^.{32,100}$/),
    });
    // nothing that it sent was against a rule of the service
    expect(world.simulator.journal.filter(({ explanation }) => explanation !== undefined)).toEqual([]);
  });

  it('asks the service anew each time, and refreshes without it', async () => {
    const browser = new Browser();
    await logIn(browser, { person: 'hanako' });
    const before = timesAsked();
    const page = await logIn(browser, { person: 'hanako' });
    expect([timesAsked(), stateOf(page)]).toEqual([before + 1, 'logged-in']);
    expect((await browser.submit(page, '/account/refresh')).status).toBe(303);
    expect([timesAsked(), stateOf(await account(browser))]).toEqual([before + 1, 'logged-in']);
  });

  it.each([['refuse'], ['authentication-failed']] as const)(
    'a citizen whose login ends by "%s" reads so and finds the way back',
    async (outcome) => {
      const browser = new Browser();
      const page = await logIn(browser, { outcome });
      // at Keycloak, which tells the two not apart; the app hears of neither
      expect([page.status, new URL(page.url).origin]).toEqual([400, base]);
      expect(page.html).toContain('デジタル認証アプリでの認証時にアクセスが拒否されました');
      const back = await browser.open(wayBack(page));
      expect(back.location).toBe(`${world.url}/account`);
      expect(page.html).not.toContain('type="password"');
      expect(stateOf(await account(browser))).toBe('logged-out');
    },
  );

  it('a login that the card did not lead in is refused', async () => {
    const admin = await administrator();
    const person = {
      username: 'insider',
      email: 'insider@city.example',
      firstName: '太郎',
      lastName: '模擬',
    };
    const credentials = [{ type: 'password', value: ADMIN.password, temporary: false }];
    await admin('POST', '/users', { ...person, enabled: true, credentials });
    // what the realm file switches off
    await admin('PUT', '', { browserFlow: 'browser' });
    try {
      const browser = new Browser();
      const form = await logIn(browser);
      const { username } = person;
      const back = await sendForm(browser, form, /<form id="kc-form-login"[^>]*action="([^"]*)"/, {
        username,
        password: ADMIN.password,
      });
      expect(back.location?.startsWith(`${world.url}/login/callback?`)).toBe(true);
      expect(codeOf(await browser.open(back.location ?? ''))).toEqual([422, 'oidc.proof']);
      expect(stateOf(await account(browser))).toBe('logged-out');
    } finally {
      await admin('PUT', '', { browserFlow: 'card only' });
    }
  });

  it('a logout at the service ends the login at the app', async () => {
    const browser = new Browser();
    await logIn(browser, { person: 'hanako' });
    const deliveries = await world.simulator.logout({ person: 'hanako', clientId: AT_SERVICE });
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set([200]));
    expect(stateOf(await account(browser))).toBe('logged-out');
  });

  it('a logout at the app lets nobody else in: the next person ends the former login at Keycloak first', async () => {
    const browser = new Browser();
    const page = await logIn(browser, { person: 'hanako' });
    await browser.submit(page, '/logout');
    expect(stateOf(await account(browser))).toBe('logged-out');
    const before = timesAsked();
    const stopped = await logIn(browser);
    expect([timesAsked(), stopped.status, new URL(stopped.url).origin]).toEqual([before + 1, 400, base]);
    expect(stopped.html).toContain('まずログアウトしてください');
    const asked = await browser.open(wayBack(stopped));
    const left = await sendForm(browser, asked, /<form [^>]*action="([^"]*logout-confirm[^"]*)"/, {});
    expect(left.location).toBe(`${world.url}/account`);
    // whom Keycloak made a user of before it stopped him
    expect((await logIn(browser)).html).toContain('模擬 太郎');
  });

  it('of what the service’s ID token may have wrong it lets these through', async () => {
    const through: string[] = [];
    for (const fault of ID_TOKEN_FAULTS) {
      world.simulator.faults.next('token', fault);
      const browser = new Browser();
      await logIn(browser, { person: 'hanako' });
      if (stateOf(await account(browser)) === 'logged-in') through.push(fault);
    }
    expect(through).toEqual([
      ...['wrong-at-hash', 'missing-at-hash', 'missing-kid', 'alg-rs256', 'extra-aud'],
      ...['old-iat', 'future-iat', 'missing-exp', 'crit-header'],
    ]);
  });

  /** Where a page of Keycloak's leads back to the app by a link. */
  const wayBack = (page: Page) =>
    /<a id="backToApplication" href="([^"]*)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? '';

  /** Sends a form of Keycloak's with its hidden fields and `fields`. */
  async function sendForm(
    browser: Browser,
    page: Page,
    form: RegExp,
    fields: Readonly<Record<string, string>>,
  ): Promise<Page> {
    const found = form.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const action = new URL(found, page.url).href;
    const hidden = [...page.html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const answer = await fetch(action, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: browser.cookieFor(action) },
      body: new URLSearchParams({
        ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
        ...fields,
      }),
    });
    for (const line of answer.headers.getSetCookie()) browser.keep(base, line);
    const location = answer.headers.get('location') ?? undefined;
    return defined({ url: action, status: answer.status, html: await answer.text(), location });
  }

  /** Keycloak's admin API, under the realm. */
  async function administrator(): Promise<(method: string, path: string, body: object) => Promise<void>> {
    const token = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN }),
    });
    const { access_token: accessToken } = (await token.json()) as { access_token: string };
    return async (method, path, body) => {
      const answer = await fetch(`${base}/admin/realms/${REALM}${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    };
  }
});
