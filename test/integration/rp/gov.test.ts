import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { evidenceVerify } from '../../../src/cli/evidence/verify.ts';
import { evidenceExport } from '../../../src/cli/evidence.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { makeAuthority } from '../../contract/http-client/certificates.ts';
import { api, applicationOf, ended, type RpWorld, sign, startRpWorld, submit, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>模擬 𠮷田</氏名></届出>\n';

describe('gov and the simulator, end to end', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov', { env: { JITSUIN_ALLOW_FILES_IN_DIGEST_INFO: '1' } });
  });
  afterAll(() => world.close());

  it('an application is signed, fetched, verified and kept', async () => {
    const application = await submitted(world, DOCUMENT);
    expect(application).toMatchObject({
      state: 'opened',
      name: '届出',
      profile: 'enveloped',
      mode: 'digest-info',
    });
    const page = await sign(new Browser(), application.sign_url ?? '');
    expect(page.status).toBe(200);
    expect(page.html).toContain(application.identification_code);
    const done = await ended(world, application.id);
    expect(done.verdict?.indication).toBe('TOTAL-PASSED');
    const signed = await (await api(world, `/v1/applications/${application.id}/document`)).text();
    expect(signed).toContain('<氏名>模擬 𠮷田</氏名>');
    expect(signed).toMatch(/<(?:\w+:)?X509Certificate>[A-Za-z0-9+/=\s]{1000,}</);
    const report = await (await api(world, `/v1/applications/${application.id}/report`)).json();
    expect(report).toMatchObject({ result: 'OK', indication: 'TOTAL-PASSED' });
  });

  it.each([
    ['guideline', '<ZZ申請情報><申請書><氏名>模擬</氏名></申請書></ZZ申請情報>', 'application/xml', ''],
    ['by-id', '<a><b Id="signed-1">模擬</b></a>', 'application/xml', ''],
    ['detached', 'a file', 'application/octet-stream', '&mode=digest-info'],
    ['detached', 'another file', 'application/octet-stream', '&mode=digest'],
  ])('profile %s of %s', async (profile, document, type, mode) => {
    const application = await submitted(world, document, { query: `?profile=${profile}${mode}`, type });
    await sign(new Browser(), application.sign_url ?? '', { person: 'hanako' });
    const done = await ended(world, application.id);
    expect(done.verdict).toMatchObject({ indication: 'TOTAL-PASSED', reference: application.id });
    const signed = await api(world, `/v1/applications/${application.id}/document`);
    expect(signed.status).toBe(profile === 'detached' ? 404 : 200);
  });

  it('keeps evidence that is time-stamped and decides again offline, as a platform operator does', async () => {
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '');
    await ended(world, application.id);
    const env = world.env('gov');
    const out = join(world.dir, 'evidence.json');
    const said: string[] = [];
    const signal = new AbortController().signal;
    const stdout = (text: string) => void said.push(text);
    const io = { stdout, stderr: stdout, isTty: false, env, signal };
    const exporting = [application.id, '--role', 'gov', '--wait', '60', '--out', out];
    expect(await evidenceExport.run(exporting, io)).toBe(0);
    const trust = ['--trust', env['JITSUIN_TRUST_FILE'] ?? ''];
    const tsaTrust = ['--tsa-trust', env['JITSUIN_TSA_TRUST_FILE'] ?? ''];
    expect(await evidenceVerify.run([out, ...trust, ...tsaTrust, '--json'], io)).toBe(0);
    const { time, decision } = JSON.parse(said.join(''));
    expect([decision.indication, time.indication]).toEqual(['TOTAL-PASSED', 'TOTAL-PASSED']);
    expect(time.checks.map((check: { name: string }) => check.name)).toContain('time-stamp-revocation');
    expect(Date.parse(time.proven_at)).toBeLessThanOrEqual(Date.now() + 1000);
  }, 120_000);

  it('a certificate revoked: proved invalid by the agency itself, or refused by the service', async () => {
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '', { outcome: 'revoked' });
    const done = await ended(world, application.id);
    expect(done.verdict?.indication).not.toBe('TOTAL-PASSED');
    expect(done).toMatchObject({ state: 'refused', failure: { row: 'result-5' } });
  });

  it('a citizen who refuses', async () => {
    const application = await submitted(world, DOCUMENT);
    const page = await sign(new Browser(), application.sign_url ?? '', { outcome: 'refuse' });
    expect(page.html).toContain('data-state="refused"');
    expect(await applicationOf(world, application.id)).toMatchObject({
      state: 'refused',
      failure: { code: 'upstream.citizen', row: 'authorization-7' },
    });
  });

  it('a locked card', async () => {
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '', { outcome: 'locked' });
    const done = await ended(world, application.id);
    expect(done).toMatchObject({ state: 'refused', failure: { row: 'result-7' } });
    expect(done.failure?.message_ja).toContain('ロックされています');
  });
});

