import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { api, applicationOf, ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>模擬 𠮷田</氏名></届出>\n';

describe('gov and the simulator, end to end', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov');
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
    const page = await sign(new Browser(), application.authorization_url ?? '');
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
    await sign(new Browser(), application.authorization_url ?? '', { person: 'hanako' });
    const done = await ended(world, application.id);
    expect(done.verdict).toMatchObject({ indication: 'TOTAL-PASSED', reference: application.id });
    const signed = await api(world, `/v1/applications/${application.id}/document`);
    expect(signed.status).toBe(profile === 'detached' ? 404 : 200);
  });

  it('a certificate revoked: proved invalid by the agency itself, or refused by the service', async () => {
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.authorization_url ?? '', { outcome: 'revoked' });
    const done = await ended(world, application.id);
    expect(done.verdict?.indication).not.toBe('TOTAL-PASSED');
    expect(done).toMatchObject({ state: 'refused', failure: { row: 'result-5' } });
  });

  it('a citizen who refuses', async () => {
    const application = await submitted(world, DOCUMENT);
    const page = await sign(new Browser(), application.authorization_url ?? '', { outcome: 'refuse' });
    expect(page.html).toContain('data-state="refused"');
    expect(await applicationOf(world, application.id)).toMatchObject({
      state: 'refused',
      failure: { code: 'upstream.citizen', row: 'authorization-7' },
    });
  });

  it('a locked card', async () => {
    const application = await submitted(world, DOCUMENT);
    await sign(new Browser(), application.authorization_url ?? '', { outcome: 'locked' });
    const done = await ended(world, application.id);
    expect(done).toMatchObject({ state: 'refused', failure: { row: 'result-7' } });
    expect(done.failure?.message_ja).toContain('ロックされています');
  });
});

describe('the service cannot be reached', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov', { profile: 'guideline' });
    await world.simulator.close();
  });
  afterAll(() => world.close());

  it('the application is kept, the citizen reads a sentence and can come again', async () => {
    const form = '<ZZ申請情報><申請書><氏名>模擬 太郎</氏名></申請書></ZZ申請情報>';
    const application = await submitted(world, form);
    expect(application).toMatchObject({ state: 'received', name: '申請書' });
    const browser = new Browser();
    const page = await browser.open(application.authorization_url ?? '');
    const answer = await browser.submit(page, '/sign');
    expect([answer.status, answer.html.includes('data-code="upstream.unreachable"')]).toEqual([503, true]);
    expect((await applicationOf(world, application.id)).state).toBe('received');
  });
});
