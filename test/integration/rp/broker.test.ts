import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import { type CitizenChoice, driveCitizen } from '../../../src/simulator/citizen.ts';
import type { SimulatorClient } from '../../../src/simulator/options.ts';
import { BROKER_CLIENT_ID, BROKER_CLIENT_SECRET, type Broker, startBroker } from '../../support/broker.ts';
import { ended, goToService, type RpWorld, startRpWorld, submitted } from './world.ts';

/** Login at a broker with the simulated service behind it; signing at the service itself. */
let folder: string;
let broker: Broker;
let world: RpWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jitsuin-broker-'));
  const secretFile = join(folder, 'client-secret.txt');
  writeFileSync(secretFile, `${BROKER_CLIENT_SECRET}\n`, { mode: 0o600 });
  chmodSync(secretFile, 0o600);
  broker = await startBroker(() => `${world.url}/login/callback`);
  world = await startRpWorld('gov', {
    env: {
      JITSUIN_LOGIN: 'broker',
      JITSUIN_LOGIN_ISSUER: broker.issuer,
      JITSUIN_LOGIN_CLIENT_ID: BROKER_CLIENT_ID,
      JITSUIN_LOGIN_CLIENT_AUTHENTICATION: 'client_secret_basic',
      JITSUIN_LOGIN_CLIENT_SECRET_FILE: secretFile,
      JITSUIN_LOGIN_TOKEN_ALGORITHM: 'RS256',
      JITSUIN_LOGIN_AT_HASH: 'if-present',
      JITSUIN_LOGIN_SCOPE: 'openid profile address',
    },
  });
  await broker.connect(world.simulator);
});
afterAll(async () => {
  await world.close();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Follows redirects; at the service the citizen acts. */
async function follow(browser: Browser, start: string, choice: CitizenChoice = {}): Promise<Page> {
  let page = await browser.open(start);
  for (let step = 0; step < 12 && page.location !== undefined; step += 1) {
    const atService = page.location.startsWith(`${world.simulator.url}/api/`);
    page = await browser.open(atService ? await driveCitizen(page.location, choice) : page.location);
  }
  return page;
}

describe('a broker in front of the service', () => {
  it('logs in at the broker, with the attributes that the service gave it', async () => {
    const browser = new Browser();
    const first = await browser.open(`${world.url}/login`);
    expect(first.location?.startsWith(broker.issuer)).toBe(true);
    // the next person at a shared computer is not the former citizen by one click
    const asked = new URL(first.location ?? '').searchParams;
    expect([asked.get('prompt'), asked.get('max_age')]).toEqual(['login', '0']);
    const page = await follow(browser, first.location ?? '', { person: 'hanako' });
    expect(page.url).toBe(`${world.url}/account`);
    const hanako = world.simulator.people.find(({ id }) => id === 'hanako');
    expect(page.html).toContain('data-state="logged-in"');
    // this broker does not say by what: nothing is said of the card
    expect(page.html).toContain('data-by="broker"');
    expect(page.html).not.toContain('マイナンバーカードで本人確認');
    expect(page.html).toContain(`<dd id="name">${hanako?.name}</dd>`);
    expect(page.html).toContain(`<dd id="address">${hanako?.address}</dd>`);
  });

  it('refreshes there', async () => {
    const browser = new Browser();
    const page = await follow(browser, `${world.url}/login`);
    expect((await browser.submit(page, '/account/refresh')).status).toBe(303);
    expect((await browser.open(`${world.url}/account`)).html).toContain('data-state="logged-in"');
  });

  it('signs at the service, and the login stays', async () => {
    const browser = new Browser();
    await follow(browser, `${world.url}/login`);
    const application = await submitted(world, '<届出>模擬</届出>');
    const callback = await goToService(browser, application.sign_url ?? '');
    expect(callback.startsWith(`${world.url}/callback?`)).toBe(true);
    await browser.open(callback);
    expect((await ended(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
    expect((await browser.open(`${world.url}/account`)).html).toContain('data-state="logged-in"');
  });

  it('O7: a callback of the service at the path of the broker, and one that names another issuer, are refused', async () => {
    const browser = new Browser();
    const application = await submitted(world, '<届出>模擬</届出>');
    const callback = await goToService(browser, application.sign_url ?? '');
    const crossed = callback.replace('/callback?', '/login/callback?');
    const refused = await browser.open(crossed);
    expect([refused.status, refused.html.includes('data-code="oidc.state"')]).toEqual([400, true]);
    const named = await browser.open(
      `${world.url}/login/callback?state=x&code=y&iss=${encodeURIComponent(world.simulator.issuer)}`,
    );
    expect([named.status, named.html.includes('data-code="oidc.issuer"')]).toEqual([422, true]);
  });

  it('the service’s logout token is refused at the broker’s logout address and ends nothing', async () => {
    const browser = new Browser();
    await follow(browser, `${world.url}/login`, { person: 'hanako' });
    const application = await submitted(world, '<届出>模擬</届出>');
    await browser.open(await goToService(browser, application.sign_url ?? '', { person: 'hanako' }));
    const clients = join(world.dir, 'world', 'simulator', 'clients.json');
    const own = (JSON.parse(readFileSync(clients, 'utf8')) as SimulatorClient[]).find(
      ({ clientId }) => clientId === world.clientId,
    );
    if (own === undefined) throw new Error('not registered');
    const backchannelLogoutUri = `${world.url}/login/backchannel-logout`;
    world.simulator.registerClient({ ...own, backchannelLogoutUri });
    const deliveries = await world.simulator.logout({ person: 'hanako', clientId: world.clientId });
    expect(deliveries).toEqual([{ clientId: world.clientId, status: 400 }]);
    expect((await browser.open(`${world.url}/account`)).html).toContain('data-state="logged-in"');
  });
});