describe('O32: who signs at an agency', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov', {
      env: { JITSUIN_SIGNER_NAME_ELEMENT: '氏名' },
    });
  });
  afterAll(() => world.close());

  const named = (name: string) => `<届出><氏名>${name}</氏名></届出>`;
  async function logIn(browser: Browser, person: 'taro' | 'hanako') {
    const { location = '' } = await browser.open(`${world.url}/login`);
    await browser.open(await driveCitizen(location, { person }));
  }

  it('the name in the certificate is the application’s and the login’s', async () => {
    const browser = new Browser();
    await logIn(browser, 'hanako');
    const application = await submitted(world, named('模擬　花子'));
    const page = await browser.visit(application.sign_url ?? '');
    expect(page.html).toContain('模擬 花子 さんとしてログインしています');
    await sign(browser, application.sign_url ?? '', { person: 'hanako' });
    expect((await ended(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
  });

  it('the application names somebody else: refused, no certificate kept, said so', async () => {
    const application = await submitted(world, named('模擬 太郎'));
    const browser = new Browser();
    await sign(browser, application.sign_url ?? '', { person: 'hanako' });
    const done = await ended(world, application.id);
    expect(done).toMatchObject({ state: 'refused', failure: { code: 'signer.name' } });
    const page = await browser.open(`${world.url}/applications/${application.id}/complete`);
    expect(page.html).toContain('電子証明書の氏名');
    expect((await api(world, `/v1/applications/${application.id}/evidence`)).status).toBe(404);
  });

  it('somebody else than who is logged in signs: the flow ends, no session is raised', async () => {
    const browser = new Browser();
    await logIn(browser, 'hanako');
    const application = await submitted(world, named('模擬 太郎'));
    await sign(browser, application.sign_url ?? '', { person: 'taro' });
    expect(await applicationOf(world, application.id)).toMatchObject({
      state: 'refused',
      failure: { code: 'signer.other-person' },
    });
    expect(browser.cookieFor(world.url)).not.toContain('jitsuin-session');
  });

  it('an application without the element is refused at once', async () => {
    const response = await submit(world, '<届出><名>模擬</名></届出>');
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      400,
      'signer.name-element',
    ]);
  });
});

describe('where only who is logged in may sign', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov', { env: { JITSUIN_SIGNER_LOGIN: 'required' } });
  });
  afterAll(() => world.close());

  it('the citizen logs in first, is led back, and signs', async () => {
    const { sign_url: url = '', id } = await submitted(world, DOCUMENT);
    const signPage = `${world.url}/applications/${id}/sign`;
    const browser = new Browser();
    const login = await browser.visit(url);
    expect(new URL(login.url).pathname).toBe('/login');
    const back = await browser.open(await driveCitizen(login.location ?? '', { person: 'hanako' }));
    expect(back.location).toBe(signPage);
    const page = await browser.open(signPage);
    await browser.submit(await browser.open(`${world.url}/account`), '/logout');
    const sent = await browser.submit(page, '/sign');
    expect([sent.status, new URL(sent.location ?? '').pathname]).toEqual([200, '/login']);
    expect((await applicationOf(world, id)).state).toBe('opened');
    const again = (await browser.open(sent.location ?? '')).location ?? '';
    await browser.open(await driveCitizen(again, { person: 'hanako' }));
    await sign(browser, signPage, { person: 'hanako' });
    expect((await ended(world, id)).verdict?.indication).toBe('TOTAL-PASSED');
  });
});

describe.each([
  ['cannot be reached', 'upstream.unreachable'],
  ['has a certificate that is not trusted', 'upstream.tls'],
])('the service %s', (_, expected) => {
  let world: RpWorld;
  let untrusted: Server;
  beforeAll(async () => {
    untrusted = createServer(makeAuthority('simulated root').issue()).on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => untrusted.listen(0, '127.0.0.1', resolve));
    const { port } = untrusted.address() as AddressInfo;
    const env = { JITSUIN_ISSUER: `https://127.0.0.1:${port}/api/realms/main` };
    world = await startRpWorld('gov', {
      profile: 'guideline',
      ...(expected === 'upstream.tls' ? { env } : {}),
    });
    await world.simulator.close();
  });
  afterAll(async () => {
    await world.close();
    untrusted.close();
  });

  it('the application is kept, the citizen reads a sentence and can come again', async () => {
    const form = '<ZZ申請情報><申請書><氏名>模擬 太郎</氏名></申請書></ZZ申請情報>';
    const application = await submitted(world, form);
    expect(application).toMatchObject({ state: 'received', name: '申請書' });
    const browser = new Browser();
    const page = await browser.visit(application.sign_url ?? '');
    const answer = await browser.submit(page, '/sign');
    expect([answer.status, answer.html.includes(`data-code="${expected}"`)]).toEqual([503, true]);
    expect((await applicationOf(world, application.id)).state).toBe('received');
  });
});
