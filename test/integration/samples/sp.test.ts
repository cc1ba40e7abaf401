import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { type CitizenWorld, startCitizenWorld } from '../../browser/support/citizen-world.ts';
import { freePorts } from '../../support/ports.ts';
import { SoftwareAuthenticator } from '../../support/software-authenticator.ts';
import { root, type SampleProcess, signWhereItSays, startTypeScript } from './sample-process.ts';

const start = (world: CitizenWorld, env: Readonly<Record<string, string>> = {}) =>
  startTypeScript('samples/sp/sign.ts', [], {
    JITSUIN_URL: world.url,
    JITSUIN_API_KEY: world.apiKey,
    ...env,
  });

async function printsReceipt(sample: SampleProcess): Promise<string> {
  const { status, output } = await sample.ended();
  expect(output).toContain('decided TOTAL-PASSED');
  expect(output).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/m);
  expect(status).toBe(0);
  return output;
}

describe('samples/sp', { timeout: 120_000 }, () => {
  let world: CitizenWorld;
  beforeAll(async () => {
    world = await startCitizenWorld({ JITSUIN_WEBHOOK_LOOPBACK: '1' });
  });
  afterAll(() => world?.close());

  it('asks until the end, and prints the receipt', async () => {
    const sample = start(world);
    await signWhereItSays(sample);
    expect(await printsReceipt(sample)).not.toContain('told by webhook');
  });

  it('is told by webhook, and leaves no endpoint behind', async () => {
    const [port = 0] = await freePorts(1);
    const sample = start(world, { WEBHOOK_PORT: String(port) });
    await signWhereItSays(sample);
    expect(await printsReceipt(sample)).toContain('told by webhook');
    const headers = { authorization: `Bearer ${world.apiKey}` };
    const answer = await fetch(`${world.url}/v1/webhook-endpoints`, { headers });
    expect(await answer.json()).toEqual({ items: [] });
  });

  it('says why nothing was signed', async () => {
    const sample = start(world);
    await signWhereItSays(sample, { outcome: 'refuse' });
    const { status, output } = await sample.ended();
    expect([status, output]).toEqual([1, expect.stringContaining('refused 連携に同意されなかった')]);
  });
});

describe('samples/sp with passkey.env', { timeout: 120_000 }, () => {
  let world: CitizenWorld;
  beforeAll(async () => {
    const env = parseEnv(readFileSync(join(root, 'samples/sp/passkey.env'), 'utf8'));
    world = await startCitizenWorld(env as Record<string, string>, 'localhost');
  });
  afterAll(() => world?.close());

  const hidden = (page: Page, name: string) =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(page.html)?.[1] ?? '';

  it('card once, then passkey; the card signs', async () => {
    const { origin } = new URL(world.url);
    const at = { rpId: 'localhost', origin };
    const authenticator = new SoftwareAuthenticator();
    const post = async (browser: Browser, path: string, fields: Record<string, string>) => {
      const headers = { cookie: browser.cookieFor(origin), origin };
      const body = new URLSearchParams(fields);
      return fetch(`${origin}${path}`, { method: 'POST', redirect: 'manual', headers, body });
    };
    const first = new Browser();
    const { location: toService = '' } = await first.open(`${origin}/login`);
    await first.open(await driveCitizen(toService, { person: 'hanako' }));
    const list = await first.open(`${origin}/account/passkeys`);
    const challenge = hidden(list, 'challenge');
    const passkey = authenticator.create({ ...at, challenge });
    await post(first, '/account/passkeys', { csrf: hidden(list, 'csrf'), challenge, passkey, name: '電話' });

    const sample = start(world);
    const browser = new Browser();
    const login = await browser.visit(await sample.says(/open in a browser: (\S+)\n/));
    expect(new URL(login.url).pathname).toBe('/login/passkey');
    const given = { csrf: hidden(login, 'csrf'), challenge: hidden(login, 'challenge') };
    const answer = authenticator.get({ ...at, challenge: given.challenge });
    const returnTo = hidden(login, 'return_to');
    const back = await post(browser, '/login/passkey', { ...given, passkey: answer, return_to: returnTo });
    expect([back.status, back.headers.get('location')]).toEqual([303, returnTo]);
    const [cookie = ''] = back.headers.getSetCookie();
    browser.keep(origin, cookie);
    const page = await browser.open(`${origin}${returnTo}`);
    expect(page.html).toContain('id="signer"');
    const sent = await browser.submit(page, '/sign');
    await browser.visit(await driveCitizen(sent.location ?? '', { person: 'hanako' }));
    await printsReceipt(sample);
  });
});
